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
    """`raw` and `shrunk` rates per head, the `weight` (0 to 1) of the area's own rate, the `overall` rate, and the
    `variance` between areas beyond chance. A variance of 0 is no evidence of real variation: every area gets the
    overall rate.
    """

    raw: Numbers
    weight: Numbers
    shrunk: Numbers
    overall: float
    variance: float


def empirical_bayes(events: ArrayLike, population: ArrayLike) -> Shrunk:
    """Marshall's global empirical Bayes rates of one row of areas.

    For maps, never published as if observed, and never fed to an index of inequality: that smooths twice. Raises
    ValueError for fewer than 2 areas, a missing or negative value, an empty area, or no event at all.
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
    value.

    A missing value is not unreliable: it is not there. Raises ValueError where the limits are the wrong way round.
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
