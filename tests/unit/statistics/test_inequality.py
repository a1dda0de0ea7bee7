"""Gini, Theil, Atkinson: by hand, by their definitions written out, and what every measure of inequality must do."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.statistics import inequality

CLOSE = {"rel": 1e-9, "abs": 1e-12}
incomes = st.lists(st.floats(0.01, 1_000), min_size=2, max_size=25)
MEASURES = (
    inequality.gini,
    inequality.theil,
    lambda values, weights=None: inequality.atkinson(values, 0.5, weights),
    lambda values, weights=None: inequality.atkinson(values, 1, weights),
    lambda values, weights=None: inequality.atkinson(values, 2, weights),
)


def test_gini_by_hand() -> None:
    """1, 2, 3, 4: the differences of all pairs, both ways, add to 20; 20 / (2 x 16 x 2.5). One of four has it all:
    3/4.
    """
    assert inequality.gini([4, 1, 3, 2]) == pytest.approx(0.25, **CLOSE)
    assert inequality.gini([0, 0, 9, 0]) == pytest.approx(0.75, **CLOSE)
    assert inequality.gini([[4, 1, 3, 2], [7, 7, 7, 7]]) == pytest.approx([0.25, 0], **CLOSE)


@given(incomes)
def test_gini_is_half_the_mean_difference(values: list[float]) -> None:
    row = np.array(values)
    wanted = np.abs(row[:, None] - row).sum() / (2 * row.size**2 * row.mean())
    assert inequality.gini(row) == pytest.approx(wanted, rel=1e-9, abs=1e-9)


def test_theil_by_hand() -> None:
    """1 and 3: (0.5 ln 0.5 + 1.5 ln 1.5) / 2; of two, one has it all: ln 2."""
    assert inequality.theil([1, 3]) == pytest.approx((0.5 * math.log(0.5) + 1.5 * math.log(1.5)) / 2, **CLOSE)
    assert inequality.theil([0, 5]) == pytest.approx(math.log(2), **CLOSE)


def test_atkinson_by_hand() -> None:
    """1 and 4, mean 2.5: the geometric mean is 2, the harmonic 1.6, the square of the mean root 2.25."""
    assert inequality.atkinson([1, 4], 1) == pytest.approx(1 - 2 / 2.5, **CLOSE)
    assert inequality.atkinson([1, 4], 2) == pytest.approx(1 - 1.6 / 2.5, **CLOSE)
    assert inequality.atkinson([1, 4], 0.5) == pytest.approx(1 - 2.25 / 2.5, **CLOSE)
    assert inequality.atkinson([0, 4], 0.5) == pytest.approx(0.5, **CLOSE)


@pytest.mark.parametrize("measure", MEASURES)
@given(incomes, st.floats(0.01, 100))
def test_every_measure(measure, values: list[float], times: float) -> None:
    row = np.array(values)
    made = measure(row)
    assert made >= -1e-12
    assert measure(row * times) == pytest.approx(made, rel=1e-6, abs=1e-9), "another unit"
    assert measure(row[::-1]) == pytest.approx(made, rel=1e-6, abs=1e-9), "another order"
    assert measure(np.tile(row, 3)) == pytest.approx(made, rel=1e-6, abs=1e-9), "a county three times as large"
    assert measure(np.full(row.size, row[0])) == pytest.approx(0, abs=1e-9), "all alike"
    poor, rich = row.argmin(), row.argmax()
    if row[rich] - row[poor] > 0.01:
        given_away = row.copy()
        given_away[rich] -= (row[rich] - row[poor]) / 4
        given_away[poor] += (row[rich] - row[poor]) / 4
        assert measure(given_away) < made, "what the richest gives the poorest makes it more equal"


@pytest.mark.parametrize("measure", MEASURES)
def test_weights_are_so_many_of_the_same(measure) -> None:
    values, people = np.array([3.0, 8, 1, 5]), [2, 1, 5, 3]
    assert measure(values, people) == pytest.approx(measure(np.repeat(values, people)), **CLOSE)


def test_theil_parts_by_hand() -> None:
    """Within the groups all are alike: all of it is between. Two like pairs: all of it is within."""
    alike = inequality.theil_parts([1, 1, 3, 3], ["n", "n", "s", "s"])
    assert alike == pytest.approx((float(inequality.theil([1, 3])),) * 2 + (0,), **CLOSE)
    pairs = inequality.theil_parts([1, 3, 1, 3], ["n", "n", "s", "s"])
    assert pairs == pytest.approx((float(inequality.theil([1, 3])), 0, float(inequality.theil([1, 3]))), **CLOSE)


@given(st.lists(st.tuples(st.floats(0, 500), st.integers(0, 4), st.floats(0.5, 80)), min_size=2, max_size=30))
def test_theil_parts_add_up(rows: list[tuple[float, int, float]]) -> None:
    values, groups, weights = (np.array(column) for column in zip(*rows, strict=True))
    if values.max() < 1e-6:
        values = values + 1
    made = inequality.theil_parts(values, groups, weights)
    assert made.between + made.within == pytest.approx(made.total, rel=1e-9, abs=1e-9)
    assert made.between >= -1e-9
    assert made.within >= -1e-9


def test_nothing_to_share_is_no_inequality_to_measure() -> None:
    assert np.isnan(inequality.gini([0, 0]))
    assert np.isnan(inequality.theil([0, 0]))
    assert np.isnan(inequality.atkinson([0, 0], 0.5))


@pytest.mark.parametrize("kind", ["proportion", "rate"])
def test_chance_stays_in_its_band(kind: str) -> None:
    """300 counties where nothing differs but chance: 95% inside, give or take 3 x 1.3. The Gini itself is well
    above 0.
    """
    random = np.random.default_rng(11)
    population = np.array([800, 1_500, 600, 2_200, 900, 1_200, 700, 3_000, 500, 1_000])
    inside, ginis = 0, []
    for seed in range(300):
        events = random.binomial(population, 0.04) if kind == "proportion" else random.poisson(population * 0.04)
        lower, upper = inequality.chance_band(events, population, inequality.gini, seed=seed, kind=kind)
        ginis.append(float(inequality.gini(events / population, population)))
        inside += bool(lower <= ginis[-1] <= upper)
    assert inside / 300 == pytest.approx(0.95, abs=0.04)
    assert np.median(ginis) > 0.03


def test_planted_inequality_is_above_the_band() -> None:
    population = np.array([800, 1_500, 600, 2_200, 900, 1_200, 700, 3_000, 500, 1_000])
    events = (population * np.linspace(0.02, 0.08, 10)).round()
    band = inequality.chance_band(events, population, inequality.gini, seed=1, kind="rate")
    assert inequality.gini(events / population, population) > band.upper
    assert band == inequality.chance_band(events, population, inequality.gini, seed=1, kind="rate")
    by_area = inequality.chance_band(events, population, lambda rates, _: inequality.gini(rates), seed=1, kind="rate")
    assert by_area != band
