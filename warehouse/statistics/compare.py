"""Two groups, or one against all others: ratios, differences, disproportionality, many looks at once.

A group is compared with the rest, never with a total that holds it. Sources: equity-methods reference, section 4;
Katz et al. 1978; Newcombe 1998 (Statistics in Medicine 17, 873-890, method 10); 34 CFR 300.647; Benjamini and
Hochberg 1995.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaincinv
from scipy.stats import false_discovery_control

from warehouse.statistics.checks import Numbers, counts, numbers, part_of, tail, together, vector
from warehouse.statistics.intervals import EXACT_BELOW, Estimate, normal_quantile, wilson


class Disproportionality(NamedTuple):
    """The risk ratio of a group with its limits; `basis` says against whom: `local`, `alternate`, or empty for no
    ratio.

    `composition` is the group's share of the outcome over its share of the people: the same fact as a parent would say
    it. `is_alert` is a ratio of at least the threshold whose interval is clear of 1.

    Shapes: each that of the arguments, broadcast.
    Units: none; ratios.
    Raises nothing: it holds what was worked out.
    Source: 34 CFR 300.647; composition and alert: equity-methods reference, section 4.
    """

    ratio: Numbers
    lower: Numbers
    upper: Numbers
    basis: NDArray[np.str_]
    composition: Numbers
    is_alert: NDArray[np.bool_]


def rate_ratio(x1: ArrayLike, n1: ArrayLike, x0: ArrayLike, n0: ArrayLike, confidence: float = 0.95) -> Estimate:
    """(x1 / n1) / (x0 / n0) for counted events: log limits, exact conditional ones where either count is below 10.

    Given their sum, x1 is binomial: its exact (Clopper-Pearson) limits become those of the ratio. NaN where a count or
    a denominator is 0: then the counts speak, not a ratio. Events may be more than people.

    Shapes: the four are broadcast; value and limits have their common shape.
    Units: none; a ratio.
    Raises ValueError for values that are negative, infinite or no numbers; shapes that do not fit each other; a
    confidence below 0.9 or not below 1.
    Source: equity-methods reference, section 4, from memory there.
    """
    x1, n1, x0, n0 = _four(x1, n1, x0, n0)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = x1 / n1 / (x0 / n0)
        width = normal_quantile(confidence) * np.sqrt(1 / x1 + 1 / x0)
        share = tail(confidence)
        low, high = betaincinv(x1, x0 + 1, share), betaincinv(x1 + 1, x0, 1 - share)
        exact = (np.fmin(x1, x0) < EXACT_BELOW) & ~np.isnan(ratio)
        lower = np.where(exact, low / (1 - low) * n0 / n1, ratio * np.exp(-width))[()]
        upper = np.where(exact, high / (1 - high) * n0 / n1, ratio * np.exp(width))[()]
    return Estimate(ratio, lower, upper)


def risk_ratio(x1: ArrayLike, n1: ArrayLike, x0: ArrayLike, n0: ArrayLike, confidence: float = 0.95) -> Estimate:
    """Ratio of two proportions with Katz's log limits; NaN where a count or a denominator is 0.

    Shapes: the four are broadcast; value and limits have their common shape.
    Units: none; a ratio.
    Raises ValueError for values that are negative, infinite or no numbers; a count larger than its denominator, unless
    one of the four is 0 or missing; shapes that do not fit each other; a confidence below 0.9 or not below 1.
    Source: Katz et al. 1978; equity-methods reference, section 4.
    """
    x1, n1, x0, n0 = _four(x1, n1, x0, n0)
    part_of("x1", x1, "n1", n1)
    part_of("x0", x0, "n0", n0)
    ratio = x1 / n1 / (x0 / n0)
    width = normal_quantile(confidence) * np.sqrt(np.maximum(1 / x1 - 1 / n1 + 1 / x0 - 1 / n0, 0))
    return Estimate(ratio, ratio * np.exp(-width), ratio * np.exp(width))


def difference(x1: ArrayLike, n1: ArrayLike, x0: ArrayLike, n0: ArrayLike, confidence: float = 0.95) -> Estimate:
    """x1 / n1 - x0 / n0 with Newcombe's limits (from Wilson's); NaN where a denominator is 0.

    Shapes: the four are broadcast; value and limits have their common shape.
    Units: none; a difference of shares, from -1 to 1.
    Raises ValueError for values that are negative, infinite or no numbers; a count larger than its denominator; shapes
    that do not fit each other; a confidence below 0.9 or not below 1. The first two are said of x and n.
    Source: Newcombe 1998, method 10; equity-methods reference, section 4.
    """
    lower1, upper1 = wilson(x1, n1, confidence)
    lower0, upper0 = wilson(x0, n0, confidence)
    x1, n1, x0, n0 = together(x1=counts("x1", x1), n1=counts("n1", n1), x0=counts("x0", x0), n0=counts("n0", n0))
    with np.errstate(divide="ignore", invalid="ignore"):
        p1, p0 = x1 / n1, x0 / n0
        value = p1 - p0
        lower = value - np.sqrt((p1 - lower1) ** 2 + (upper0 - p0) ** 2)
        upper = value + np.sqrt((upper1 - p1) ** 2 + (p0 - lower0) ** 2)
    return Estimate(value, np.maximum(lower, -1.0), np.minimum(upper, 1.0))


def disproportionality(
    x: ArrayLike,
    n: ArrayLike,
    other_x: ArrayLike,
    other_n: ArrayLike,
    wider_x: ArrayLike,
    wider_n: ArrayLike,
    *,
    least_cell: float = 10,
    least_n: float = 30,
    threshold: float = 1.5,
    confidence: float = 0.95,
) -> Disproportionality:
    """The risk of an outcome in a group (x of n) over that of all other groups in the same area (other_x of other_n).

    Where the others are too few (cell below `least_cell` or people below `least_n`) the others of a wider area stand in
    (wider_x of wider_n): the alternate ratio. Where the group itself is too small, or both comparisons are, there is no
    ratio. Three years may be added up before asking.

    Shapes: the six are broadcast; all of the result has their common shape.
    Units: people in; ratios out, which have none.
    Raises ValueError for values that are negative, infinite or no numbers; a count larger than its people; shapes that
    do not fit each other; a confidence below 0.9 or not below 1.
    Source: 34 CFR 300.647; the threshold of 1.5, a choice: equity-methods reference, section 4.
    """
    x, n, other_x, other_n, wider_x, wider_n = together(
        x=counts("x", x),
        n=counts("n", n),
        other_x=counts("other_x", other_x),
        other_n=counts("other_n", other_n),
        wider_x=counts("wider_x", wider_x),
        wider_n=counts("wider_n", wider_n),
    )

    for part_name, part, whole_name, whole in (
        ("x", x, "n", n),
        ("other_x", other_x, "other_n", other_n),
        ("wider_x", wider_x, "wider_n", wider_n),
    ):
        part_of(part_name, part, whole_name, whole)

    def enough(cell: Numbers, people: Numbers) -> NDArray[np.bool_]:
        return (cell >= least_cell) & (people >= least_n)

    group = enough(x, n)
    local = group & enough(other_x, other_n)
    alternate = group & ~local & enough(wider_x, wider_n)
    basis = np.where(local, "local", np.where(alternate, "alternate", ""))[()]
    ratio, lower, upper = (
        np.where(local, a, np.where(alternate, b, np.nan))[()]
        for a, b in zip(
            risk_ratio(x, n, other_x, other_n, confidence),
            risk_ratio(x, n, wider_x, wider_n, confidence),
            strict=True,
        )
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        composition = np.where(group, x / (x + other_x) / (n / (n + other_n)), np.nan)[()]
    return Disproportionality(ratio, lower, upper, basis, composition, (ratio >= threshold) & (lower > 1))


def benjamini_hochberg(p: ArrayLike) -> Numbers:
    """p adjusted so that calling those up to 0.05 has one false call in twenty; NaN (no test made) stays and counts for
    none.

    Shapes: one row in, one of the same length out.
    Units: none, from 0 to 1.
    Raises ValueError for values outside 0 to 1 or no numbers; no value; more than one row.
    Source: Benjamini and Hochberg 1995, by scipy's `false_discovery_control`.
    """
    p = vector("p", numbers("p", p, least=0.0, most=1.0))
    tested = ~np.isnan(p)
    adjusted = np.full(p.shape, np.nan)
    if tested.any():
        adjusted[tested] = false_discovery_control(p[tested], method="bh")
    return adjusted


def _four(x1: ArrayLike, n1: ArrayLike, x0: ArrayLike, n0: ArrayLike) -> list[Numbers]:
    """Counts and denominators in one shape, all four NaN where one of them is 0 or missing."""
    four = together(x1=counts("x1", x1), n1=counts("n1", n1), x0=counts("x0", x0), n0=counts("n0", n0))
    spoken = np.all([part > 0 for part in four], axis=0)
    return [np.where(spoken, part, np.nan) for part in four]
