"""Rates of small areas: shrunk towards the county's, and flagged where they say little.

Source: equity-methods reference, section 8; Marshall 1991 (Applied Statistics 40, 283-294), the global estimator.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from warehouse.statistics.checks import Numbers, counts, numbers, positive, same_length, together, vector

WIDEST, FEWEST_EVENTS = 0.6, 10


class Shrunk(NamedTuple):
    """`raw` and `shrunk` rates, the `weight` (0 to 1) of the area's own rate, the `overall` rate, and the `variance`
    between areas beyond chance. A variance of 0 is no evidence of real variation: every area gets the overall rate.

    Shapes: three rows of areas, then two numbers.
    Units: rates per head; the weight has none; the variance is squared.
    Raises nothing: it holds what was worked out.
    Source: Marshall 1991; equity-methods reference, section 8.
    """

    raw: Numbers
    weight: Numbers
    shrunk: Numbers
    overall: float
    variance: float


def empirical_bayes(events: ArrayLike, population: ArrayLike) -> Shrunk:
    """Marshall's global empirical Bayes rates.

    For maps, never published as if observed, and never fed to an index of inequality: that smooths twice.

    Shapes: two rows of one length, a value for each area; the result as `Shrunk`.
    Units: events and people in; rates per head out.
    Raises ValueError for fewer than 2 areas; what is not two rows of one length; values that are missing, negative,
    infinite or no numbers; an empty area; no event at all.
    Source: Marshall 1991, the global estimator; equity-methods reference, section 8.
    """
    events = vector("events", counts("events", events, missing=False), 2)
    population = positive("population", population)
    same_length(events=events, population=population)
    if not events.any():
        raise ValueError("events: must have at least one")
    raw, people = events / population, population.sum()
    overall = events.sum() / people
    spread = (population * (raw - overall) ** 2).sum() / people
    variance = max(0.0, spread - overall / population.mean())
    weight = variance / (variance + overall / population)
    return Shrunk(raw, weight, overall + weight * (raw - overall), float(overall), float(variance))


def is_unreliable(value: ArrayLike, lower: ArrayLike, upper: ArrayLike, events: ArrayLike) -> NDArray[np.bool_]:
    """Whether a figure is shown with DfE's symbol u: fewer than 10 events, or limits further apart than 60% of the
    value. A missing value is not unreliable: it is not there. Limits or events that are missing say nothing against it.

    Shapes: the four are broadcast; the flags have their common shape.
    Units: value and limits in one, events; true or false out.
    Raises ValueError for limits the wrong way round; negative events; values that are infinite or no numbers; shapes
    that do not fit each other.
    Source: equity-methods reference, section 8.
    """
    value, lower, upper, events = together(
        value=numbers("value", value),
        lower=numbers("lower", lower),
        upper=numbers("upper", upper),
        events=counts("events", events),
    )
    if (lower > upper).any():
        raise ValueError("lower: must not be above upper")
    return ~np.isnan(value) & ((events < FEWEST_EVENTS) | (upper - lower > WIDEST * np.abs(value)))
