"""Ratios and differences: published tables, other packages, hand examples."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep
from statsmodels.stats.rates import test_poisson_2indep as poisson_test

from warehouse.statistics import compare

CLOSE = {"rel": 1e-9, "abs": 1e-12}
pairs = st.integers(2, 2_000).flatmap(lambda n: st.tuples(st.integers(1, n), st.just(n)))


@pytest.mark.parametrize(("x1", "n1", "x0", "n0"), [(15, 100, 30, 400), (1, 2, 1, 50), (99, 100, 180, 200)])
@pytest.mark.parametrize("confidence", [0.95, 0.998])
def test_risk_ratio_is_katz(x1: int, n1: int, x0: int, n0: int, confidence: float) -> None:
    wanted = confint_proportions_2indep(x1, n1, x0, n0, compare="ratio", method="log", alpha=1 - confidence)
    assert compare.risk_ratio(x1, n1, x0, n0, confidence) == pytest.approx((x1 / n1 / (x0 / n0), *wanted), **CLOSE)


def test_rate_ratio_by_hand_from_ten_events() -> None:
    """60 per 1,000 over 90 per 3,000 is 2; times exp(-+1.95996 sqrt(1/60 + 1/90)) = 0.721 and 1.387."""
    ratio, lower, upper = compare.rate_ratio(60, 1_000, 90, 3_000)
    assert ratio == pytest.approx(2)
    assert (lower / 2, upper / 2) == pytest.approx(
        (np.exp(-1.959963984540054 / 6), np.exp(1.959963984540054 / 6)), **CLOSE
    )


@pytest.mark.parametrize(("x1", "n1", "x0", "n0"), [(4, 800.0, 21, 3_011.0), (9, 50.0, 2, 70.0), (12, 100.0, 9, 100.0)])
def test_rate_ratio_of_few_events_is_exact(x1: int, n1: int, x0: int, n0: int) -> None:
    """By scipy's Clopper-Pearson limits of x1 among both, and by statsmodels' conditional test at each limit."""
    made = compare.rate_ratio(x1, float(n1), x0, float(n0))
    share = stats.binomtest(x1, x1 + x0).proportion_ci(0.95, method="exact")
    assert made[1:] == pytest.approx([p / (1 - p) * n0 / n1 for p in share], **CLOSE)
    for limit, side in ((made.lower, "larger"), (made.upper, "smaller")):
        test = poisson_test(x1, n1, x0, n0, value=float(limit), method="exact-cond", alternative=side)
        assert test.pvalue == pytest.approx(0.025, rel=1e-6)


@given(pairs, pairs)
def test_a_ratio_turned_over_is_its_reciprocal(one: tuple[int, int], other: tuple[int, int]) -> None:
    for function in (compare.risk_ratio, compare.rate_ratio):
        there, back = function(*one, *other), function(*other, *one)
        assert there.lower <= there.value <= there.upper
        assert (1 / back.value, 1 / back.upper, 1 / back.lower) == pytest.approx(tuple(there), rel=1e-8)


@pytest.mark.parametrize("function", [compare.risk_ratio, compare.rate_ratio])
def test_no_ratio_of_zero_counts(function) -> None:
    made = function([0, 5, 5, np.nan, 5], [10, 10, 0, 10, 10], [5, 0, 5, 5, 5], [10, 10, 10, 10, 10])[0]
    assert np.isnan(made).tolist() == [True, True, True, True, False]


# Newcombe, Statistics in Medicine 17 (1998) 873-890, table II, method 10.
@pytest.mark.parametrize(
    ("x1", "n1", "x0", "n0", "lower", "upper"),
    [(56, 70, 48, 80, 0.0524, 0.3339), (9, 10, 3, 10, 0.1705, 0.8090), (5, 56, 0, 29, -0.0381, 0.1926)],
)
def test_difference_published(x1: int, n1: int, x0: int, n0: int, lower: float, upper: float) -> None:
    made = compare.difference(x1, n1, x0, n0)
    assert made[1:] == pytest.approx((lower, upper), abs=6e-5)
    assert made[1:] == pytest.approx(
        confint_proportions_2indep(x1, n1, x0, n0, compare="diff", method="newcomb"), **CLOSE
    )


@given(pairs, pairs)
def test_a_difference_turned_over_changes_its_sign(one: tuple[int, int], other: tuple[int, int]) -> None:
    there, back = compare.difference(*one, *other), compare.difference(*other, *one)
    assert -1 <= there.lower <= there.value <= there.upper <= 1
    assert (-back.value, -back.upper, -back.lower) == pytest.approx(tuple(there), abs=1e-12)


def test_disproportionality_by_hand() -> None:
    """24 of 100 against 60 of 500 others: 2.0, and 24 of 84 plans to 100 of 600 children: 12/7.
    Others with 6 plans: against the wider area's 900 of 9,000, 2.4. Others with 25 children: the same.
    A group of 9, and nobody to compare with: no ratio. 13 of 100 against 60 of 500: 1.08, no alert.
    """
    made = compare.disproportionality(
        x=[24, 24, 24, 9, 24, 13],
        n=[100, 100, 100, 100, 100, 100],
        other_x=[60, 6, 12, 60, 6, 60],
        other_n=[500, 40, 25, 500, 40, 500],
        wider_x=[900, 900, 900, 900, 9, 900],
        wider_n=[9_000, 9_000, 9_000, 9_000, 9_000, 9_000],
    )
    assert made.basis.tolist() == ["local", "alternate", "alternate", "", "", "local"]
    assert made.ratio == pytest.approx([2.0, 2.4, 2.4, np.nan, np.nan, 13 / 12], nan_ok=True)
    assert made.composition[0] == pytest.approx(12 / 7)
    assert made.is_alert.tolist() == [True, True, True, False, False, False]
    wanted = confint_proportions_2indep(24, 100, 900, 9_000, compare="ratio", method="log")
    assert (made.lower[1], made.upper[1]) == pytest.approx(wanted, **CLOSE)


def test_no_alert_without_a_clear_interval() -> None:
    """10 of 35 against 11 of 60: 1.56, but the interval holds 1."""
    made = compare.disproportionality(10, 35, 11, 60, 900, 9_000)
    assert made.ratio > 1.5
    assert made.lower < 1
    assert not made.is_alert
    assert compare.disproportionality(100, 350, 110, 600, 900, 9_000).is_alert


def test_many_looks_as_in_the_paper() -> None:
    """Benjamini and Hochberg 1995, section 4.2: of 15 comparisons the four smallest are called at 5%."""
    p = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528]
    p += [0.7590, 1.0]
    made = compare.benjamini_hochberg(p)
    assert (made <= 0.05).sum() == 4
    assert made == pytest.approx(multipletests(p, method="fdr_bh")[1], **CLOSE)
    assert compare.benjamini_hochberg([0.01, np.nan, 0.02]) == pytest.approx([0.02, np.nan, 0.02], nan_ok=True)
    assert np.isnan(compare.benjamini_hochberg([np.nan])).all()
