"""One number for how unevenly something is spread, and what chance alone would make of it.

Source: equity-methods reference, section 9. All measures work along the last axis, are 0 where all are equal, and
do not change when all values are multiplied. `weights` are the people behind each value; without them each area
counts the same: say which.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import xlogy

from warehouse.statistics.checks import (
    Numbers,
    counts,
    generator,
    numbers,
    part_of,
    positive,
    same_length,
    tail,
    together,
    vector,
)
from warehouse.statistics.intervals import Interval

FEWEST_DRAWS = 1_000


class Decomposition(NamedTuple):
    """`total` is `between` groups plus `within` them, exactly.

    Shapes: three single numbers.
    Units: none.
    Raises nothing: it holds what was worked out.
    Source: equity-methods reference, section 9.
    """

    total: float
    between: float
    within: float


def gini(values: ArrayLike, weights: ArrayLike | None = None) -> Numbers:
    """Half the mean difference of any two, over the mean. NaN where all are 0.

    Shapes: values along the last axis, `weights` broadcast with them; the result has the shape without it.
    Units: any in; none out, from 0 to 1.
    Raises ValueError for values that are missing, negative, infinite or no numbers; no value; a weight not above 0;
    shapes that do not fit each other.
    Source: equity-methods reference, section 9.
    """
    values, share = _shares(values, weights)
    order = np.argsort(values, axis=-1)
    values, share = (np.take_along_axis(part, order, axis=-1) for part in (values, share))
    held = _over(np.cumsum(values * share, axis=-1), (values * share).sum(axis=-1, keepdims=True))
    before = np.concatenate([np.zeros_like(held[..., :1]), held[..., :-1]], axis=-1)
    return 1 - ((held + before) * share).sum(axis=-1)


def theil(values: ArrayLike, weights: ArrayLike | None = None) -> Numbers:
    """Theil's T: mean of (x / mean) ln (x / mean), a 0 adding 0. NaN where all are 0.

    Shapes: values along the last axis, `weights` broadcast with them; the result has the shape without it.
    Units: any in; none out, from 0.
    Raises ValueError for values that are missing, negative, infinite or no numbers; no value; a weight not above 0;
    shapes that do not fit each other.
    Source: equity-methods reference, section 9.
    """
    values, share = _shares(values, weights)
    relative = _over(values, (values * share).sum(axis=-1, keepdims=True))
    return (share * xlogy(relative, relative)).sum(axis=-1)


def theil_parts(values: ArrayLike, groups: ArrayLike, weights: ArrayLike | None = None) -> Decomposition:
    """Theil's T, parted into that between `groups` (a label for each value) and that within them.

    Shapes: one row of values, with as many groups and weights; three numbers out.
    Units: any in; none out, from 0.
    Raises ValueError for values that are missing, negative, infinite or no numbers; no value; a weight not above 0;
    shapes that do not fit each other; more than one row; groups not as long as values. TypeError for labels that cannot
    be put in order.
    Source: equity-methods reference, section 9.
    """
    values, share = _shares(values, weights)
    values, groups = vector("values", values), np.asarray(groups)
    same_length(values=values, groups=groups)
    mean = (values * share).sum()
    between = within = 0.0
    for group in np.unique(groups):
        members = groups == group
        people = share[members].sum()
        group_mean = (values * share)[members].sum() / people
        held = people * _over(group_mean, mean)
        between += xlogy(held, _over(group_mean, mean))
        if group_mean > 0:
            within += held * theil(values[members], share[members])
    return Decomposition(float(theil(values, share)), float(between), float(within))


def atkinson(values: ArrayLike, epsilon: float, weights: ArrayLike | None = None) -> Numbers:
    """The share of the total that could be given up if the rest were spread evenly, to a reader with aversion
    `epsilon`. NaN where all are 0 and epsilon is below 1.

    Shapes: values along the last axis, `weights` broadcast with them; the result has the shape without it; `epsilon` is
    one number.
    Units: any in; none out, from 0 to 1.
    Raises ValueError for values that are missing, negative, infinite or no numbers; no value; a weight not above 0;
    shapes that do not fit each other; an epsilon not above 0; a value of 0 where epsilon is 1 or more: it breaks there.
    TypeError for several epsilons.
    Source: equity-methods reference, section 9.
    """
    values, share = _shares(values, weights)
    epsilon = float(positive("epsilon", epsilon))
    if epsilon >= 1 and (values == 0).any():
        raise ValueError("values: must be above 0 for an epsilon of 1 or more")
    relative = _over(values, (values * share).sum(axis=-1, keepdims=True))
    if epsilon == 1:
        return 1 - np.exp((share * np.log(relative)).sum(axis=-1))
    return 1 - (share * relative ** (1 - epsilon)).sum(axis=-1) ** (1 / (1 - epsilon))


def chance_band(
    events: ArrayLike,
    population: ArrayLike,
    measure: Callable[[Numbers, Numbers], Numbers],
    *,
    seed: int,
    kind: Literal["proportion", "rate"],
    confidence: float = 0.95,
    draws: int = FEWEST_DRAWS,
) -> Interval:
    """Where `measure` would lie if every area had the same rate: say "unequal" only above it.

    All events are dealt out again, `draws` times: of a `proportion` each person has one at most (multivariate
    hypergeometric), of a `rate` any number (multinomial). The total is kept, so no rate is assumed. `measure` takes
    rates (areas last) and populations: `gini` weighs by children; `lambda rates, _: gini(rates)` counts areas. The same
    seed gives the same band.

    Shapes: two rows of one length; two limits out.
    Units: whole people or events in; that of the measure out.
    Raises ValueError for values that are missing, negative, infinite or no numbers; counts that are not whole; what is
    not two rows of one length; an empty area; no events; more events than people (`proportion`); fewer than 1,000
    draws; a confidence below 0.9 or not below 1; an unknown kind; a seed that is no whole number from 0; and what
    `measure` raises.
    Source: equity-methods reference, section 9, asks for a band under equal rates; to deal out the total is ours: no
    rate needs to be assumed.
    """
    events = vector("events", counts("events", events, missing=False))
    population = positive("population", population)
    same_length(events=events, population=population)
    if (events % 1).any() or (population % 1).any():
        raise ValueError("events and population: must be whole numbers")
    if draws < FEWEST_DRAWS:
        raise ValueError(f"draws: must be at least {FEWEST_DRAWS}")
    total = int(events.sum())
    if not total:
        raise ValueError("events: must have at least one")
    share = tail(confidence)
    random = generator(seed)
    if kind == "proportion":
        part_of("events", events, "population", population)
        dealt = random.multivariate_hypergeometric(population.astype(np.int64), total, size=draws, method="marginals")
    elif kind == "rate":
        dealt = random.multinomial(total, population / population.sum(), size=draws)
    else:
        raise ValueError("kind: must be proportion or rate")
    return Interval(*np.quantile(measure(dealt / population, population), [share, 1 - share]))


def _shares(values: ArrayLike, weights: ArrayLike | None) -> tuple[Numbers, Numbers]:
    """Values, and each one's share of the weights, in one shape."""
    values = numbers("values", np.atleast_1d(counts("values", values, missing=False)))
    if not values.shape[-1]:
        raise ValueError("values: needs at least 1 value")
    weights = np.ones(values.shape[-1]) if weights is None else positive("weights", weights)
    values, weights = together(values=values, weights=weights)
    return values, weights / weights.sum(axis=-1, keepdims=True)


def _over(part: Numbers, whole: Numbers) -> Numbers:
    """part / whole, NaN where the whole is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(whole > 0, part / whole, np.nan)
