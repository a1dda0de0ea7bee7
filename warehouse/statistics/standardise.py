"""Rates of groups that are not made alike: directly and indirectly standardised.

Sources: equity-methods reference, sections 2 and 3; Dobson, Kuulasmaa, Eberle and Scherer 1991; Breslow and Day
1987.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from warehouse.statistics.checks import Numbers, counts, positive, together
from warehouse.statistics.intervals import Estimate, byar, poisson

# Below ten events a directly standardised rate is the weights' noise: Fingertips gives none.
FEWEST_EVENTS = 10


class Indirect(NamedTuple):
    """Observed and expected events, and their ratio with its limits, times the multiplier.

    Shapes: each that of the arguments without the strata.
    Units: events; the ratio and its limits as the multiplier makes them.
    Raises nothing: it holds what was worked out.
    Source: equity-methods reference, section 3.
    """

    observed: Numbers
    expected: Numbers
    value: Numbers
    lower: Numbers
    upper: Numbers


def direct(
    events: ArrayLike, population: ArrayLike, weights: ArrayLike, multiplier: float = 1.0, confidence: float = 0.95
) -> Estimate:
    """The rate that would be seen in a standard population, per `multiplier`, with Dobson's limits.

    All three are NaN below 10 events in total. Events are independent: where one child may have several, take
    `direct_repeated`.

    Shapes: strata (age bands) are the last axis of `events`, `population` and `weights` (people of the standard
    population), which are broadcast; the result has the shape of the others, so many areas go in one call.
    Units: events and people in; events per `multiplier` out.
    Raises ValueError for values that are missing, negative, infinite or no numbers; a population or a weight of 0;
    shapes that do not fit each other; a confidence below 0.9 or not below 1. IndexError where events are a single
    number.
    Source: Dobson, Kuulasmaa, Eberle and Scherer 1991; equity-methods reference, section 2; below 10 events:
    Fingertips.
    """
    events = counts("events", events, missing=False)
    return _direct(events[..., np.newaxis, :], np.ones(1), population, weights, multiplier, confidence)


def direct_repeated(
    people: ArrayLike,
    frequency: ArrayLike,
    population: ArrayLike,
    weights: ArrayLike,
    multiplier: float = 1.0,
    confidence: float = 0.95,
) -> Estimate:
    """As `direct`, for events that come several to a person: suspensions, contacts. The limits are wider than
    Poisson's.

    The variance of an event count is the sum of f² times the people, not of f times. NaN below 10 events (not people).

    Shapes: `people` has the strata on its last axis and the frequencies on the one before: how many had exactly
    `frequency[f]` events; `frequency` is one row; the rest as `direct`.
    Units: people in; events per `multiplier` out.
    Raises ValueError for values that are missing, negative, infinite or no numbers; a frequency, population or weight
    of 0; an axis of frequencies not as long as `frequency`; shapes that do not fit each other; a confidence below 0.9
    or not below 1.
    Source: Fingertips guidance; equity-methods reference, section 2.
    """
    frequency = positive("frequency", frequency)
    people = counts("people", people, missing=False)
    if people.ndim < 2 or frequency.shape != people.shape[-2:-1]:
        raise ValueError("people and frequency: the axis before the last of people must be as long as frequency")
    return _direct(people, frequency, population, weights, multiplier, confidence)


def _direct(
    people: Numbers, frequency: Numbers, population: ArrayLike, weights: ArrayLike, multiplier: float, confidence: float
) -> Estimate:
    population, weights = positive("population", population), positive("weights", weights)
    events = np.einsum("...fs,f->...s", people, frequency)
    squares = np.einsum("...fs,f->...s", people, frequency**2)
    events, squares, population, weights = together(
        events=events, squares=squares, population=population, weights=weights
    )
    share = weights / weights.sum(axis=-1, keepdims=True)
    value = (share * events / population).sum(axis=-1)
    variance = (share**2 * squares / population**2).sum(axis=-1)
    total = events.sum(axis=-1)
    total = np.where(total < FEWEST_EVENTS, np.nan, total)
    scale = np.sqrt(variance / total)
    lower, upper = (value + scale * (limit - total) for limit in byar(total, confidence))
    return Estimate(*(np.where(np.isnan(total), np.nan, part) * multiplier for part in (value, lower, upper)))


def indirect(
    events: ArrayLike,
    population: ArrayLike,
    reference_events: ArrayLike,
    reference_population: ArrayLike,
    multiplier: float = 1.0,
    confidence: float = 0.95,
) -> Indirect:
    """Events against those expected at the reference's rates, stratum by stratum.

    `multiplier` 1 gives the ratio, 100 the familiar index, the reference's crude rate a rate. Limits are exact below 10
    events and Byar's from 10. A stratum may be empty in an area (it adds nothing), not in the reference. Nothing
    expected: NaN. Two areas' ratios compare with the reference and never with each other: each has weights of its own.

    Shapes: strata are the last axis of the four, which are broadcast; the result has the shape of the others.
    Units: events and people in; events, and a ratio times the multiplier, out.
    Raises ValueError for values that are missing, negative, infinite or no numbers; a reference population of 0; shapes
    that do not fit each other; a confidence below 0.9 or not below 1.
    Source: Breslow and Day 1987; equity-methods reference, section 3.
    """
    events, population, reference_events, reference_population = together(
        events=counts("events", events, missing=False),
        population=counts("population", population, missing=False),
        reference_events=counts("reference_events", reference_events, missing=False),
        reference_population=positive("reference_population", reference_population),
    )
    observed = events.sum(axis=-1)
    expected = (population * reference_events / reference_population).sum(axis=-1)
    base = np.where(expected > 0, expected, np.nan)
    value, lower, upper = (part / base * multiplier for part in (observed, *poisson(observed, confidence)))
    return Indirect(observed, expected, value, lower, upper)
