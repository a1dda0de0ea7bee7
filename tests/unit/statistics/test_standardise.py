"""Standardised rates: a published worked example, hand examples, and the identities that any right formula keeps."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.statistics import intervals, standardise

CLOSE = {"rel": 1e-9}
Z = 1.959963984540054


def byar(x: float) -> tuple[float, float]:
    """Written out again, so that a slip in one of the two is seen."""
    return (
        x * (1 - 1 / (9 * x) - Z / (3 * x**0.5)) ** 3,
        (x + 1) * (1 - 1 / (9 * (x + 1)) + Z / (3 * (x + 1) ** 0.5)) ** 3,
    )


def test_published_directly_standardised_rate() -> None:
    """Last example of the DSR vignette of PHEindicatormethods as published in February 2019: deaths of a small
    population in 19 bands, European standard population 2013: 8283.016 (6570.819 to 10289.65) per 100,000.
    """
    european = [5000, 5500, 5500, 5500, 6000, 6000, 6500, 7000, 7000, 7000, 7000, 6500, 6000, 5500, 5000]
    european += [4000, 2500, 1500, 1000]
    population = [30, 35, 35, 35, 40, 40, 45, 50, 50, 50, 60, 60, 70, 75, 70, 60, 20, 20, 15]
    deaths = [1, 1, 0, 0, 0, 1, 1, 3, 3, 3, 3, 10, 10, 10, 10, 8, 8, 8, 8]
    made = standardise.direct(deaths, population, european, 100_000)
    assert made == pytest.approx((8283.016, 6570.819, 10289.65), rel=5e-7)


def test_direct_by_hand_for_many_areas_at_once() -> None:
    """Weights 1 and 3. Area one: rates 0.1 and 0.02 give (0.1 + 0.06) / 4 = 0.04; variance
    (20 / 200^2 + 9 x 10 / 500^2) / 16 = 0.00005375; 30 events. Area two has 9 events: nothing is said."""
    made = standardise.direct([[20, 10], [5, 4]], [200, 500], [1, 3])
    lower, upper = byar(30)
    scale = (0.00005375 / 30) ** 0.5
    assert [part[0] for part in made] == pytest.approx(
        [0.04, 0.04 + scale * (lower - 30), 0.04 + scale * (upper - 30)], **CLOSE
    )
    assert np.isnan([part[1] for part in made]).all()


@given(st.lists(st.tuples(st.integers(3, 500), st.integers(500, 9_000)), min_size=4, max_size=8))
def test_weighted_with_itself_it_is_the_crude_rate(bands: list[tuple[int, int]]) -> None:
    events, population = np.array(bands, dtype=float).T
    made = standardise.direct(events, population, population, 1_000)
    assert made == pytest.approx(tuple(intervals.rate(events.sum(), population.sum(), 1_000)), **CLOSE)


def test_repeated_events_by_hand() -> None:
    """10 children with one suspension and 5 with three: 25 events, but a variance of 10 + 9 x 5 = 55."""
    made = standardise.direct_repeated([[10], [5]], [1, 3], [1_000], [1])
    lower, upper = byar(25)
    scale = (55 / 25) ** 0.5 / 1_000
    assert made == pytest.approx((0.025, 0.025 + scale * (lower - 25), 0.025 + scale * (upper - 25)), **CLOSE)
    once = standardise.direct([25], [1_000], [1])
    assert made.value == pytest.approx(once.value)
    assert made.lower < once.lower < once.upper < made.upper


def test_events_that_do_not_repeat_are_ordinary_ones() -> None:
    people, population, weights = np.array([[12, 30, 8]]), [400, 900, 300], [1, 2, 1]
    assert standardise.direct_repeated(people, [1], population, weights) == pytest.approx(
        tuple(standardise.direct(people[0], population, weights)), **CLOSE
    )


def test_indirect_by_hand() -> None:
    """Expected 100 x 10/1,000 + 200 x 40/2,000 = 5. Nine observed: Garwood's 4.1154 and 17.0848 over 5. The empty
    third stratum adds nothing.
    """
    made = standardise.indirect([4, 5, 0], [100, 200, 0], [10, 40, 7], [1_000, 2_000, 50], 100)
    assert made == pytest.approx((9, 5, 180, 82.307, 341.696), abs=1e-3)


@given(st.lists(st.tuples(st.integers(1, 400), st.integers(400, 9_000)), min_size=2, max_size=6))
def test_the_reference_against_itself_is_one(bands: list[tuple[int, int]]) -> None:
    events, population = np.array(bands, dtype=float).T
    made = standardise.indirect(events, population, events, population)
    assert made.value == pytest.approx(1, **CLOSE)
    assert made.expected == pytest.approx(events.sum(), **CLOSE)


def test_nothing_expected_is_no_ratio() -> None:
    made = standardise.indirect([[0, 0], [1, 3]], [[0, 0], [20, 40]], [5, 6], [100, 100])
    assert np.isnan(made.value).tolist() == [True, False]
    assert made.expected[0] == 0
