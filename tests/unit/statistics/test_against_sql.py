"""The metrics' SQL and these functions say the same: two writings of each formula, one grid of counts.

Endangered: a page whose table (SQL) and chart (Python) disagree. Resolve: one of the two has left its source; see
docs/statistics.md.
"""

from __future__ import annotations

import itertools

import jinja2
import numpy as np
import pytest

from warehouse import duck
from warehouse.settings import REPOSITORY
from warehouse.specification import rows
from warehouse.statistics import compare, intervals

GRID = np.array(
    [
        (x1, n1, x0, n0)
        for x1, n1, x0, n0 in itertools.product(
            (0, 1, 9, 10, 37, 250), (0, 10, 250, 4_000), (0, 2, 10, 61, 900), (0, 61, 900, 30_000)
        )
        if x1 <= n1 and x0 <= n0
    ],
    dtype=float,
)


@pytest.fixture(scope="module")
def sql():
    """Makes one column of macro expressions over the grid, with the seed of exact limits beside it."""
    text = (REPOSITORY / "warehouse" / "macros" / "statistics.sql").read_text(encoding="utf-8")
    macros = jinja2.Environment(autoescape=False).from_string(text).module  # noqa: S701 - SQL, not HTML
    exact = rows("poisson_limit")
    values = ", ".join(f"({number}, {', '.join(map(repr, map(float, row)))})" for number, row in enumerate(GRID))
    limits = ", ".join(f"({row['events']}, {row['lower']}, {row['upper']})" for row in exact)
    with duck.memory() as connection:

        def evaluate(make) -> np.ndarray:
            found = connection.sql(
                f"select cast({make(macros)} as double) from (values {values}) grid (number, x1, n1, x0, n0) "
                f"left join (values {limits}) exact (events, low, high) on exact.events = grid.x1 order by number"
            ).fetchall()
            return np.array([np.nan if row[0] is None else row[0] for row in found])

        yield evaluate


def same(made: np.ndarray, sql: np.ndarray) -> None:
    assert np.isfinite(sql).sum() > 50
    np.testing.assert_allclose(made, sql, rtol=1e-9, atol=1e-12)


def test_wilson(sql) -> None:
    x, n, *_ = GRID.T
    made = intervals.wilson(x, n)
    same(made.lower, sql(lambda macros: macros.wilson_lower("x1", "n1")))
    same(made.upper, sql(lambda macros: macros.wilson_upper("x1", "n1")))


def test_poisson(sql) -> None:
    made = intervals.poisson(GRID.T[0])
    same(made.lower, sql(lambda macros: macros.poisson_lower("x1", "low")))
    same(made.upper, sql(lambda macros: macros.poisson_upper("x1", "high")))


def test_risk_ratio(sql) -> None:
    made = compare.risk_ratio(*GRID.T)
    for part, sign in zip(made, (None, "-", "+"), strict=True):
        same(part, sql(lambda macros, sign=sign: macros.risk_ratio("x1", "n1", "x0", "n0", sign)))


def test_rate_ratio_from_ten_events(sql) -> None:
    """Below ten the SQL keeps its log limits, where the exact ones are wider on one side; that is what the library
    is for.
    """
    enough = np.minimum(GRID.T[0], GRID.T[2]) >= 10
    made = compare.rate_ratio(*GRID.T)
    for part, sign in zip(made, (None, "-", "+"), strict=True):
        other = sql(lambda macros, sign=sign: macros.rate_ratio("x1", "n1", "x0", "n0", sign))
        np.testing.assert_allclose(part[enough], other[enough], rtol=1e-9)
        assert enough.sum() > 20


def test_difference(sql) -> None:
    made = compare.difference(*GRID.T)
    p1, p0 = "x1 / nullif(n1, 0)", "x0 / nullif(n0, 0)"

    def lower(macros) -> str:
        return macros.difference_lower(p1, macros.wilson_lower("x1", "n1"), p0, macros.wilson_upper("x0", "n0"))

    def upper(macros) -> str:
        return macros.difference_upper(p1, macros.wilson_upper("x1", "n1"), p0, macros.wilson_lower("x0", "n0"))

    same(made.lower, sql(lower))
    same(made.upper, sql(upper))
