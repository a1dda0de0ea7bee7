"""How steeply a value changes from the most to the least deprived: slope and relative index of inequality, and the
quantiles.

Sources: equity-methods reference, section 5; Mackenbach and Kunst 1997; the definitions of PHEindicatormethods
(read, not copied).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit, logit, ndtri
from scipy.stats import rankdata

from warehouse.statistics.checks import Numbers, generator, numbers, positive, same_length, tail, vector
from warehouse.statistics.intervals import Estimate

Kind = Literal["plain", "rate", "proportion"]
FEWEST_GROUPS, MOST_GROUPS = 5, 100
FEWEST_DRAWS = 1_000

_TRANSFORMS: dict[str, tuple[Callable[[Numbers], Numbers], Callable[[Numbers], Numbers]]] = {
    "plain": (np.asarray, np.asarray),
    "rate": (np.log, np.exp),
    "proportion": (logit, expit),
}


class Gradient(NamedTuple):
    """`slope`: the fitted value of the least deprived end less that of the most deprived, times the multiplier (SII).
    `relative`: the first over the second, or the reverse for a negative multiplier (RII). Scotland divides the SII by
    the mean instead: another number, so a chart says which.

    Shapes: two single numbers.
    Units: the slope that of the value times the multiplier; `relative` has none.
    Raises nothing: it holds what was worked out.
    Source: Mackenbach and Kunst 1997; equity-methods reference, section 5.
    """

    slope: Numbers
    relative: Numbers


class GradientInterval(NamedTuple):
    """Both indices as value, lower and upper.

    Shapes: single numbers.
    Units: as `Gradient`.
    Raises nothing: it holds what was worked out.
    Source: equity-methods reference, section 5.
    """

    slope: Estimate
    relative: Estimate


def gradient(
    value: ArrayLike,
    population: ArrayLike,
    *,
    kind: Kind = "plain",
    transform: bool = False,
    multiplier: float = 1.0,
) -> Gradient:
    """Slope and relative index over groups in order, the most deprived first (decile 1 of the IMD files).

    A least-squares line of `value` on the middle of each group's share of the population, weighted by that share. With
    `transform` the line is fitted to logs (kind `rate`) or logits (`proportion`) and read back. Use a negative
    multiplier where low is good, or -100 for a proportion in percentage points.

    Shapes: two rows of one length, a value for each group; two numbers out.
    Units: the slope has the value's, times the multiplier; the relative index none.
    Raises ValueError for fewer than 5 or more than 100 groups; what is not two rows of one length; values that are
    missing, infinite or no numbers; a population not above 0 (a small district often has no area in the most deprived
    national decile: use the county's own quintiles); an unknown kind; with `transform`, values that the kind cannot
    have.
    Source: Mackenbach and Kunst 1997; equity-methods reference, section 5; the definitions of PHEindicatormethods.
    """
    value, weights = _groups(value, population, kind, strict=transform)
    return Gradient(*_indices(value, weights, kind, transform, multiplier))


def gradient_interval(
    value: ArrayLike,
    lower: ArrayLike,
    upper: ArrayLike,
    population: ArrayLike,
    *,
    seed: int,
    kind: Kind = "plain",
    transform: bool = False,
    multiplier: float = 1.0,
    confidence: float = 0.95,
    draws: int = 100_000,
) -> GradientInterval:
    """As `gradient`, with simulated limits: each group is drawn from a normal distribution on the scale of its kind.

    `lower` and `upper` are each group's 95% limits, whatever `confidence` is asked for the indices. 100,000 draws fix a
    limit to about 1% of the interval's width; the same seed gives the same limits.

    Shapes: four rows of one length; two values with limits out.
    Units: as `gradient`; the limits in that of the value.
    Raises ValueError as `gradient`, and for values or limits that the kind cannot have; limits that are missing, not as
    many, or do not enclose the value; fewer than 1,000 draws; a confidence below 0.9 or not below 1; a seed that is
    no whole number from 0.
    Source: equity-methods reference, section 5, the method of PHEindicatormethods.
    """
    value, weights = _groups(value, population, kind, strict=transform or kind != "plain")
    lower, upper = (numbers(name, limit, missing=False) for name, limit in (("lower", lower), ("upper", upper)))
    same_length(value=value, lower=lower, upper=upper)
    if (lower > value).any() or (value > upper).any():
        raise ValueError("lower and upper: must enclose the value")
    _of_kind("lower", lower, kind)
    _of_kind("upper", upper, kind)
    if draws < FEWEST_DRAWS:
        raise ValueError(f"draws: must be at least {FEWEST_DRAWS}")
    share = tail(confidence)
    forward, back = _TRANSFORMS[kind]
    error = (forward(upper) - forward(lower)) / (2 * ndtri(0.975))
    drawn = generator(seed).normal(forward(value), error, size=(draws, value.size))
    simulated = _indices(back(drawn), weights, kind, transform, multiplier)
    first, last = (max(round(draws * part), 1) - 1 for part in (share, 1 - share))
    estimates = (
        Estimate(index, *np.sort(spread)[[first, last]])
        for index, spread in zip(_indices(value, weights, kind, transform, multiplier), simulated, strict=True)
    )
    return GradientInterval(*estimates)


def quantile(values: ArrayLike, groups: int, *, invert: bool = False) -> Numbers:
    """The quantile, 1 to `groups`, of each value; 1 holds the lowest, or the highest with `invert`.

    Ties share the lower rank, so equal values are never parted. A missing value has no quantile (NaN); with fewer
    values than groups nobody has one.

    Shapes: one row in, one of the same length out.
    Units: any in; none out, ranks from 1.
    Raises ValueError for fewer than 2 groups; values that are infinite or no numbers; no value; more than one row.
    Source: equity-methods reference, section 5, as PHEindicatormethods' `phe_quantile`, in whole numbers.
    """
    values = vector("values", numbers("values", values))
    if groups < 2:
        raise ValueError("groups: must be at least 2")
    there = ~np.isnan(values)
    result, n = np.full(values.shape, np.nan), int(there.sum())
    if n < groups:
        return result
    rank = rankdata(-values[there] if invert else values[there], method="min").astype(int)
    # In whole numbers: n / groups is not exact in floats, and some values at a boundary fall to the wrong side.
    from_top = -(-(n + 1 - rank) * groups // n)
    result[there] = groups + 1 - from_top
    return result


def _groups(value: ArrayLike, population: ArrayLike, kind: Kind, *, strict: bool) -> tuple[Numbers, Numbers]:
    """Values and shares of the population."""
    if kind not in _TRANSFORMS:
        raise ValueError(f"kind: must be one of {', '.join(_TRANSFORMS)}")
    value = vector("value", numbers("value", value, missing=False), FEWEST_GROUPS)
    population = positive("population", population)
    same_length(value=value, population=population)
    if value.size > MOST_GROUPS:
        raise ValueError(f"value: must be at most {MOST_GROUPS} groups")
    if strict:
        _of_kind("value", value, kind)
    return value, population / population.sum()


def _of_kind(name: str, values: Numbers, kind: Kind) -> None:
    if kind != "plain" and (values <= 0).any():
        raise ValueError(f"{name}: must be above 0 for a {kind}")
    if kind == "proportion" and (values >= 1).any():
        raise ValueError(f"{name}: must be below 1 for a proportion")


def _indices(
    value: Numbers, weights: Numbers, kind: Kind, transform: bool, multiplier: float
) -> tuple[Numbers, Numbers]:
    """Slope and relative index of each row of `value` (groups last)."""
    forward, back = _TRANSFORMS[kind] if transform else _TRANSFORMS["plain"]
    fitted = forward(value)
    position = np.cumsum(weights) - weights / 2  # its weighted mean is exactly one half
    from_middle = weights * (position - 0.5)
    slope = fitted @ from_middle / (from_middle @ position)
    start = fitted @ weights - slope / 2
    first, last = back(start), back(start + slope)
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = last / first if multiplier > 0 else first / last
    return (last - first) * multiplier, relative
