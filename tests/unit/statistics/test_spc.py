"""XmR charts: a published chart, the rules by hand on a base of known lines, and the published cases of the
package.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.statistics import spc

# Ten points with a mean of 0 and moving ranges of 2: limits at 5.32, outer thirds from 3.547. The last is below 0.
BASE = [1.0, -1.0] * 5


def after(*points: float, direction: spc.Direction = "increase") -> spc.Chart:
    """What a chart whose lines rest on the base says of the points behind it."""
    whole = spc.xmr([*BASE, *points], direction, fix_after=10)
    assert not any(part[:10].any() for part in (whole.outside, whole.near))
    return spc.Chart(*(part[10:] for part in whole))


def test_published_chart() -> None:
    """NHSRplotthedots, tests/testthat/_snaps: R's rnorm(20) from seed 123; mean 0.142, limits -3.01 and 3.29."""
    values = [-0.56047565, -0.23017749, 1.55870831, 0.07050839, 0.12928774, 1.71506499, 0.46091621, -1.26506123]
    values += [-0.68685285, -0.44566197, 1.22408180, 0.35981383, 0.40077145, 0.11068272, -0.55584113, 1.78691314]
    values += [0.49785048, -1.96661716, 0.70135590, -0.47279141]
    made = spc.xmr(values, "increase")
    lines = [round(float(line[0]), places) for line, places in ((made.mean, 3), (made.lower, 2), (made.upper, 2))]
    assert lines == [0.142, -3.01, 3.29]
    assert set(made.variation) == {"common"}
    # The same chart in two groups of ten, as the facets of the package: 0.0746 (-2.60, 2.75) and 0.209 (-3.28, 3.70).
    parted = spc.xmr(values, "increase", rebase=(10,))
    assert parted.mean[[9, 10]].round(4).tolist() == [0.0746, 0.2086]
    assert parted.lower[[9, 10]].round(2).tolist() == [-2.6, -3.28]
    assert parted.upper[[9, 10]].round(2).tolist() == [2.75, 3.7]


def test_lines_by_hand() -> None:
    made = after(5.31, 5.33, -5.33)
    assert (made.mean[0], made.lower[0], made.upper[0]) == pytest.approx((0, -5.32, 5.32))
    assert made.outside.tolist() == [False, True, True]
    assert made.variation.tolist() == ["common", "improvement", "concern"]


def test_a_wild_range_is_screened_out_once() -> None:
    """Ranges 1 x 6 and 20: mean 26/7, times 3.267 is 12.1, so the 20 goes: limits 2.66 from the mean of 23/8."""
    values = [0, 1, 0, 1, 0, 1, 0, 20]
    screened, whole = spc.xmr(values, "neutral"), spc.xmr(values, "neutral", screen=False)
    assert screened.upper[0] == pytest.approx(23 / 8 + 2.66)
    assert whole.upper[0] == pytest.approx(23 / 8 + 2.66 * 26 / 7)
    assert (screened.variation[-1], whole.variation[-1]) == ("high", "high")
    # 5.3 against a mean of 11.3 / 7 is 3.28 times and goes; 5.2 against 11.2 / 7 is 3.25 times and stays.
    assert spc.xmr([*values[:-1], 5.3], "neutral").upper[0] == pytest.approx(8.3 / 8 + 2.66)
    assert spc.xmr([*values[:-1], 5.2], "neutral").upper[0] == pytest.approx(8.2 / 8 + 2.66 * 11.2 / 7)


def test_trend_is_seven_strict_steps_of_one_kind() -> None:
    assert after(-3, -2, -1, 0.5, 1, 2, 3).trend.all()
    assert after(3, 2, 1, 0.5, -1, -2, -3, 0).trend.tolist() == [True] * 7 + [False]
    assert not after(-2, -1, 0.5, 1, 2, 3).trend.any()
    assert not after(-3, -2, -1, -1, 1, 2, 3).trend.any()


def test_run_is_seven_on_one_side_and_the_mean_breaks_it() -> None:
    assert after(*[0.5] * 7).run.all()
    assert after(*[0.5] * 8, -0.5).run.tolist() == [True] * 8 + [False]
    assert not after(*[0.5] * 6, -0.5).run.any()
    assert not after(0.5, 0.5, 0.5, 0.0, 0.5, 0.5, 0.5).run.any()


def test_two_of_three_in_the_outer_third_on_one_side() -> None:
    assert after(4, 0.5, 4).near.tolist() == [True, False, True]
    assert after(4, 4, 0.5).near.tolist() == [True, True, False]
    assert not after(4, -0.5, 4).near.any()
    assert not after(4, 4, -0.5).near.any()
    assert not after(3.5, 0.5, 4).near.any()
    assert after(5.4, 4, 0.5).near.tolist() == [False, False, False]
    # The published case: 14 points of 1 and -1, then 5.5 and -5.5: on opposite sides, so common cause.
    published = spc.xmr([1.0, -1.0] * 7 + [5.5, -5.5], "increase")
    assert published.variation[-2:].tolist() == ["common", "common"]


