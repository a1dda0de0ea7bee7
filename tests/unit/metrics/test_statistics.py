"""The interval macros against published worked examples and independent packages, to 1e-9 where those are exact."""

from __future__ import annotations

import math
from pathlib import Path

import jinja2
import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from warehouse import duck
from warehouse.settings import REPOSITORY
from warehouse.specification import rows

CLOSE = {"rel": 1e-9, "abs": 1e-12}


@pytest.fixture(scope="module")
def macros():
    text = (REPOSITORY / "warehouse" / "macros" / "statistics.sql").read_text(encoding="utf-8")
    return jinja2.Environment(autoescape=False).from_string(text).module  # noqa: S701 - SQL, not HTML


@pytest.fixture(scope="module")
def evaluate():
    with duck.memory() as connection:
        yield lambda expression: connection.sql(f"select cast({expression} as double)").fetchall()[0][0]


# Newcombe, Statistics in Medicine 17 (1998) 857-872, table I, method 3.
@pytest.mark.parametrize(
    ("x", "n", "lower", "upper"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_published(macros, evaluate, x, n, lower, upper) -> None:
    assert evaluate(macros.wilson_lower(f"{x}.0", f"{n}.0")) == pytest.approx(lower, abs=6e-5)
    assert evaluate(macros.wilson_upper(f"{x}.0", f"{n}.0")) == pytest.approx(upper, abs=6e-5)


@pytest.mark.parametrize(("x", "n"), [(0, 1), (0.445, 1), (1, 1), (7, 9), (140, 141), (38_889, 154_489), (500, 500)])
def test_wilson_against_statsmodels(macros, evaluate, x, n) -> None:
    lower, upper = proportion_confint(x, n, method="wilson")
    assert evaluate(macros.wilson_lower(repr(float(x)), repr(float(n)))) == pytest.approx(lower, **CLOSE)
    assert evaluate(macros.wilson_upper(repr(float(x)), repr(float(n)))) == pytest.approx(upper, **CLOSE)


def test_wilson_of_nothing_is_null(macros, evaluate) -> None:
    assert evaluate(macros.wilson_lower("0.0", "0.0")) is None
    assert evaluate(macros.ratio_of("0.0", "0.0")) is None


def test_poisson_rows_are_chi_square_quantiles() -> None:
    limits = rows("poisson_limit")
    assert [int(row["events"]) for row in limits] == list(range(10))
    for row in limits:
        x = int(row["events"])
        assert float(row["lower"]) == pytest.approx(stats.chi2.ppf(0.025, 2 * x) / 2 if x else 0.0, **CLOSE)
        assert float(row["upper"]) == pytest.approx(stats.chi2.ppf(0.975, 2 * x + 2) / 2, **CLOSE)
    # Garwood's table, as printed in textbooks.
    assert (round(float(limits[5]["lower"]), 3), round(float(limits[5]["upper"]), 3)) == (1.623, 11.668)
    assert (round(float(limits[0]["lower"]), 3), round(float(limits[0]["upper"]), 3)) == (0.0, 3.689)


@pytest.mark.parametrize("x", [10, 11, 50, 613, 12_920])
def test_byar_is_near_the_exact_limits(macros, evaluate, x) -> None:
    """Breslow and Day: right to half a per cent from ten events; used from ten, not below."""
    assert evaluate(macros.poisson_lower(f"{x}.0", "-1")) == pytest.approx(stats.chi2.ppf(0.025, 2 * x) / 2, rel=5e-3)
    assert evaluate(macros.poisson_upper(f"{x}.0", "-1")) == pytest.approx(
        stats.chi2.ppf(0.975, 2 * x + 2) / 2, rel=5e-3
    )
    assert evaluate(macros.poisson_lower("9.0", "-1")) == -1


def test_byar_by_hand(macros, evaluate) -> None:
    """10 (0.988889 - 0.206600)^3 = 10 x 0.478744 and 11 (0.989899 + 0.196984)^3 = 11 x 1.671951."""
    assert evaluate(macros.poisson_lower("10.0", "-1")) == pytest.approx(4.7874, abs=1e-4)
    assert evaluate(macros.poisson_upper("10.0", "-1")) == pytest.approx(18.3915, abs=1e-4)


def test_student_t_rows_and_expansion(macros, evaluate) -> None:
    table = {int(row["degrees_of_freedom"]): float(row["t"]) for row in rows("student_t")}
    assert list(table) == list(range(1, 101))
    for degrees, t in table.items():
        assert t == pytest.approx(stats.t.ppf(0.975, degrees), **CLOSE)
    for degrees in (101, 150, 1000, 1e6):
        assert evaluate(macros.student_t_95(repr(float(degrees)), "null")) == pytest.approx(
            stats.t.ppf(0.975, degrees), rel=1e-9
        )


def test_standard_error_of_a_mean(macros, evaluate) -> None:
    waits = np.array([20.0, 141 / 7, 184 / 7, 132 / 7, 365 / 7, 52.0])
    expression = macros.mean_standard_error("6.0", repr(float(waits.sum())), repr(float((waits**2).sum())))
    assert evaluate(expression) == pytest.approx(stats.sem(waits), rel=1e-9)
    assert evaluate(macros.mean_standard_error("1.0", "5.0", "25.0")) is None


@pytest.mark.parametrize(("x1", "n1", "x0", "n0"), [(15, 100, 30, 400), (1, 2, 1, 50), (99, 100, 180, 200)])
def test_risk_ratio_is_katz(macros, evaluate, x1, n1, x0, n0) -> None:
    arguments = [f"{value}.0" for value in (x1, n1, x0, n0)]
    lower, upper = confint_proportions_2indep(x1, n1, x0, n0, compare="ratio", method="log")
    assert evaluate(macros.risk_ratio(*arguments)) == pytest.approx(x1 / n1 / (x0 / n0), **CLOSE)
    assert evaluate(macros.risk_ratio(*arguments, "-")) == pytest.approx(lower, **CLOSE)
    assert evaluate(macros.risk_ratio(*arguments, "+")) == pytest.approx(upper, **CLOSE)


def test_rate_ratio_is_the_log_linear_model(macros, evaluate) -> None:
    x1, n1, x0, n0 = 60, 1000.0, 90, 3000.0
    model = sm.GLM([x1, x0], [[1, 1], [1, 0]], family=sm.families.Poisson(), offset=np.log([n1, n0])).fit(tol=1e-14)
    lower, upper = np.exp(model.conf_int()[1])
    arguments = [f"{value}" for value in (f"{x1}.0", n1, f"{x0}.0", n0)]
    assert evaluate(macros.rate_ratio(*arguments)) == pytest.approx(2.0, **CLOSE)
    assert evaluate(macros.rate_ratio(*arguments, "-")) == pytest.approx(lower, rel=1e-8)
    assert evaluate(macros.rate_ratio(*arguments, "+")) == pytest.approx(upper, rel=1e-8)


def test_error_of_a_ratio_of_sums_is_that_of_robust_regression(macros, evaluate) -> None:
    """Sessions missed and possible of five children: sum over sum is weighted least squares through the origin with
    weights 1/n, and the linearised error is its HC1 robust error."""
    x, n = np.array([3.0, 0.0, 40.0, 12.0, 5.0]), np.array([190.0, 188.0, 120.0, 190.0, 60.0])
    fit = sm.WLS(x, n, weights=1 / n).fit(cov_type="HC1")
    sums = [f"{value!r}" for value in map(float, (x.sum(), n.sum(), (x * x).sum(), (n * n).sum(), (x * n).sum()))]
    assert evaluate(macros.ratio_of(sums[0], sums[1])) == pytest.approx(fit.params[0], **CLOSE)
    assert evaluate(macros.ratio_standard_error("5", *sums)) == pytest.approx(fit.bse[0], rel=1e-9)
    assert evaluate(macros.ratio_standard_error("1", *sums)) is None


@pytest.mark.parametrize("macro", ["risk_ratio", "rate_ratio"])
def test_no_ratio_of_zero_counts(macros, evaluate, macro) -> None:
    assert evaluate(getattr(macros, macro)("0.0", "10.0", "5.0", "10.0")) is None
    assert evaluate(getattr(macros, macro)("5.0", "10.0", "0.0", "10.0", "+")) is None


# Newcombe, Statistics in Medicine 17 (1998) 873-890, table II, method 10.
@pytest.mark.parametrize(
    ("x1", "n1", "x0", "n0", "lower", "upper"),
    [(56, 70, 48, 80, 0.0524, 0.3339), (9, 10, 3, 10, 0.1705, 0.8090), (5, 56, 0, 29, -0.0381, 0.1926)],
)
def test_difference_published(macros, evaluate, x1, n1, x0, n0, lower, upper) -> None:
    lower1, upper1 = proportion_confint(x1, n1, method="wilson")
    lower0, upper0 = proportion_confint(x0, n0, method="wilson")
    p1, p0 = repr(x1 / n1), repr(x0 / n0)
    made = (
        evaluate(macros.difference_lower(p1, repr(float(lower1)), p0, repr(float(upper0)))),
        evaluate(macros.difference_upper(p1, repr(float(upper1)), p0, repr(float(lower0)))),
    )
    assert made == pytest.approx((lower, upper), abs=6e-5)
    assert made == pytest.approx(confint_proportions_2indep(x1, n1, x0, n0, compare="diff", method="newcomb"), **CLOSE)


def test_every_interval_in_the_table_is_the_packages(lives: Path) -> None:
    """The whole path through dbt, row by row: seeds, joins and macros together."""
    with duck.reader(lives) as connection:
        made = connection.sql(
            "select metric_id, interval_method, numerator, denominator, multiplier, value, lower, upper, "
            "rest_numerator, rest_denominator, ratio_lower, ratio_upper, difference_lower, difference_upper "
            "from equity.fct_metric where value is not null"
        ).fetchall()
    checked = {"wilson": 0, "byar": 0}
    for metric, method, x, n, multiplier, value, lower, upper, x0, n0, r_lower, r_upper, d_lower, d_upper in made:
        if method == "wilson":
            assert value == pytest.approx(multiplier * x / n, **CLOSE), metric
            # statsmodels gives -1e-17 for 0 of n
            wanted = tuple(multiplier * limit for limit in proportion_confint(x, n, method="wilson"))
            assert (lower, upper) == pytest.approx(wanted, **CLOSE), metric
            if x0 and x:
                assert (r_lower, r_upper) == pytest.approx(
                    confint_proportions_2indep(x, n, x0, n0, compare="ratio", method="log"), **CLOSE
                )
            if n0:
                newcombe = confint_proportions_2indep(x, n, x0, n0, compare="diff", method="newcomb")
                wanted = tuple(multiplier * limit for limit in newcombe)
                assert (d_lower, d_upper) == pytest.approx(wanted, **CLOSE), metric
        elif method == "byar" and x < 10:
            exact = (stats.chi2.ppf(0.025, 2 * x) / 2 if x else 0.0, stats.chi2.ppf(0.975, 2 * x + 2) / 2)
            assert (lower, upper) == pytest.approx(tuple(limit / n * multiplier for limit in exact), **CLOSE)
        else:
            continue
        checked[method] += 1
    assert min(checked.values()) > 10, checked


def test_mean_interval_is_students(lives: Path) -> None:
    days = np.array([140, 141, 184, 132, 365, 364]) / 7
    with duck.reader(lives) as connection:
        made = connection.sql(
            "select lower, upper from equity.fct_metric where metric_id = 'TM06' and measure = 'mean_weeks' "
            "and period_id = '2026' and area_level = 'county' and subgroup_set = 'all'"
        ).fetchall()[0]
    wanted = stats.t.interval(0.95, len(days) - 1, days.mean(), stats.sem(days))
    assert made == pytest.approx(tuple(float(limit) for limit in wanted), rel=1e-9)


def test_standardised_rate_of_one_population_is_dobson(lives: Path) -> None:
    """14 events among 1,500: the county weighted with itself."""
    weights = np.array([300.0, 300.0, 360.0, 240.0, 300.0])
    # Age on 21 January 2027. 0-4: P04 P05; 5-9: P06 P07 P10 P14 P15; 10-15: P01 P02 P03 P11 P12; 16-19: P08 P09.
    events = np.array([2.0, 5.0, 5.0, 2.0, 0.0])
    rate = events.sum() / weights.sum()
    variance = (weights**2 * events / weights**2).sum() / weights.sum() ** 2
    x = events.sum()
    byar = (
        x * (1 - 1 / (9 * x) - 1.959963984540054 / (3 * math.sqrt(x))) ** 3,
        (x + 1) * (1 - 1 / (9 * (x + 1)) + 1.959963984540054 / (3 * math.sqrt(x + 1))) ** 3,
    )
    wanted = tuple(1000 * (rate + math.sqrt(variance / x) * (limit - x)) for limit in byar)
    with duck.reader(lives) as connection:
        made = connection.sql(
            "select lower, upper from equity.fct_metric where measure = 'standardised_rate' "
            "and period_id = '2026' and area_level = 'county' and subgroup_set = 'all'"
        ).fetchall()[0]
    assert made == pytest.approx(wanted, rel=1e-9)
