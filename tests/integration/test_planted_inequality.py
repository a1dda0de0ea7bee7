"""The inequality that the generator plants comes out of the metrics, in direction and in size.

By year is a planted group like another: its counts are those of the whole county in that year.

The county is one draw of a thousand plans: chance moves every estimate. So a planted strength counts as found when a
99.8% interval reaches to within a tenth of it; and where a thousand plans are enough to see it, the 95% interval has to
lie wholly on the planted side of equality.
"""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from warehouse import duck
from warehouse.specification import rows

if TYPE_CHECKING:
    from tests.conftest import County

Z_998, Z_95 = 3.090232306167813, 1.959963984540054
NEAR = 1.1
# Large enough to be seen without doubt in a thousand plans: (metric, breakdown).
PLAIN = {
    ("ID02", "idaci_quintile"),
    ("ID02", "sex"),
    ("ID03", "idaci_quintile"),
    ("PL03", "district"),
    ("HC02", "district"),
}
BY_YEAR = "calendar_year"

Counts = dict[tuple[str, str, str], list[float]]


@dataclass(frozen=True)
class Pair:
    """A planted group and what it is compared with: events and base of each."""

    x1: float
    n1: float
    x0: float
    n0: float
    per_head: bool

    def rate(self, z: float) -> tuple[float, float]:
        """Wilson limits of the group's own rate."""
        middle, spread = 2 * self.x1 + z**2, z * math.sqrt(z**2 + 4 * self.x1 * (1 - self.x1 / self.n1))
        return (middle - spread) / (2 * (self.n1 + z**2)), (middle + spread) / (2 * (self.n1 + z**2))

    def ratio(self, z: float) -> tuple[float, float]:
        """Log limits of the ratio of the two rates."""
        error = math.sqrt(1 / self.x1 + 1 / self.x0 - (0 if self.per_head else 1 / self.n1 + 1 / self.n0))
        middle = self.x1 / self.n1 / (self.x0 / self.n0)
        return middle * math.exp(-z * error), middle * math.exp(z * error)

    def levelled(self) -> Pair:
        """The same two groups, both at the rate of the two together."""
        rate = (self.x1 + self.x0) / (self.n1 + self.n0)
        return Pair(rate * self.n1, self.n1, rate * self.n0, self.n0, self.per_head)


@pytest.fixture(scope="module")
def planted(county: County) -> list[dict[str, str]]:
    not_made = {(row["metric_id"], row["subgroup_set"]) for row in rows("metric_without_subgroup")}
    per_head = {row["metric_id"] for row in rows("metric_measure") if row["kind"] == "rate"}
    outside_population = {row["subgroup_set"] for row in rows("subgroup_set") if row["in_population"] == "false"}
    with (county.home.root / "planted_inequality.csv").open(encoding="utf-8", newline="") as handle:
        return [
            row
            for row in csv.DictReader(handle)
            if (row["metric_id"], row["subgroup_set"]) not in not_made
            and not (row["metric_id"] in per_head and row["subgroup_set"] in outside_population)
        ]


@pytest.fixture(scope="module")
def counts(county: County) -> Counts:
    """(metric, set, group) to numerator and denominator of the headline measure: flows of all whole years together,
    stocks (people who are there year after year) of the newest."""
    with duck.reader(county.database) as connection:
        found = connection.execute(
            "select metric_id, breakdown, breakdown_value, sum(made.numerator), sum(made.denominator) "
            "from equity.rpt_equity__metric as made "
            "where breakdown is not null and is_headline and period_type = 'calendar_year' and is_whole_period "
            "and (made.family in ('timeliness', 'health') or period_id = ("
            "select max(period_id) from core.dim_period where is_whole and period_type = 'calendar_year')) "
            "group by all "
            "union all "
            f"select metric_id, '{BY_YEAR}', period_id, numerator, denominator from equity.rpt_equity__metric "
            "where breakdown = 'all' and is_headline and period_type = 'calendar_year' and is_whole_period"
        ).fetchall()
    return {(metric, group_set, value): numbers for metric, group_set, value, *numbers in found}


def test_something_is_planted_in_each_family(planted: list[dict[str, str]]) -> None:
    families = {row["metric_id"]: row["family"] for row in rows("metric")}
    assert {families[row["metric_id"]] for row in planted} == {"identification", "timeliness", "placement", "health"}


def test_every_planted_strength_is_within_reach(planted: list[dict[str, str]], counts: Counts) -> None:
    assert len(planted) >= 10
    for row in planted:
        pair = _pair(row, planted, counts)
        assert _is_within_reach(row, pair), (row, pair)


def test_a_county_without_inequality_would_be_found_out(planted: list[dict[str, str]], counts: Counts) -> None:
    """A thousand plans say little of an ethnic group; but in every family, level groups put a strength out of reach."""
    families = {row["metric_id"]: row["family"] for row in rows("metric")}
    found_out = {
        families[row["metric_id"]]
        for row in planted
        if not _is_within_reach(row, _pair(row, planted, counts).levelled())
    }
    assert found_out == {families[row["metric_id"]] for row in planted}


def test_the_plain_ones_are_seen_without_doubt(planted: list[dict[str, str]], counts: Counts) -> None:
    seen = set()
    for row in planted:
        if (row["metric_id"], row["subgroup_set"]) in PLAIN and row["subgroup_value"] != "rest":
            lower, upper = _pair(row, planted, counts).ratio(Z_95)
            more = float(row["strength"]) > 1 and row["kind"] == "ratio"
            assert lower > 1 if more else upper < 1, (row, lower, upper)
            seen.add((row["metric_id"], row["subgroup_set"]))
    assert seen == PLAIN


def test_the_slow_districts_together_are_slow(planted: list[dict[str, str]], counts: Counts) -> None:
    """Each has a dozen plans or so in a small county; both together tell."""
    slow = {r["subgroup_value"] for r in planted if (r["metric_id"], r["subgroup_set"]) == ("TM05", "district")}
    groups = _groups("TM05", "district", counts)
    pair = Pair(*_together(groups, slow), *_together(groups, set(groups) - slow), per_head=False)
    assert len(slow) >= 2
    assert pair.rate(Z_95)[1] < pair.x0 / pair.n0


def _is_within_reach(row: dict[str, str], pair: Pair) -> bool:
    lower, upper = pair.rate(Z_998) if row["kind"] == "rate" else pair.ratio(Z_998)
    return lower / NEAR <= float(row["strength"]) <= upper * NEAR


def _pair(row: dict[str, str], planted: list[dict[str, str]], counts: Counts) -> Pair:
    metric, group_set, value = row["metric_id"], row["subgroup_set"], row["subgroup_value"]
    groups = _groups(metric, group_set, counts)
    named = {r["subgroup_value"] for r in planted if (r["metric_id"], r["subgroup_set"]) == (metric, group_set)}
    one = {value} if value != "rest" else set(groups) - named
    other = {row["comparison"]} if row["comparison"] != "rest" else set(groups) - one
    return Pair(*_together(groups, one), *_together(groups, other), per_head=metric in ("ID03", "ID04"))


def _groups(metric: str, group_set: str, counts: Counts) -> dict[str, list[float]]:
    return {key[2]: numbers for key, numbers in counts.items() if key[:2] == (metric, group_set)}


def _together(groups: dict[str, list[float]], values: set[str]) -> tuple[float, float]:
    chosen = [groups[value] for value in values]
    return sum(numbers[0] for numbers in chosen), sum(numbers[1] for numbers in chosen)
