"""The inequality that the generator plants comes out of the metrics, in direction and in size.

The county is one draw: chance moves every estimate. So a planted strength counts as found when a 99.8% interval reaches
to within a tenth of it, and, for a strong one, when the estimate lies on its side of equality.
"""

from __future__ import annotations

import csv
import math
from typing import TYPE_CHECKING

import pytest

from warehouse import duck
from warehouse.specification import rows

if TYPE_CHECKING:
    from tests.conftest import County

Z = 3.090232306167813  # normal quantile at 0.999
NEAR = 1.1


@pytest.fixture(scope="module")
def planted(county: County) -> list[dict[str, str]]:
    with (county.home.root / "planted_inequality.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


@pytest.fixture(scope="module")
def counts(county: County) -> dict[tuple[str, str, str], list[float]]:
    """(metric, set, group) to numerator and denominator of the headline measure: flows of all whole years together,
    stocks (people who are there year after year) of the newest."""
    with duck.reader(county.database) as connection:
        found = connection.execute(
            "select metric_id, subgroup_set, subgroup_value, sum(made.numerator), sum(made.denominator) "
            "from equity.rpt_equity__metric as made inner join spec.metric using (metric_id) "
            "where is_headline and period_type = 'calendar_year' and is_whole_period "
            "and (family in ('timeliness', 'health') or period_id = ("
            "select max(period_id) from core.dim_period where is_whole and period_type = 'calendar_year')) "
            "group by all"
        ).fetchall()
    return {(metric, group_set, value): numbers for metric, group_set, value, *numbers in found}


def test_something_is_planted_in_each_family(planted: list[dict[str, str]]) -> None:
    families = {row["metric_id"]: row["family"] for row in rows("metric")}
    assert {families[row["metric_id"]] for row in planted} == {"identification", "timeliness", "placement", "health"}


def test_every_planted_inequality_is_found(planted: list[dict[str, str]], counts: dict) -> None:
    not_made = {(row["metric_id"], row["subgroup_set"]) for row in rows("metric_without_subgroup")}
    tested = 0
    for row in planted:
        metric, group_set, value = row["metric_id"], row["subgroup_set"], row["subgroup_value"]
        if (metric, group_set) in not_made:
            continue
        strength = float(row["strength"])
        groups = {key[2]: numbers for key, numbers in counts.items() if key[:2] == (metric, group_set)}
        named = {r["subgroup_value"] for r in planted if (r["metric_id"], r["subgroup_set"]) == (metric, group_set)}
        one = _together(groups, {value} if value != "rest" else set(groups) - named)
        if row["kind"] == "rate":
            lower, upper = _wilson(*one)
            overall = _together(groups, set(groups) - {value})
            if value != "rest":
                _same_side(one[0] / one[1], overall[0] / overall[1], strength, row)
        else:
            against = {row["comparison"]} if row["comparison"] != "rest" else set(groups) - {value}
            lower, upper = _log_ratio(one, _together(groups, against), is_rate=metric.startswith(("ID03", "ID04")))
            if max(strength, 1 / strength) >= 1.5:
                assert (math.sqrt(lower * upper) > 1) == (strength > 1), row
        assert lower / NEAR <= strength <= upper * NEAR, (row, lower, upper)
        tested += 1
    assert tested >= 10


def _together(groups: dict, values: set[str]) -> tuple[float, float]:
    chosen = [groups[value] for value in values]
    return sum(numbers[0] for numbers in chosen), sum(numbers[1] for numbers in chosen)


def _same_side(rate: float, elsewhere: float, strength: float, row: dict[str, str]) -> None:
    assert (rate < elsewhere) == (strength < elsewhere), (row, rate, elsewhere)


def _wilson(x: float, n: float) -> tuple[float, float]:
    middle, spread = 2 * x + Z**2, Z * math.sqrt(Z**2 + 4 * x * (1 - x / n))
    return (middle - spread) / (2 * (n + Z**2)), (middle + spread) / (2 * (n + Z**2))


def _log_ratio(one: tuple[float, float], other: tuple[float, float], is_rate: bool) -> tuple[float, float]:
    (x1, n1), (x0, n0) = one, other
    error = math.sqrt(1 / x1 + 1 / x0 - (0 if is_rate else 1 / n1 + 1 / n0))
    ratio = x1 / n1 / (x0 / n0)
    return ratio * math.exp(-Z * error), ratio * math.exp(Z * error)