def test_better_and_worse_are_for_the_reader_to_say() -> None:
    assert after(*[0.5] * 7, direction="increase").variation.tolist() == ["improvement"] * 7
    assert after(*[0.5] * 7, direction="decrease").variation.tolist() == ["concern"] * 7
    assert after(*[0.5] * 7, direction="neutral").variation.tolist() == ["high"] * 7
    assert after(*[-0.5] * 7, direction="neutral").variation.tolist() == ["low"] * 7
    # A trend that goes through the mean: the point on it is called with the side below.
    through = (-3, -2, -1, 0, 1, 2, 3)
    assert after(*through, direction="neutral").variation.tolist() == ["low"] * 4 + ["high"] * 3
    assert after(*through, direction="increase").variation.tolist() == ["concern"] * 4 + ["improvement"] * 3
    assert after(*through, direction="decrease").variation.tolist() == ["improvement"] * 3 + ["concern"] * 4


def test_groups_do_not_see_each_other() -> None:
    """Seven rising points are no trend when a new group starts among them."""
    rising = np.arange(7.0)
    assert spc.xmr(rising, "increase").trend.all()
    assert not spc.xmr(rising, "increase", rebase=(3,)).trend.any()
    assert spc.xmr(rising, "increase", rebase=(3,)).mean.tolist() == [1, 1, 1, 4.5, 4.5, 4.5, 4.5]


def test_a_level_row_and_a_single_point_say_nothing() -> None:
    level = spc.xmr([4.0] * 9, "increase")
    assert (level.lower[0], level.upper[0], set(level.variation)) == (4, 4, {"common"})
    single = spc.xmr([4.0], "increase")
    assert np.isnan(single.lower[0])
    assert single.variation.tolist() == ["common"]


@given(st.lists(st.integers(-50, 50), min_size=2, max_size=40), st.integers(-9, 9), st.integers(1, 9))
def test_another_unit_or_sign_changes_nothing_but_the_unit(values: list[int], move: int, stretch: int) -> None:
    row = np.array(values, dtype=float)
    made, mirrored = spc.xmr(row, "increase"), spc.xmr(-row, "decrease")
    assert made.variation.tolist() == mirrored.variation.tolist()
    moved = spc.xmr(row * stretch + move, "increase")
    np.testing.assert_allclose(moved.upper, made.upper * stretch + move, atol=1e-9)


# NHSRplotthedots, tests/testthat/test-ptd_calculate_assurance_type.R: limits and a target of 4.
@pytest.mark.parametrize(
    ("lower", "upper", "increase", "decrease"),
    [(1, 3, "fail", "pass"), (5, 7, "pass", "fail"), (1, 5, "hit and miss", "hit and miss")],
)
def test_assurance_published(lower: float, upper: float, increase: str, decrease: str) -> None:
    assert spc.assurance(lower, upper, 4, "increase") == increase
    assert spc.assurance(lower, upper, 4, "decrease") == decrease
    assert spc.assurance(lower, upper, 4, "neutral") == ""
    assert spc.assurance(np.nan, np.nan, 4, "increase") == ""


@pytest.mark.parametrize(("lower", "upper"), [(4, 6), (2, 4), (4, 4)])
def test_a_target_on_a_limit_may_be_met_or_missed(lower: float, upper: float) -> None:
    assert spc.assurance(lower, upper, 4, "increase") == "hit and miss"


def _marked(charts: list[spc.Chart], first: int = 0) -> np.ndarray:
    """Of each chart, which months from `first` on are marked as more than chance."""
    return np.array([chart.variation[first:] != "common" for chart in charts])


@pytest.mark.parametrize("size", [20, 40, 100])
def test_few_months_are_marked_where_nothing_changes(size: int) -> None:
    """The rules of one point, of runs and of pairs together; docs/planted-truth.md says what 2,000 series give."""
    draw = np.random.default_rng(5)
    marked = _marked([spc.xmr(draw.binomial(size, 0.5, 24) / size, "increase") for _ in range(500)])
    assert 0.01 < marked.mean() < 0.06
    assert marked.any(axis=1).mean() < 0.3


def test_a_change_that_stays_is_marked() -> None:
    draw = np.random.default_rng(6)
    changed = [np.r_[draw.binomial(40, 0.4, 16), draw.binomial(40, 0.65, 8)] / 40 for _ in range(200)]
    assert _marked([spc.xmr(values, "increase") for values in changed], first=16).any(axis=1).mean() > 0.95
