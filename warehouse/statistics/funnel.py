"""Which units differ by more than chance: funnel limits and classes, and over-dispersion.

Sources: equity-methods reference, section 6; Spiegelhalter 2005 (Statistics in Medicine 24, 1185-1202); the
published tables of PHEindicatormethods and the method of FunnelPlotR (both read, not copied).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import rankdata

from warehouse.statistics.checks import Numbers, counts, numbers, part_of, positive, same_length, together, vector
from warehouse.statistics.intervals import Interval, exact_poisson, normal_quantile, poisson
from warehouse.statistics.standardise import FEWEST_EVENTS

WARNING, ALARM = 0.95, 0.998
# tau² of ten districts is mostly chance: adjusted for schools or groups of LSOAs, not for districts.
FEWEST_UNITS = 20

Method = Literal["proportion", "ratio_log", "ratio_root"]
Classes = NDArray[np.str_]


class RatioCurve(NamedTuple):
    """Points of the funnel's two edges for each observed count: the expected events at which that count lies just on
    the edge.

    Shapes: each that of the observed counts.
    Units: expected in events, or people where a rate is asked; ratios times the multiplier, or the rate.
    Raises nothing: it holds what was worked out.
    Source: equity-methods reference, section 6.
    """

    lower_expected: Numbers
    lower_ratio: Numbers
    upper_expected: Numbers
    upper_ratio: Numbers


class Dispersion(NamedTuple):
    """`phi`: mean squared z of the trimmed units, about 1 under chance alone. `tau2`: variance between units beyond
    chance. `units`: how many it rests on. Not `is_adjusted`: fewer than 20 units, so tau2 is 0 and the chart says that
    its limits are unadjusted.

    Shapes: four single values.
    Units: none for phi; tau2 on the method's scale, squared.
    Raises nothing: it holds what was worked out.
    Source: Spiegelhalter 2005; the 20 units: equity-methods reference, section 6.
    """

    phi: float
    tau2: float
    units: int
    is_adjusted: bool


def proportion_limits(n: ArrayLike, average: float, confidence: float = WARNING) -> Interval:
    """Where a unit of n would lie by chance around `average`: Wilson's interval read the other way round. NaN where n
    is 0.

    Shapes: the limits have that of n; `average` is one number.
    Units: people in; none out, shares from 0 to 1.
    Raises ValueError for values that are negative, infinite or no numbers; an average that is missing or outside 0 to
    1; a confidence below 0.9 or not below 1. TypeError for several averages.
    Source: equity-methods reference, section 6, from PHEindicatormethods; Spiegelhalter 2005.
    """
    n = counts("n", n)
    average = float(numbers("average", average, least=0.0, most=1.0, missing=False))
    with np.errstate(divide="ignore"):
        width = normal_quantile(confidence) * np.sqrt(average * (1 - average) / np.where(n > 0, n, np.nan))
    return Interval(np.maximum(average - width, 0.0), np.minimum(average + width, 1.0))


def proportion_class(x: ArrayLike, n: ArrayLike, average: float | None = None) -> Classes:
    """`low 99.8%`, `low 95%`, `inside`, `high 95%` or `high 99.8%` for each unit; empty where n is 0.

    `average` is that of all units unless given. The limits are normal: where fewer than some 5 are expected on either
    side (n times the average, and n times the rest) they call too often, so leave such units out or say so.

    Shapes: x and n are broadcast; the classes have their common shape; `average` is one number.
    Units: people in; words out.
    Raises ValueError for values that are negative, infinite or no numbers; x larger than n; shapes that do not fit each
    other; an average outside 0 to 1, or none given where no unit has a denominator. TypeError for several averages.
    Source: equity-methods reference, section 6, from PHEindicatormethods; Spiegelhalter 2005.
    """
    x, n = together(x=counts("x", x), n=counts("n", n))
    part_of("x", x, "n", n)
    if average is None:
        average = _average(x, n)
    with np.errstate(invalid="ignore"):
        value = x / n
    warning, alarm = (proportion_limits(n, average, level) for level in (WARNING, ALARM))
    return _classes(value, warning, alarm)


def ratio_curve(observed: ArrayLike, confidence: float = WARNING, multiplier: float = 1.0) -> RatioCurve:
    """The funnel of observed over expected: draw (expected, ratio) for observed 1, 2, 3 …. Exact Poisson, in closed
    form.

    For a rate with average r per `multiplier` of population, expected / r x multiplier is the population: see
    `rate_curve`.

    Shapes: each part of the result has that of `observed`.
    Units: events in and expected events out; ratios times the multiplier.
    Raises ValueError for values that are missing, negative, infinite or no numbers; an observed 0; a confidence below
    0.9 or not below 1.
    Source: equity-methods reference, section 6, from PHEindicatormethods, which finds by bisection what is closed here.
    """
    observed = positive("observed", observed)
    exact = exact_poisson(observed, confidence)
    return RatioCurve(
        exact.upper, observed / exact.upper * multiplier, exact.lower, observed / exact.lower * multiplier
    )


def ratio_class(observed: ArrayLike, expected: ArrayLike) -> Classes:
    """The class of each unit by the limits of its own count (exact below 10, Byar's from 10) around `expected` events.
    Empty where nothing is expected or a value is missing.

    Shapes: the two are broadcast; the classes have their common shape.
    Units: events in; words out, as `proportion_class`.
    Raises ValueError for values that are negative, infinite or no numbers; shapes that do not fit each other.
    Source: equity-methods reference, section 6, from PHEindicatormethods.
    """
    observed, expected = together(observed=counts("observed", observed), expected=counts("expected", expected))
    value = np.where(expected > 0, expected, np.nan)
    # The expected number stands still and the count's limits move: above the upper limit, the count is low.
    warning, alarm = (Interval(*(-limit for limit in poisson(observed, level)[::-1])) for level in (WARNING, ALARM))
    return _classes(-value, warning, alarm)


def rate_curve(
    events: ArrayLike, average: float, confidence: float = WARNING, multiplier: float = 1.0, years: float = 1.0
) -> RatioCurve:
    """As `ratio_curve`, around an `average` rate per `multiplier`.

    Shapes: each part of the result has that of `events`; the rest are single numbers.
    Units: events in; people of one year out, and rates per `multiplier`.
    Raises ValueError for values that are missing, negative, infinite or no numbers; 0 events (said of `observed`); an
    average or years not above 0; a confidence below 0.9 or not below 1. TypeError for several averages or years.
    Source: equity-methods reference, section 6, from PHEindicatormethods.
    """
    average, years = (float(positive(name, part)) for name, part in (("average", average), ("years", years)))
    low, low_ratio, high, high_ratio = ratio_curve(events, confidence)
    people = multiplier / average / years
    return RatioCurve(low * people, low_ratio * average, high * people, high_ratio * average)


def rate_class(
    events: ArrayLike, population: ArrayLike, average: float | None = None, *, standardised: bool = False
) -> Classes:
    """The class of each unit's events per head around `average`, that of all units unless given.

    For a standardised rate, `population` is the one that its rate speaks of (events / rate); below 10 events it then
    has no class. Empty where the population is 0.

    Shapes: events and population are broadcast; the classes have their common shape.
    Units: events and people in, the average in events per head; words out, as `proportion_class`.
    Raises ValueError for values that are negative, infinite or no numbers; shapes that do not fit each other; an
    average that is negative, infinite or missing, or none given where no unit has a population.
    Source: equity-methods reference, section 6, from PHEindicatormethods; below 10 events: Fingertips.
    """
    events, population = together(events=counts("events", events), population=counts("population", population))
    if average is None:
        average = _average(events, population)
    numbers("average", average, least=0.0, missing=False)
    few = standardised & (events < FEWEST_EVENTS)
    return ratio_class(np.where(few, np.nan, events), population * average)


def dispersion(numerator: ArrayLike, denominator: ArrayLike, method: Method, trim: float = 0.1) -> Dispersion:
    """How much units differ beyond chance, by additive random effects.

    `proportion`: arcsine of x / n around the average; `ratio_log`: ln(O / E), as the SHMI; `ratio_root`: square root of
    O / E, as the CQC. Extreme z are cut off (`ratio_log`) or pulled in (the others) by `trim` at each end before they
    count. tau² is DerSimonian and Laird's, 0 where the units differ less than chance would make them.

    Shapes: two rows of one length; the result is four single values.
    Units: people or events in; none out, but tau² on the method's scale.
    Raises ValueError for values that are missing, negative, infinite or no numbers; fewer than 2 units, or after
    trimming; what is not two rows of one length; an empty denominator; a numerator larger than it (`proportion`) or of
    0 (`ratio_log`); a trim outside 0 to 0.4; an unknown method.
    Source: Spiegelhalter 2005; the trimming as FunnelPlotR; equity-methods reference, section 6.
    """
    value, error, centre = _scaled(numerator, denominator, method)
    if not 0 <= trim <= 0.4:
        raise ValueError("trim: must be from 0 to 0.4")
    z = (value - centre) / error
    kept = np.ones(z.size, dtype=bool)
    if trim and method == "ratio_log":
        # Ties share their average rank. On the lower edge a unit stays, on the upper it goes: as in FunnelPlotR.
        place = rankdata(z) / (z.size + 1)
        kept = (place >= trim) & (place < 1 - trim)
    elif trim:
        z = np.clip(z, *np.quantile(z, [trim, 1 - trim]))
    n = int(kept.sum())
    if n < 2:
        raise ValueError("numerator: too few units are left after trimming")
    phi = float(np.mean(z[kept] ** 2))
    weight = error[kept] ** -2
    tau2 = max(0.0, (n * phi - (n - 1)) / (weight.sum() - (weight**2).sum() / weight.sum()))
    is_adjusted = z.size >= FEWEST_UNITS
    return Dispersion(phi, float(tau2) if is_adjusted else 0.0, n, is_adjusted)


def dispersed_limits(
    denominator: ArrayLike, tau2: float, method: Method, average: float | None = None, confidence: float = WARNING
) -> Interval:
    """Limits widened by tau²: of a proportion around `average`, of a ratio O / E around 1. NaN where the denominator is
    0.

    FunnelPlotR leaves the limits of `ratio_root` on the root scale and adds tau² to the error where its square belongs:
    ours differ.

    Shapes: the limits have that of the denominator; tau2 and average are single numbers.
    Units: people or expected events in; none out, shares from 0 to 1 or ratios.
    Raises ValueError for values that are negative, infinite or no numbers; a tau2 that is missing or negative; an
    unknown method; a confidence below 0.9 or not below 1; an average missing or outside 0 to 1 for a proportion, or
    given for a ratio. TypeError for several tau2 or averages.
    Source: Spiegelhalter 2005; equity-methods reference, section 6.
    """
    denominator = counts("denominator", denominator)
    tau2 = float(numbers("tau2", tau2, least=0.0, missing=False))
    error, forward, back, domain = _scale(method)
    if method == "proportion":
        if average is None:
            raise ValueError("average: must be given for a proportion")
        average = float(numbers("average", average, least=0.0, most=1.0, missing=False))
    elif average is not None:
        raise ValueError("average: is for a proportion; a ratio lies around 1")
    else:
        average = 1.0
    width = normal_quantile(confidence) * np.sqrt(error(np.where(denominator > 0, denominator, np.nan)) ** 2 + tau2)
    centre = forward(np.float64(average))
    return Interval(*(back(np.clip(centre + side * width, *domain)) for side in (-1, 1)))


def _scale(
    method: Method,
) -> tuple[
    Callable[[Numbers], Numbers], Callable[[Numbers], Numbers], Callable[[Numbers], Numbers], tuple[float, float]
]:
    """A method's standard error from the denominator, its transform, the way back, and the transform's range."""
    if method == "proportion":
        return lambda n: 0.5 / np.sqrt(n), lambda p: np.arcsin(np.sqrt(p)), lambda y: np.sin(y) ** 2, (0.0, np.pi / 2)
    if method == "ratio_log":
        return lambda n: 1 / np.sqrt(n), np.log, np.exp, (-np.inf, np.inf)
    if method == "ratio_root":
        return lambda n: 0.5 / np.sqrt(n), np.sqrt, np.square, (0.0, np.inf)
    raise ValueError("method: must be one of proportion, ratio_log, ratio_root")


def _scaled(numerator: ArrayLike, denominator: ArrayLike, method: Method) -> tuple[Numbers, Numbers, float]:
    """Each unit's transformed value, its standard error, and the transformed centre."""
    numerator = vector("numerator", counts("numerator", numerator, missing=False), 2)
    denominator = positive("denominator", denominator)
    same_length(numerator=numerator, denominator=denominator)
    error, forward, _, _ = _scale(method)
    if method == "proportion":
        part_of("numerator", numerator, "denominator", denominator)
        centre = float(forward(numerator.sum() / denominator.sum()))
    else:
        centre = float(forward(np.float64(1.0)))
        if method == "ratio_log":
            positive("numerator", numerator)
    return forward(numerator / denominator), error(denominator), centre


def _average(x: Numbers, n: Numbers) -> float:
    """All events over all people, of the units that have both."""
    both = ~np.isnan(x) & ~np.isnan(n)
    people = n[both].sum()
    if not people:
        raise ValueError("average: must be given where no unit has a denominator")
    return float(x[both].sum() / people)


def _classes(value: Numbers, warning: Interval, alarm: Interval) -> Classes:
    """The outermost limit that a value lies strictly beyond; empty where it cannot be said."""
    conditions = {
        "": np.isnan(value) | np.isnan(warning.lower) | np.isnan(warning.upper),
        "low 99.8%": value < alarm.lower,
        "high 99.8%": value > alarm.upper,
        "low 95%": value < warning.lower,
        "high 95%": value > warning.upper,
    }
    return np.select(list(conditions.values()), list(conditions), default="inside")[()]
