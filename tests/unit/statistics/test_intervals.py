"""Intervals of one area: published tables, another package, the definition itself, and the SQL of the metrics."""

from __future__ import annotations

import math

import duckdb
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from warehouse.statistics import intervals

CLOSE = {"rel": 1e-9, "abs": 1e-12}
CONFIDENCE = (0.9, 0.95, 0.998)

shares = st.integers(1, 5_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


# Newcombe, Statistics in Medicine 17 (1998) 857-872, table I, method 3.
@pytest.mark.parametrize(
    ("x", "n", "lower", "upper"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_published(x: int, n: int, lower: float, upper: float) -> None:
    assert intervals.wilson(x, n) == pytest.approx((lower, upper), abs=6e-5)


@pytest.mark.parametrize("confidence", CONFIDENCE)
def test_wilson_against_statsmodels(confidence: float) -> None:
    x, n = np.array([0, 0.445, 1, 7, 140, 38_889, 500]), np.array([1, 1, 1, 9, 141, 154_489, 500])
    lower, upper = proportion_confint(x, n, alpha=1 - confidence, method="wilson")
    made = intervals.wilson(x, n, confidence)
    np.testing.assert_allclose(made.lower, lower, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(made.upper, upper, rtol=1e-9, atol=1e-12)


@given(shares)
def test_wilson_stays_inside_and_mirrors(share: tuple[int, int]) -> None:
    x, n = share
    estimate, other = intervals.proportion(x, n), intervals.proportion(n - x, n)
    assert 0 <= estimate.lower <= estimate.value <= estimate.upper <= 1
    assert (1 - other.upper, 1 - other.lower) == pytest.approx(estimate[1:], abs=1e-12)


@given(shares, st.integers(2, 20))
def test_more_people_say_more_and_more_confidence_less(share: tuple[int, int], times: int) -> None:
    x, n = share
    narrow, wide = intervals.wilson(x * times, n * times), intervals.wilson(x, n)
    sure = intervals.wilson(x, n, 0.998)
    assert narrow.upper - narrow.lower < wide.upper - wide.lower < sure.upper - sure.lower


@pytest.mark.parametrize("confidence", CONFIDENCE)
def test_exact_poisson_is_what_it_says(confidence: float) -> None:
    """At the lower limit the count or more has the tail's chance; at the upper, the count or less."""
    x, tail = np.arange(1, 40), (1 - confidence) / 2
    lower, upper = intervals.exact_poisson(x, confidence)
    np.testing.assert_allclose(stats.poisson.sf(x - 1, lower), tail, rtol=1e-9)
    np.testing.assert_allclose(stats.poisson.cdf(x, upper), tail, rtol=1e-9)


def test_garwoods_table() -> None:
    """As printed in textbooks: 0 (0, 3.689), 5 (1.623, 11.668), 9 (4.115, 17.085)."""
    lower, upper = intervals.poisson([0, 5, 9])
    assert lower.round(3).tolist() == [0.0, 1.623, 4.115]
    assert upper.round(3).tolist() == [3.689, 11.668, 17.085]


def test_byar_by_hand_from_ten_events() -> None:
    """10 (0.988889 - 0.206600)^3 = 10 x 0.478744 and 11 (0.989899 + 0.196984)^3 = 11 x 1.671951."""
    assert intervals.poisson(10) == pytest.approx((4.7874, 18.3915), abs=1e-4)
    assert intervals.poisson(9) == intervals.exact_poisson(9)
    assert intervals.poisson(9) != intervals.byar(9)
    assert math.isnan(intervals.byar(0).lower)


@given(st.integers(0, 3_000))
def test_poisson_limits_enclose_and_rise(x: int) -> None:
    (lower, upper), (next_lower, next_upper) = intervals.poisson(x), intervals.poisson(x + 1)
    assert lower <= x <= upper
    assert lower < next_lower
    assert upper < next_upper


@pytest.mark.parametrize("x", [10, 50, 613, 12_920])
def test_byar_is_near_the_exact_limits(x: int) -> None:
    """Breslow and Day: right to half a per cent from ten events."""
    assert intervals.byar(x) == pytest.approx(tuple(intervals.exact_poisson(x)), rel=5e-3)


def test_a_rate_is_its_count_over_people() -> None:
    """5 events among 2,000: 2.5 in a thousand, and Garwood's 1.6235 and 11.6683 over 2."""
    assert intervals.rate(5, 2_000, 1_000) == pytest.approx((2.5, 0.81174, 5.83416), abs=1e-5)


@pytest.mark.parametrize("confidence", CONFIDENCE)
def test_mean_is_students(confidence: float) -> None:
    weeks = np.array([140, 141, 184, 132, 365, 364]) / 7
    wanted = stats.t.interval(confidence, 5, weeks.mean(), stats.sem(weeks))
    assert intervals.mean(weeks, confidence) == pytest.approx((weeks.mean(), *wanted), **CLOSE)
    assert intervals.mean([20.0]).value == 20
    assert np.isnan(intervals.mean([20.0])[1:]).all()


def test_a_null_of_duckdb_is_missing() -> None:
    """It arrives as a masked value, with some number of no meaning beneath the mask."""
    found = duckdb.sql("select * from (values (1, 10), (null, 20), (3, null)) counts (x, n)").fetchnumpy()
    assert np.isnan(intervals.proportion(found["x"], found["n"]).value).tolist() == [False, True, True]
    with pytest.raises(ValueError, match="values: no value may be missing"):
        intervals.mean(found["x"])


def test_nothing_is_made_up() -> None:
    for estimate in (intervals.proportion([0, np.nan, 1], [0, 5, 2]), intervals.rate([0, np.nan, 1], [0, 5, 2])):
        for part in estimate:
            assert np.isnan(part).tolist() == [True, True, False]
