"""Slope and relative index: by hand, by weighted least squares of another package, and against the closed form of
the simulated interval.
"""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, logit

from warehouse.statistics import gradient

CLOSE = {"rel": 1e-9}
POPULATION = np.array([300.0, 280, 260, 250, 240, 210, 200, 190, 150, 120])
RATES = np.array([52.0, 47, 49, 41, 38, 39, 30, 33, 26, 21])


def line(values: np.ndarray, population: np.ndarray) -> tuple[float, float]:
    """Intercept and slope by statsmodels."""
    share = population / population.sum()
    middle = np.cumsum(share) - share / 2
    return tuple(sm.WLS(values, sm.add_constant(middle), weights=share).fit().params)


def test_by_hand() -> None:
    """Five equal groups at 0.1, 0.3 … 0.9 with 10, 8 … 2: a line from 11 to 1."""
    made = gradient.gradient([10, 8, 6, 4, 2], [1, 1, 1, 1, 1])
    assert made == pytest.approx((-10, 1 / 11), **CLOSE)
    assert gradient.gradient([10, 8, 6, 4, 2], [1, 1, 1, 1, 1], multiplier=-100) == pytest.approx((1_000, 11), **CLOSE)


def test_against_statsmodels() -> None:
    start, slope = line(RATES, POPULATION)
    assert gradient.gradient(RATES, POPULATION) == pytest.approx((slope, (start + slope) / start), **CLOSE)


def test_transformed_against_statsmodels() -> None:
    start, slope = line(np.log(RATES), POPULATION)
    made = gradient.gradient(RATES, POPULATION, kind="rate", transform=True)
    assert made == pytest.approx((np.exp(start + slope) - np.exp(start), np.exp(slope)), **CLOSE)
    start, slope = line(logit(RATES / 100), POPULATION)
    made = gradient.gradient(RATES / 100, POPULATION, kind="proportion", transform=True, multiplier=-100)
    first, last = expit(start), expit(start + slope)
    assert made == pytest.approx((100 * (first - last), first / last), **CLOSE)


@given(
    st.floats(1, 90),
    st.floats(1, 90),
    st.lists(st.floats(1, 1_000), min_size=5, max_size=12),
)
def test_a_straight_line_is_found_whoever_lives_where(first: float, last: float, population: list[float]) -> None:
    share = np.array(population) / sum(population)
    value = first + (last - first) * (np.cumsum(share) - share / 2)
    made = gradient.gradient(value, population)
    assert made == pytest.approx((last - first, last / first), rel=1e-6, abs=1e-6)
    turned = gradient.gradient(value[::-1], population[::-1])
    assert turned == pytest.approx((first - last, first / last), rel=1e-6, abs=1e-6)


def test_simulated_limits_of_a_plain_slope() -> None:
    """A slope is a sum of independent normal groups, so its standard error is known; 100,000 draws come within 2%
    of the width. With 99.8% asked, the groups' limits are still read as 95%.
    """
    error = np.full(10, 2.0)
    lower, upper = RATES - 1.959963984540054 * error, RATES + 1.959963984540054 * error
    share = POPULATION / POPULATION.sum()
    away = np.cumsum(share) - share / 2 - 0.5
    deviation = np.sqrt(((share * away / (share @ away**2)) ** 2 * error**2).sum())
    for confidence, z in ((0.95, 1.959963984540054), (0.998, 3.090232306167813)):
        made = gradient.gradient_interval(RATES, lower, upper, POPULATION, seed=1, confidence=confidence).slope
        assert made.value == pytest.approx(line(RATES, POPULATION)[1], **CLOSE)
        assert (made.lower, made.upper) == pytest.approx(
            (made.value - z * deviation, made.value + z * deviation), abs=0.04 * z * deviation
        )


def test_simulated_limits_of_a_log_ratio() -> None:
    """On the log scale the relative index is exp(slope): its limits are exp(slope -+ 1.96 standard errors)."""
    error = np.full(10, 0.05)
    spread = np.exp(1.959963984540054 * error)
    share = POPULATION / POPULATION.sum()
    away = np.cumsum(share) - share / 2 - 0.5
    deviation = np.sqrt(((share * away / (share @ away**2)) ** 2 * error**2).sum())
    slope = line(np.log(RATES), POPULATION)[1]
    made = gradient.gradient_interval(
        RATES, RATES / spread, RATES * spread, POPULATION, seed=2, kind="rate", transform=True, multiplier=-1
    ).relative
    assert made == pytest.approx(
        [np.exp(-slope + side * 1.959963984540054 * deviation) for side in (0, -1, 1)], rel=5e-3
    )


def test_the_untransformed_index_of_a_rate_draws_logs() -> None:
    """Wide, lopsided limits: logs drawn and read back have a mean of value x exp(error^2 / 2), so the slope's
    middle moves to that of those means.
    """
    error = np.linspace(0.6, 0.1, 10)
    spread = np.exp(1.959963984540054 * error)
    made = gradient.gradient_interval(RATES, RATES / spread, RATES * spread, POPULATION, seed=3, kind="rate").slope
    assert made.value == pytest.approx(line(RATES, POPULATION)[1], **CLOSE)
    moved = line(RATES * np.exp(error**2 / 2), POPULATION)[1]
    assert made.lower < moved < made.upper
    assert moved - made.lower > 1.2 * (made.upper - moved)


def test_same_seed_same_limits() -> None:
    arguments = (RATES / 100, RATES / 110, RATES / 90, POPULATION)
    same = [gradient.gradient_interval(*arguments, seed=7, kind="proportion", draws=1_000) for _ in range(2)]
    other = gradient.gradient_interval(*arguments, seed=8, kind="proportion", draws=1_000)
    assert same[0] == same[1] != other
    assert same[0].slope.lower < same[0].slope.value < same[0].slope.upper


def test_quantiles_by_hand() -> None:
    """12 values in 5: 5 x (13 - rank) / 12 rounded up, from the top: sizes 3, 2, 3, 2, 2."""
    assert gradient.quantile(np.arange(12), 5).tolist() == [1, 1, 1, 2, 2, 3, 3, 3, 4, 4, 5, 5]
    assert gradient.quantile(-np.arange(12), 5).tolist() == [5, 5, 4, 4, 3, 3, 3, 2, 2, 1, 1, 1]
    assert gradient.quantile(np.arange(12), 5, invert=True).tolist() == [5, 5, 4, 4, 3, 3, 3, 2, 2, 1, 1, 1]


def test_ties_stay_together_and_the_missing_stay_out() -> None:
    """Ranks 1, 2, 2, 2, 5 of 5 values in 5 groups: the three share the second."""
    assert gradient.quantile([3, 7, np.nan, 7, 7, 9], 5) == pytest.approx([1, 2, np.nan, 2, 2, 5], nan_ok=True)
    assert np.isnan(gradient.quantile([1, 2, 3, np.nan], 4)).all()


def test_boundaries_are_whole_numbers() -> None:
    """28 in 20 groups: rank 8 is 21 from the top, and 21 x 20 / 28 is 15, so group 6. In floats 21 / (28 / 20) is a
    hair above 15, and the group 5. By exact fractions for other sizes."""
    assert gradient.quantile(np.arange(28), 20)[7] == 6
    for n in range(20, 240):
        wanted = [math.floor(21 - math.ceil((n + 1 - rank) / Fraction(n, 20))) for rank in range(1, n + 1)]
        assert gradient.quantile(np.arange(n), 20).tolist() == wanted
