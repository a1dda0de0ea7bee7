"""The example of each layer in the dictionary: what stands there was worked on paper, and our code comes to the same.

A figure that our code finds has to stand in the text, so that neither can change alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import jinja2
import numpy as np
import pytest

from warehouse import duck
from warehouse.settings import REPOSITORY
from warehouse.specification import rows
from warehouse.statistics import compare, forecast, funnel, gradient, inequality, intervals

EXAMPLES = {row["indicator_id"]: row["example"] for row in rows("metric_layer")}


def sql(expression: Callable[[jinja2.environment.TemplateModule], str]) -> float:
    """The value of one of the macros of statistics.sql."""
    text = (REPOSITORY / "warehouse" / "macros" / "statistics.sql").read_text(encoding="utf-8")
    made = jinja2.Environment(autoescape=False).from_string(text).module  # noqa: S701 - SQL, not HTML
    with duck.memory() as connection:
        return connection.execute(f"select cast({expression(made)} as double)").fetchone()[0]


def slope() -> list[str]:
    found = gradient.gradient(np.array([0.30, 0.25, 0.20, 0.15, 0.10]), np.full(5, 100.0), multiplier=100.0)
    return [f"slope index {float(found.slope):.1f} points", f"relative index 7.5 / 32.5 = {float(found.relative):.2f}"]


def rest() -> list[str]:
    sides = ("20.0", "50.0", "30.0", "150.0")
    difference = compare.difference(20, 50, 30, 150)
    return [
        f"Ratio 0.4 / 0.2 = {sql(lambda made: made.risk_ratio(*sides)):.1f}",
        f"difference {100 * float(difference.value):.1f} points",
    ]


def outside() -> list[str]:
    warning, alarm = (funnel.proportion_limits(100, 0.2, level) for level in (funnel.WARNING, funnel.ALARM))
    assert str(funnel.proportion_class(30, 100, 0.2)) == "high 95%"
    return [
        f"95% limits {100 * float(warning.lower):.1f} to {100 * float(warning.upper):.1f}",
        f"99.8% limits {100 * float(alarm.lower):.1f} to {100 * float(alarm.upper):.1f}",
    ]


def risk() -> list[str]:
    found = compare.risk_ratio(30, 100, 20, 200, confidence=0.998)
    assert float(found.lower) > 1
    return [
        f"risk ratio 0.3 / 0.1 = {float(found.value):.1f}",
        f"99.8% limits are {float(found.lower):.1f} to {float(found.upper):.1f}",
    ]


def spread() -> list[str]:
    return [f"Gini of {float(inequality.gini([0.1, 0.3], [100, 100])):.2f}"]


def gap() -> list[str]:
    found = compare.difference(40, 80, 20, 80)
    return [f"50.0% less 25.0%, a gap of {100 * float(found.value):.1f} points"]


def expected() -> list[str]:
    found = intervals.poisson(12)
    lower, upper = float(found.lower), float(found.upper)
    return [f"limits of 12 are {lower:.1f} and {upper:.1f}", f"so {10 * lower:.0f} to {10 * upper:.0f}"]


def plans() -> list[str]:
    (year,) = forecast.project([10, 20, 30], [1, 2, 3], [0, 0.5, 0.1], 1)
    youngest, middle, oldest = (f"{number:.0f}" for number in year)
    return [
        f"A year on: {youngest}, 10 x 0.5 + 2 = {middle} and 20 x 0.9 + 3 = {oldest}: {year.sum():.0f} plans",
    ]


WORKED = {
    "EQ01": slope,
    "EQ02": rest,
    "EQ03": outside,
    "EQ04": risk,
    "EQ05": spread,
    "EQ06": gap,
    "EQ07": spread,
    "EQ08": expected,
    "PL18": plans,
}


def test_every_layer_has_an_example() -> None:
    assert WORKED.keys() == EXAMPLES.keys()


@pytest.mark.parametrize("indicator", WORKED)
def test_the_code_comes_to_what_was_worked_on_paper(indicator: str) -> None:
    for figure in WORKED[indicator]():
        assert re.search(rf"(?<![\d.]){re.escape(figure)}(?![\d])", EXAMPLES[indicator]), (figure, EXAMPLES[indicator])
