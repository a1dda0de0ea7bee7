"""Is this month different: XmR charts with the four rules of Making Data Count.

Sources: equity-methods reference, section 7; Wheeler, Understanding Variation; the method of NHSRplotthedots (read,
not copied). For monthly flows of a dozen points or more; not for percentages of tiny months, yearly SEN2 or a stock
such as the caseload.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Literal, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike, NDArray

from warehouse.statistics.checks import Numbers, numbers, vector

Direction = Literal["increase", "decrease", "neutral"]
Flags = NDArray[np.bool_]

# 3 / 1.128 and D4 of Shewhart's tables for a moving range of two.
LIMIT, SCREEN = 2.66, 3.267
RUN = 7


class Chart(NamedTuple):
    """One value per point; lines are constant within a rebase group.

    Rules, in the order in which a reader is told of them: `outside` the limits; `trend`, part of 7 points that each
    rise, or each fall; `near`, of three on one side of the mean one of at least 2 in the outer third; `run`, part of 7
    on one side of the mean. `variation` is `common`; or `improvement` or `concern` by the side of the mean that the
    point lies on (on it: concern); or for a neutral measure `high` or `low` (on it: low).

    Shapes: each one row, as long as the values.
    Units: lines those of the values; the rules are true or false, `variation` a word.
    Raises nothing: it holds what was worked out.
    Source: equity-methods reference, section 7; Making Data Count.
    """

    mean: Numbers
    lower: Numbers
    upper: Numbers
    outside: Flags
    trend: Flags
    near: Flags
    run: Flags
    variation: NDArray[np.str_]


def xmr(
    values: ArrayLike,
    direction: Direction,
    *,
    rebase: tuple[int, ...] = (),
    fix_after: int | None = None,
    screen: bool = True,
) -> Chart:
    """An XmR chart of values in order of time, without gaps.

    `direction` says which way is better. `rebase` holds the positions (from 0) at which a new group with lines of its
    own starts; `fix_after` rests each group's lines on its first so many points. Limits are 2.66 mean moving ranges
    from the mean, where ranges of 3.267 times their mean or more are left out once (`screen`). A group of one point has
    a mean and no limits: NaN.

    Shapes: one row in; the chart has a value for each of its points.
    Units: the lines have those of the values.
    Raises ValueError for values that are missing, infinite or no numbers; no value; more than one row; an unknown
    direction; positions that do not rise within the row; fix_after below 2.
    Source: Wheeler, Understanding Variation; the method of NHSRplotthedots; equity-methods reference, section 7.
    """
    values = vector("values", numbers("values", values, missing=False))
    _known(direction)
    starts = [0, *rebase, values.size]
    if any(start >= end for start, end in pairwise(starts)):
        raise ValueError("rebase: positions must rise, between the first point and the last")
    if fix_after is not None and fix_after < 2:
        raise ValueError("fix_after: must be at least 2")
    groups = [_group(values[start:end], direction, fix_after, screen) for start, end in pairwise(starts)]
    return Chart(*(np.concatenate(parts) for parts in zip(*groups, strict=True)))


def assurance(lower: float, upper: float, target: float, direction: Direction) -> str:
    """`pass` or `fail` where the limits of the last point say the target will be met or missed by chance alone, else
    `hit and miss`. Empty for a neutral measure, and where a limit or the target is missing.

    Shapes: three single numbers in, one word out.
    Units: limits and target in the same.
    Raises ValueError for an unknown direction, and for a lower limit above the upper where the answer is not empty.
    Source: the method of NHSRplotthedots; equity-methods reference, section 7.
    """
    _known(direction)
    if direction == "neutral" or np.isnan([lower, upper, target]).any():
        return ""
    if lower > upper:
        raise ValueError("lower: must not be above upper")
    if lower <= target <= upper:
        return "hit and miss"
    return "pass" if (target < lower) == (direction == "increase") else "fail"


def _known(direction: str) -> None:
    if direction not in ("increase", "decrease", "neutral"):
        raise ValueError("direction: must be one of increase, decrease, neutral")


def _group(values: Numbers, direction: Direction, fix_after: int | None, screen: bool) -> Chart:
    base = values[:fix_after]
    mean, ranges = base.mean(), np.abs(np.diff(base))
    if screen and ranges.any():
        ranges = ranges[ranges < SCREEN * ranges.mean()]
    width = LIMIT * ranges.mean() if ranges.size else np.nan
    away = values - mean
    side = np.sign(away)
    outside = np.abs(away) > width
    outer = ~outside & (np.abs(away) > width * 2 / 3)
    steps = np.sign(np.diff(values))
    same_side = _windows(side, 3).sum(axis=1)
    trend = _marked(np.abs(_windows(steps, RUN - 1).sum(axis=1)) == RUN - 1, RUN, values.size)
    near = outer & _marked((np.abs(same_side) == 3) & (_windows(outer, 3).sum(axis=1) >= 2), 3, values.size)
    run = _marked(np.abs(_windows(side, RUN).sum(axis=1)) == RUN, RUN, values.size)
    special = outside | trend | near | run
    if direction == "neutral":
        kind = np.where(side > 0, "high", "low")
    else:
        kind = np.where(side == (1 if direction == "increase" else -1), "improvement", "concern")
    lines = (np.full(values.size, line) for line in (mean, mean - width, mean + width))
    return Chart(*lines, outside, trend, near, run, np.where(special, kind, "common"))


def _windows(values: NDArray, length: int) -> NDArray:
    """Each `length` neighbours as a row; no rows where there are fewer."""
    if values.size < length:
        return np.empty((0, length))
    return sliding_window_view(values, length)


def _marked(windows: Flags, length: int, points: int) -> Flags:
    """The points of all marked windows; windows start at consecutive points."""
    marked = np.zeros(points, dtype=bool)
    for start in np.flatnonzero(windows):
        marked[start : start + length] = True
    return marked
