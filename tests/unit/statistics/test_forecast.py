"""Stocks moved on by flows: on paper, by the balance of who came and went, and draws against the expected."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as of

from warehouse.statistics import forecast

# Three ages, on paper. Of 10 aged 0 half leave before they are 1, of 20 aged 1 a tenth before they are 2; the 30 aged
# 2 grow out. 1, 2 and 3 start. Year 1: 1; 10 x 0.5 + 2 = 7; 20 x 0.9 + 3 = 21. Year 2: 1; 1 x 0.5 + 2 = 2.5; 7 x 0.9
# + 3 = 9.3.
STOCK, STARTS, LEAVING = [10, 20, 30], [1, 2, 3], [0, 0.5, 0.1]
people = of.arrays(np.int64, (3, 6), elements=st.integers(0, 40))


def test_three_ages_by_hand() -> None:
    assert forecast.project(STOCK, STARTS, LEAVING, 2) == pytest.approx(
        np.array([[1, 7, 21], [1, 2.5, 9.3]]), rel=1e-12
    )


def test_shares_that_leave_by_hand() -> None:
    """Own where 20 were seen: 1 of 20 left. Else the age's: 5 of 25 left; else everybody's: 6 of 50."""
    opened, stayed = [[20, 10, 0], [5, 15, 0]], [[19, 8, 0], [1, 12, 0]]
    wanted = [[0.05, 5 / 25, 10 / 50], [5 / 25, 5 / 25, 10 / 50]]
    assert forecast.leaving(opened, stayed, fewest=20) == pytest.approx(np.array(wanted), rel=1e-12)


def test_nothing_seen_is_not_a_number() -> None:
    assert np.isnan(forecast.leaving([[0, 0]], [[0, 0]])).all()


@given(people, of.arrays(np.float64, (3, 6), elements=st.floats(0, 9)), st.floats(0, 1))
def test_who_is_there_is_who_was_and_came_less_who_went(stock: np.ndarray, starts: np.ndarray, share: float) -> None:
    made = forecast.project(stock, starts, share, 3)
    before = np.concatenate([stock[np.newaxis], made[:-1]])
    went = before[..., :-1].sum() * share + before[..., -1].sum()
    assert made.sum() == pytest.approx(before.sum() - went + 3 * starts.sum(), rel=1e-9, abs=1e-6)


@given(people)
def test_without_flows_the_stock_grows_older_and_no_more(stock: np.ndarray) -> None:
    made = forecast.project(stock, 0, 0, 2)
    assert (made[0, ..., 1:] == stock[..., :-1]).all() and (made[1, ..., 2:] == stock[..., :-2]).all()
    drawn = forecast.simulate(stock, [stock * 0], stock, stock, range(len(stock)), 2, seed=1)
    assert (drawn == made).all()


def test_draws_have_the_expected_mean_and_spread() -> None:
    """Of leavers much was seen: stayers are binomial, 1,000 x 0.75 x 0.25. Of starts one year of 50: gamma, 50, and
    Poisson, 50."""
    opened = np.array([[0, 4e8]])
    drawn = forecast.simulate([[1000, 0]], [[[0, 50]]], opened, opened * 0.75, [0], 1, seed=3, draws=20_000)[..., 1]
    assert drawn.mean() == pytest.approx(800, abs=4 * 287.5**0.5 / 20_000**0.5)
    assert drawn.var() == pytest.approx(287.5, rel=0.05)


def test_starts_are_those_of_the_newest_year_spread_as_in_all() -> None:
    """10 and 30 of 2 ages in two years, 12 in all in the first and 28 in the last: 28 x 10 / 40 and 28 x 30 / 40."""
    assert forecast.starting([[3, 9], [7, 21]]) == pytest.approx(np.array([7, 21]), rel=1e-12)
    assert forecast.starting([[6, 6], [4, 24]]) == pytest.approx(np.array([7, 21]), rel=1e-12)
    assert (forecast.starting([[0, 0], [0, 0]]) == 0).all()


def test_changes_beyond_chance_by_hand() -> None:
    """100 and 200: the square of log 2, 0.480453, less 1/100 + 1/200. 75 and 85: 0.0157, less than 1/75 + 1/85. Of 10
    expected and then 40, 100 and 200 are halved: the same square."""
    assert forecast.change([100, 200]) == pytest.approx((0.480453 - 0.015) ** 0.5, rel=1e-6)
    assert forecast.change([100, 200], [10, 40]) == pytest.approx((0.480453 - 0.015) ** 0.5, rel=1e-6)
    assert forecast.change([75, 85]) == forecast.change([75]) == forecast.change([0, 9]) == 0


def test_limits_are_wider_where_rates_change() -> None:
    """100 start, gamma and Poisson, 100 each; and a factor with variance exp(0.09) - 1 on the mean's square and its own
    variance: (10,000 + 100) x exp(0.09) - 10,000, and 100."""
    stock, opened = [[0]], [[1]]
    drawn = forecast.simulate(stock, [[[100]]], opened, opened, [0], 1, seed=3, starts_change=0.3, draws=40_000)
    assert drawn.mean() == pytest.approx(100, abs=1.2)
    assert drawn.var() == pytest.approx(10_100 * np.exp(0.09) - 10_000 + 100, rel=0.05)


def test_limits_are_wider_where_leaving_changes() -> None:
    """A quarter of 1,000 leaves, much was seen, and the share has a factor with variance exp(0.01) - 1."""
    opened = np.array([[0, 4e8]])
    drawn = forecast.simulate(
        [[1000, 0]], [opened * 0], opened, opened * 0.75, [0], 1, seed=3, leaving_change=0.1, draws=40_000
    )[..., 1]
    share = 0.25**2 * np.expm1(0.01)
    assert drawn.mean() == pytest.approx(750, abs=1)
    assert drawn.var() == pytest.approx(1e6 * share + 1000 * (0.1875 - share), rel=0.05)


def test_limits_are_wider_where_little_was_seen() -> None:
    """12 of 16 stayed: the share itself has a beta's variance of 0.75 x 0.25 / 17 besides. 1,000 x 999 times that, and
    the binomial's mean: 1,000 x (0.1875 - 0.1875 / 17)."""
    stock, opened = [[1000, 0]], np.array([[0, 16]])
    drawn = forecast.simulate(stock, [opened * 0], opened, opened * 0.75, [0], 1, seed=3, draws=20_000)[..., 1]
    uncertain = 0.1875 / 17
    assert drawn.mean() == pytest.approx(750, abs=3)
    assert drawn.var() == pytest.approx(1e6 * uncertain + 1000 * (0.1875 - uncertain), rel=0.05)


