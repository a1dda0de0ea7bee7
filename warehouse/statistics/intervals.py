"""Intervals for one area: proportions, counts and their rates, means.

Sources: equity-methods reference, section 1; Wilson 1927; Byar in Breslow and Day 1987, table 2.9; Garwood 1936.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaincinv, ndtri, stdtrit

from warehouse.statistics.checks import Numbers, counts, numbers, part_of, tail, together, vector

# Breslow and Day: from ten events Byar's approximation is right to half a per cent. Below, the exact limits.
EXACT_BELOW = 10


class Interval(NamedTuple):
    """Limits of a value.

    Shapes: each that of the arguments.
    Units: those of the value.
    Raises nothing: it holds what was worked out.
    Source: ours: what belongs together has names, not places.
    """

    lower: Numbers
    upper: Numbers


class Estimate(NamedTuple):
    """A value with its limits.

    Shapes: each that of the arguments.
    Units: those of the value, for all three.
    Raises nothing: it holds what was worked out.
    Source: ours: what belongs together has names, not places.
    """

    value: Numbers
    lower: Numbers
    upper: Numbers


def normal_quantile(confidence: float = 0.95) -> float:
    """The two-sided normal quantile: 1.96 for 0.95.

    Shapes: one number in, one out.
    Units: standard deviations.
    Raises ValueError for a confidence below 0.9 or not below 1.
    Source: equity-methods reference, section 1.
    """
    return float(-ndtri(tail(confidence)))


def wilson(x: ArrayLike, n: ArrayLike, confidence: float = 0.95) -> Interval:
    """Wilson's score limits of the proportion x / n; NaN where n is 0.

    Shapes: x and n are broadcast; the limits have their common shape.
    Units: none; shares from 0 to 1.
    Raises ValueError for values that are negative, infinite or no numbers; x larger than n; shapes that do not fit each
    other; a confidence below 0.9 or not below 1.
    Source: Wilson 1927; equity-methods reference, section 1.
    """
    x, n = together(x=counts("x", x), n=counts("n", n))
    part_of("x", x, "n", n)
    z = normal_quantile(confidence)
    with np.errstate(divide="ignore", invalid="ignore"):
        n = np.where(n > 0, n, np.nan)
        value = x / n
        middle, width = 2 * x + z**2, z * np.sqrt(z**2 + 4 * x * (1 - value))
        lower, upper = ((middle + side * width) / (2 * (n + z**2)) for side in (-1, 1))
    # At 0 and at all, the limit is the value itself: rounding must not leave it a hair inside.
    return Interval(np.clip(lower, 0.0, value), np.clip(upper, value, 1.0))


def proportion(x: ArrayLike, n: ArrayLike, confidence: float = 0.95) -> Estimate:
    """x / n with Wilson's limits; NaN where n is 0.

    Shapes: x and n are broadcast; value and limits have their common shape.
    Units: none; shares from 0 to 1.
    Raises ValueError for values that are negative, infinite or no numbers; x larger than n; shapes that do not fit each
    other; a confidence below 0.9 or not below 1.
    Source: Wilson 1927; equity-methods reference, section 1.
    """
    lower, upper = wilson(x, n, confidence)
    return Estimate(_ratio(counts("x", x), counts("n", n)), lower, upper)


def byar(x: ArrayLike, confidence: float = 0.95) -> Interval:
    """Byar's approximate limits of a Poisson count. The lower limit of 0 events is not defined: NaN.

    For reports take `poisson`, which knows when the approximation is good enough.

    Shapes: the limits have that of x.
    Units: events.
    Raises ValueError for values that are negative, infinite or no numbers; a confidence below 0.9 or not below 1.
    Source: Byar in Breslow and Day 1987, table 2.9; equity-methods reference, section 1.
    """
    x = counts("x", x)
    z = normal_quantile(confidence)
    with np.errstate(divide="ignore", invalid="ignore"):
        lower = np.where(x > 0, x * (1 - 1 / (9 * x) - z / (3 * np.sqrt(x))) ** 3, np.nan)[()]
    upper = (x + 1) * (1 - 1 / (9 * (x + 1)) + z / (3 * np.sqrt(x + 1))) ** 3
    return Interval(lower, upper)


def exact_poisson(x: ArrayLike, confidence: float = 0.95) -> Interval:
    """Garwood's exact limits of a Poisson count; the lower limit of 0 events is 0.

    Half the chi-square quantiles with 2x and 2x + 2 degrees of freedom, which are the inverse incomplete gamma
    functions.

    Shapes: the limits have that of x.
    Units: events.
    Raises ValueError for values that are negative, infinite or no numbers; a confidence below 0.9 or not below 1.
    Source: Garwood 1936; equity-methods reference, section 1.
    """
    x = counts("x", x)
    share = tail(confidence)
    lower = np.where(x == 0, 0.0, gammaincinv(np.where(x == 0, 1.0, x), share))[()]
    return Interval(lower, gammaincinv(x + 1, 1 - share))


def poisson(x: ArrayLike, confidence: float = 0.95) -> Interval:
    """Limits of a count: exact below 10, Byar's from 10.

    Shapes: the limits have that of x.
    Units: events.
    Raises ValueError for values that are negative, infinite or no numbers; a confidence below 0.9 or not below 1.
    Source: Garwood 1936; Breslow and Day 1987; where to change over: equity-methods reference, section 1.
    """
    x = counts("x", x)
    exact, approximate = exact_poisson(x, confidence), byar(x, confidence)
    few = x < EXACT_BELOW
    return Interval(*(np.where(few, a, b)[()] for a, b in zip(exact, approximate, strict=True)))


def rate(x: ArrayLike, n: ArrayLike, multiplier: float = 1.0, confidence: float = 0.95) -> Estimate:
    """x events per `multiplier` of n, with the limits of `poisson`; NaN where n is 0. n has no upper limit on x: events
    may be more than people.

    Shapes: x and n are broadcast; value and limits have their common shape.
    Units: events per `multiplier` of n.
    Raises ValueError for values that are negative, infinite or no numbers; shapes that do not fit each other; a
    confidence below 0.9 or not below 1.
    Source: as `poisson`; equity-methods reference, section 1.
    """
    x, n = together(x=counts("x", x), n=counts("n", n))
    return Estimate(*(_ratio(part, n) * multiplier for part in (x, *poisson(x, confidence))))


def mean(values: ArrayLike, confidence: float = 0.95) -> Estimate:
    """The mean with Student's limits. One value has a mean and no limits: NaN.

    Shapes: one row in; three numbers out.
    Units: those of the values.
    Raises ValueError for values that are missing, infinite or no numbers; no value; more than one row; a confidence
    below 0.9 or not below 1.
    Source: equity-methods reference, section 1.
    """
    values = vector("values", numbers("values", values, missing=False))
    share = tail(confidence)
    middle = values.mean()
    if values.size == 1:
        return Estimate(middle, np.float64(np.nan), np.float64(np.nan))
    width = stdtrit(values.size - 1, 1 - share) * values.std(ddof=1) / np.sqrt(values.size)
    return Estimate(middle, middle - width, middle + width)


def _ratio(x: Numbers, n: Numbers) -> Numbers:
    """x / n, NaN where n is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(n > 0, x / n, np.nan)[()]
