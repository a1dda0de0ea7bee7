"""What no function takes, and that none says a value when it refuses: it may count children.

Endangered: a wrong figure that looks like a right one. Resolve: a public function without a row here needs one.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import warehouse.statistics
from warehouse.statistics import (
    access,
    compare,
    forecast,
    funnel,
    gradient,
    inequality,
    intervals,
    smallarea,
    spc,
    standardise,
)

# Stands for a value of a person: no message may hold it.
PRIVATE = 987_654
TEN = np.arange(1.0, 11.0)
NAN = np.nan

# Function, arguments, and the beginning of what it says: the argument's name.
REFUSED: list[tuple[Callable[..., Any], tuple, dict[str, Any], str]] = [
    (intervals.normal_quantile, (0.89,), {}, "confidence"),
    (intervals.normal_quantile, (1.0,), {}, "confidence"),
    (intervals.wilson, (-1, PRIVATE), {}, "x"),
    (intervals.wilson, (PRIVATE, 1), {}, "x: must not be larger than n"),
    (intervals.wilson, (1, 2), {"confidence": 95}, "confidence"),
    (intervals.wilson, ([1, 2], [3, 4, 5]), {}, "x and n: shapes"),
    (intervals.wilson, (np.inf, PRIVATE), {}, "x: must be finite"),
    (intervals.proportion, (PRIVATE, 1), {}, "x"),
    (intervals.proportion, (f"{PRIVATE} children", 1), {}, "x: must be numbers"),
    (intervals.byar, (-PRIVATE,), {}, "x"),
    (intervals.exact_poisson, (-PRIVATE,), {}, "x"),
    (intervals.poisson, (-PRIVATE,), {}, "x"),
    (intervals.rate, (PRIVATE, -1), {}, "n"),
    (intervals.mean, ([PRIVATE, NAN],), {}, "values: no value may be missing"),
    (intervals.mean, ([],), {}, "values: needs at least 1"),
    (intervals.mean, ([[PRIVATE]],), {}, "values: must be one row"),
    (standardise.direct, ([PRIVATE, -1], [10, 10], [1, 1]), {}, "events"),
    (standardise.direct, ([PRIVATE, 1], [10, 0], [1, 1]), {}, "population: must be above 0"),
    (standardise.direct, ([PRIVATE, 1], [10, 10], [1, 0]), {}, "weights"),
    (standardise.direct, ([PRIVATE, NAN], [10, 10], [1, 1]), {}, "events: no value may be missing"),
    (standardise.direct, ([PRIVATE, 1], [10, 10, 10], [1, 1]), {}, "events and squares and population and weights"),
    (standardise.direct_repeated, ([[PRIVATE], [1]], [1], [10], [1]), {}, "people and frequency"),
    (standardise.direct_repeated, ([[PRIVATE], [1]], [1, 0], [10], [1]), {}, "frequency"),
    (standardise.indirect, ([PRIVATE], [10], [1], [0]), {}, "reference_population"),
    (standardise.indirect, ([PRIVATE], [10], [-1], [10]), {}, "reference_events"),
    (compare.rate_ratio, (PRIVATE, -1, 1, 1), {}, "n1"),
    (compare.risk_ratio, (PRIVATE, 1, 1, 1), {}, "x1: must not be larger than n1"),
    (compare.risk_ratio, (1, 1, PRIVATE, 1), {}, "x0: must not be larger than n0"),
    (compare.difference, (1, 1, PRIVATE, 1), {}, "x"),
    (compare.disproportionality, (1, 1, PRIVATE, 1, 1, 1), {}, "other_x: must not be larger than other_n"),
    (compare.disproportionality, (1, 1, 1, 1, PRIVATE, 1), {}, "wider_x: must not be larger than wider_n"),
    (compare.benjamini_hochberg, ([0.5, PRIVATE],), {}, "p: must be at most 1"),
    (compare.benjamini_hochberg, ([[0.5]],), {}, "p: must be one row"),
    (gradient.gradient, ([PRIVATE] * 4, [1] * 4), {}, "value: needs at least 5"),
    (gradient.gradient, ([PRIVATE] * 101, [1] * 101), {}, "value: must be at most 100"),
    (gradient.gradient, (TEN, [PRIVATE] * 9 + [0]), {}, "population: must be above 0"),
    (gradient.gradient, (TEN, [PRIVATE] * 9), {}, "value and population"),
    (gradient.gradient, (TEN, TEN), {"kind": "percent"}, "kind"),
    (gradient.gradient, (TEN - 1, TEN), {"kind": "rate", "transform": True}, "value: must be above 0"),
    (gradient.gradient, (TEN / 10, TEN), {"kind": "proportion", "transform": True}, "value: must be below 1"),
    (gradient.gradient_interval, (TEN, TEN + 1, TEN + 2, TEN), {"seed": 1}, "lower and upper: must enclose"),
    (gradient.gradient_interval, (TEN, TEN - 1, TEN + 1, TEN), {"seed": 1, "draws": 999}, "draws"),
    (gradient.gradient_interval, (TEN, TEN - 1, TEN + 1, TEN), {"seed": 1, "kind": "rate"}, "lower: must be above 0"),
    (gradient.gradient_interval, (TEN, TEN[:9], TEN + 1, TEN), {"seed": 1}, "value and lower and upper"),
    (gradient.quantile, (TEN, 1), {}, "groups"),
    (gradient.quantile, ([TEN], 5), {}, "values: must be one row"),
    (funnel.proportion_limits, (PRIVATE, 1.5), {}, "average"),
    (funnel.proportion_class, (PRIVATE, 1), {}, "x: must not be larger than n"),
    (funnel.proportion_class, ([0, NAN], [0, PRIVATE]), {}, "average: must be given"),
    (funnel.ratio_curve, ([PRIVATE, 0],), {}, "observed: must be above 0"),
    (funnel.ratio_class, (PRIVATE, -1), {}, "expected"),
    (funnel.rate_curve, (PRIVATE, 0), {}, "average"),
    (funnel.rate_class, ([PRIVATE], [0]), {}, "average: must be given"),
    (funnel.rate_class, ([PRIVATE], [9], NAN), {}, "average: no value may be missing"),
    (gradient.gradient_interval, (TEN, TEN - 1, TEN + 1, TEN), {"seed": None}, "seed: must be a whole number"),
    (gradient.gradient_interval, (TEN, TEN - 1, TEN + 1, TEN), {"seed": -1}, "seed: must be a whole number"),
    (inequality.chance_band, ([1, 0], [PRIVATE, 9], inequality.gini), {"seed": None, "kind": "rate"}, "seed: must be"),
    (forecast.simulate, ([[1]], [[[1]]], [[1]], [[1]], ["a"], 1), {"seed": 1}, "group: must be numbers"),
    (forecast.simulate, ([[1]], [[[1]]], [[1]], [[1]], [0.7], 1), {"seed": 1}, "group: must be the row"),
    (forecast.simulate, ([[1]], [[[1]]], [[1]], [[1]], [0], 1), {"seed": 1, "starts_change": NAN}, "starts_change: no"),
    (forecast.simulate, ([[1]], [[[1]]], [[1]], [[1]], [0], 1), {"seed": None}, "seed: must be a whole number"),
    (funnel.dispersion, ([PRIVATE], [1], "ratio_log"), {}, "numerator: needs at least 2"),
    (funnel.dispersion, ([PRIVATE, 0], [1, 1], "ratio_log"), {}, "numerator: must be above 0"),
    (funnel.dispersion, ([PRIVATE, 1], [1, 1], "proportion"), {}, "numerator: must not be larger"),
    (funnel.dispersion, ([PRIVATE, 1], [0, 1], "ratio_root"), {}, "denominator: must be above 0"),
    (funnel.dispersion, ([PRIVATE, 1], [1, 1], "SHMI"), {}, "method"),
    (funnel.dispersion, ([PRIVATE, 1], [1, 1], "ratio_root", 0.5), {}, "trim"),
    (funnel.dispersion, ([PRIVATE, 1], [1, 1], "ratio_log", 0.4), {}, "numerator: too few units"),
    (funnel.dispersed_limits, (PRIVATE, 0.1, "proportion"), {}, "average: must be given"),
    (funnel.dispersed_limits, (PRIVATE, 0.1, "ratio_log", 0.5), {}, "average: is for a proportion"),
    (funnel.dispersed_limits, (PRIVATE, -0.1, "ratio_log"), {}, "tau2"),
    (spc.xmr, ([PRIVATE, NAN], "increase"), {}, "values: no value may be missing"),
    (spc.xmr, ([PRIVATE, 1], "up"), {}, "direction"),
    (spc.xmr, ([PRIVATE, 1], "increase"), {"rebase": (2,)}, "rebase"),
    (spc.xmr, ([PRIVATE, 1], "increase"), {"rebase": (0,)}, "rebase"),
    (spc.xmr, ([PRIVATE, 1, 2], "increase"), {"rebase": (2, 1)}, "rebase"),
    (spc.xmr, ([PRIVATE, 1], "increase"), {"fix_after": 1}, "fix_after"),
    (spc.assurance, (PRIVATE, 1, 4, "increase"), {}, "lower"),
    (spc.assurance, (1, PRIVATE, 4, "up"), {}, "direction"),
    (smallarea.empirical_bayes, ([PRIVATE], [1]), {}, "events: needs at least 2"),
    (smallarea.empirical_bayes, ([PRIVATE, 1], [1, 0]), {}, "population: must be above 0"),
    (smallarea.empirical_bayes, ([0, 0], [PRIVATE, 1]), {}, "events: must have at least one"),
    (smallarea.is_unreliable, (1, PRIVATE, 0, 5), {}, "lower"),
    (inequality.gini, ([PRIVATE, -1],), {}, "values: must be at least 0"),
    (inequality.gini, ([],), {}, "values: needs at least 1"),
    (inequality.gini, ([PRIVATE, 1], [1, 0]), {}, "weights: must be above 0"),
    (inequality.theil, ([PRIVATE, NAN],), {}, "values: no value may be missing"),
    (inequality.theil_parts, ([PRIVATE, 1], ["n"]), {}, "values and groups"),
    (inequality.atkinson, ([PRIVATE, 0], 1), {}, "values: must be above 0 for an epsilon"),
    (inequality.atkinson, ([PRIVATE, 1], 0), {}, "epsilon"),
    (inequality.chance_band, ([0.5, 1], [PRIVATE, 9], inequality.gini), {"seed": 1, "kind": "rate"}, "events and pop"),
    (inequality.chance_band, ([0, 0], [PRIVATE, 9], inequality.gini), {"seed": 1, "kind": "rate"}, "events: must have"),
    (inequality.chance_band, ([PRIVATE, 0], [9, 9], inequality.gini), {"seed": 1, "kind": "proportion"}, "events: mus"),
    (inequality.chance_band, ([1, 0], [PRIVATE, 9], inequality.gini), {"seed": 1, "kind": "other"}, "kind"),
    (
        inequality.chance_band,
        ([1, 0], [PRIVATE, 9], inequality.gini),
        {"seed": 1, "kind": "rate", "draws": 999},
        "draws",
    ),
    (access.haversine, (PRIVATE, 0, 0, 0), {}, "latitude1: must be at most 90"),
    (access.haversine, (0, 0, 0, -PRIVATE), {}, "longitude2: must be at least -180"),
    (access.grid_distance, (PRIVATE, 0, 0, 0), {}, "easting1: must be at most 700000"),
    (access.coverage, ([PRIVATE], [[1], [2]], 5), {}, "distance: must have a row"),
    (access.two_step, ([PRIVATE], [1], [[1]], 0), {}, "zones: must be above 0"),
    (access.two_step, ([PRIVATE], [1, 2], [[1]], 5), {}, "distance: must have a row"),
    (access.enhanced_two_step, ([PRIVATE], [1], [[NAN]], (1, 2, 3)), {}, "distance: no value may be missing"),
    (access.enhanced_two_step, ([PRIVATE], [1], [[1]], (1, 3, 2)), {}, "zones: edges must rise"),
    (access.enhanced_two_step, ([PRIVATE], [1], [[1]], (1, 2)), {}, "zones and weights"),
    (access.enhanced_two_step, ([PRIVATE], [1], [[1]], (1, 2), (0.5, 1)), {}, "weights: must not rise"),
    (access.edge_effect, ([PRIVATE], [1], [[1]], (1, 2, 3), [1], [True]), {}, "own_sites and own_homes"),
    (access.edge_effect, ([PRIVATE], [1], [[1]], (1, 2, 3), [True, True], [True]), {}, "places and own_sites"),
    (forecast.leaving, ([-PRIVATE], [0]), {}, "opened: must be at least 0"),
    (forecast.leaving, ([1], [PRIVATE]), {}, "stayed"),
    (forecast.project, ([PRIVATE], [1], [0], 0), {}, "years: must be at least 1"),
    (forecast.project, ([PRIVATE], [1], [1.5], 1), {}, "leaving: must be at most 1"),
    (forecast.project, ([PRIVATE, 1], [1, 2, 3], [0], 1), {}, "stock, starts and leaving: shapes"),
    (forecast.simulate, ([PRIVATE], [[[1]]], [[1]], [[1]], [0], 1), {"seed": 1}, "stock and started"),
    (forecast.simulate, ([[PRIVATE]], [[[1]]], [[1, 1]], [[1, 1]], [0], 1), {"seed": 1}, "stock and opened"),
    (forecast.simulate, ([[0.5]], [[[1]]], [[1]], [[1]], [0], 1), {"seed": 1}, "stock, started, opened and stayed"),
    (forecast.simulate, ([[PRIVATE]], [[[1]]], [[1]], [[1]], [1], 1), {"seed": 1}, "group: must be the row"),
    (forecast.simulate, ([[PRIVATE]], [[[1]]], [[1]], [[1]], [0], 1), {"seed": 1, "draws": 9}, "draws: must be"),
    (forecast.change, ([-PRIVATE, 1],), {}, "came: must be at least 0"),
    (forecast.change, ([1, 1], [-PRIVATE, 1]), {}, "expected: must be at least 0"),
    (forecast.starting, ([[-PRIVATE, 1]],), {}, "started: must be at least 0"),
    (forecast.starting, ([],), {}, "started: must have at least one year"),
]


@pytest.mark.parametrize(
    ("function", "arguments", "named", "message"),
    REFUSED,
    ids=[f"{row[0].__name__}-{number}" for number, row in enumerate(REFUSED)],
)
def test_refused_by_name_and_rule(function: Callable[..., Any], arguments: tuple, named: dict, message: str) -> None:
    with pytest.raises(ValueError) as refused:
        function(*arguments, **named)
    said = str(refused.value)
    assert said.startswith(message)
    assert str(PRIVATE) not in said.replace(",", "").replace("_", "")
    assert refused.value.__suppress_context__ or refused.value.__context__ is None, "a cause would show the value"


def test_every_public_function_has_a_case() -> None:
    public = set()
    for module in pkgutil.iter_modules(warehouse.statistics.__path__, "warehouse.statistics."):
        if module.name.endswith(".checks"):
            continue
        for name, thing in inspect.getmembers(importlib.import_module(module.name), inspect.isfunction):
            if thing.__module__ == module.name and not name.startswith("_"):
                public.add(thing)
                assert thing.__doc__, name
    assert len(public) > 25
    assert public == {row[0] for row in REFUSED}