def test_limits_hold_what_comes() -> None:
    """200 counties whose starts wander by a tenth a year, three years seen: 95% limits of the total after two years,
    that are told of the tenth, hold it in 92 to 98%."""
    random = np.random.default_rng(11)
    share, mean, shape = np.array([0, 0.05, 0.05, 0.3, 0.5]), np.array([4.0, 6.0, 5.0, 2.0, 1.0]), (6, 5)

    def year(stock: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        older = np.concatenate([np.zeros((6, 1), dtype=int), stock[:, :-1]], axis=1)
        return older, random.binomial(older, np.broadcast_to(1 - share, shape)), random.poisson(mean * level, shape)

    held = 0
    for county in range(200):
        stock = random.poisson(30, shape)
        seen = []
        levels = np.exp(0.1 * random.standard_normal(5).cumsum())
        for level in levels[:3]:
            seen.append(year(stock, level))
            stock = seen[-1][1] + seen[-1][2]
        opened, stayed, started = np.array(seen).swapaxes(0, 1)
        # Six cells of three groups: 0 and 1 are two areas of the first.
        group = np.repeat([0, 1, 2], 2)
        opened, stayed = (part.reshape(3, 3, 2, 5).sum(axis=(0, 2)) for part in (opened, stayed))
        drawn = forecast.simulate(stock, started, opened, stayed, group, 2, seed=county, starts_change=0.1)
        totals = drawn[:, 1].sum(axis=(1, 2))
        for level in levels[3:]:
            _, stayed, started = year(stock, level)
            stock = stayed + started
        lower, upper = np.quantile(totals, [0.025, 0.975])
        held += lower <= stock.sum() <= upper
    assert 0.92 <= held / 200 <= 0.98


def test_the_same_seed_gives_the_same_future() -> None:
    stock = np.full((2, 3), 5)
    one, again = (forecast.simulate(stock, [stock], stock, stock - 1, [0, 1], 2, seed=5) for _ in range(2))
    assert (one == again).all()


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"stayed": [[9, 9]]}, "stayed: must not be larger than opened"),
        ({"stock": [[1.5, 2]]}, "must be whole numbers"),
        ({"stock": [1, 2]}, "stock and started: must be rows of ages"),
        ({"group": [1]}, "group: must be the row of each cell's group"),
        ({"group": [0, 0]}, "group: must be the row of each cell's group"),
        ({"starts_change": -0.1}, "must be at least 0"),
        ({"leaving_change": -0.1}, "must be at least 0"),
        ({"years": 0}, "years: must be at least 1"),
        ({"draws": 10}, "draws: must be at least 1000"),
    ],
)
def test_refusals_name_the_rule(change: dict, rule: str) -> None:
    one = np.ones((1, 2))
    counted = {"stock": one, "started": [one], "opened": one, "stayed": one}
    arguments = {**counted, "group": [0], "years": 1, "seed": 1}
    with pytest.raises(ValueError, match=rule):
        forecast.simulate(**(arguments | change))


def test_a_share_above_one_is_refused() -> None:
    with pytest.raises(ValueError, match="leaving: must be at most 1"):
        forecast.project([1, 2], [0, 0], [0, 1.5], 1)
    with pytest.raises(ValueError, match="shapes must fit"):
        forecast.project([1, 2], [0, 0, 0], 0, 1)
