"""The tables that leave the building: metrics by group, suppressed, rounded, audited, with a log of what was hidden.

Inputs are rows of `rpt_equity__metric` (unsuppressed). What is printed is computed from the rounded counts alone,
limits included: an unrounded limit would give the count away. Symbols are those of DfE's statistics service: c hidden,
z not applicable, x not available, low rounds to zero but is not, u (column reliability) small numbers.
"""

from __future__ import annotations

import csv
import itertools
import json
import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from math import inf
from pathlib import Path
from types import MappingProxyType
from typing import Any

from warehouse.publish import audit, policy
from warehouse.publish.disclosure import floor_of, half_up, rounded, suppress
from warehouse.publish.files import excel_safe
from warehouse.publish.policy import DisclosureError, Policy
from warehouse.publish.register import Count, Group
from warehouse.publish.sums import Sums, add_up, alike, holds, within_metrics
from warehouse.settings import Settings
from warehouse.specification import rows
from warehouse.statistics import intervals

COLUMNS = (
    "metric_id",
    "metric_name",
    "measure",
    "measure_title",
    "time_period",
    "breakdown",
    "group",
    "numerator",
    "denominator",
    "value",
    "lower_95",
    "upper_95",
    "unit",
    "reliability",
)
HIDDEN, NOT_APPLICABLE, NOT_AVAILABLE, LOW = "c", "z", "x", "low"
UNITS = {
    "proportion": "%",
    "rate_per_1000": "per 1,000 residents aged 0 to 24",
    "rate_per_1000_under_5": "per 1,000 residents aged 0 to 4",
    "rate_per_10000": "per 10,000 residents aged 0 to 24",
    "rate_per_1000_school_age": "per 1,000 residents aged 5 to 15",
    "rate_per_100_pupils": "per 100 pupils",
    "weeks": "weeks",
    "months": "months",
    "points": "points",
    "percentage_points": "percentage points",
    "days": "days",
    "km": "km",
    "count": "",
    "percent": "%",
    "pounds_a_day": "pounds a school day",
    "per_1000_pupils": "per 1,000 pupils aged 4 to 15",
    "per_1000_plans": "per 1,000 plans",
    "pounds": "pounds",
    "pounds_a_resident": "pounds a resident aged 2 to 18",
    "hours": "hours",
    "nights": "nights",
    "places": "places a child",
}
AVERAGES = ("mean", "median", "p90")
# Kinds of measure that are never printed, and why. Ratios of places and of pupils counted once each are hidden and
# rounded like any other count, and ratios of money of which no child is a part are printed as they are.
KEPT_INSIDE = {
    "gap": "a gap between two groups tells more than their two rounded figures beside each other",
    "ratio": "a ratio of sums (sessions, appeals, money): any number of children may stand behind a sum, one alone too",
}
OF_PLACES, OF_NO_CHILD = "resource_base", "S0"
# From so many on the limits of a median or 90th percentile are not among the last few values: by rank, at 95%.
LIMITS_FROM = {"median": 30, "p90": 150}
# Above a 90th percentile lies a tenth: fewer than seven would be told by it where a share over a threshold hides them.
VALUE_FROM = {"p90": 70}
# Where a share of the same values is hidden, their average is printed of so many.
BESIDE_HIDDEN_FROM = 50
# An average of so many is printed to three figures, of fewer to two.
FINE_FROM = 100
# A whole and a part of it have averages side by side where so many are in the whole alone.
SEEN_APART = 5
# Of the log, what is told of all tables together: why counts were hidden.
BY_SIDE = (
    "hidden_small",
    "hidden_to_protect_others",
    "hidden_for_what_was_published_before",
    "told_by_what_was_published_before",
    "audited",
)
# How often more is hidden beside what the auditor worked out.
MOST_MENDS = 100
# What a row says of its group.
PLACE = ("breakdown", "breakdown_value", "set_title", "subgroup_label", "set_order", "value_order")
NO_ROW = "no row of a whole year in this publication: what it is counted from has not come, or nobody is in it"
NOT_PUBLISHED = "not_published.csv"
NOT_PUBLISHED_COLUMNS = ("metric_id", "metric_name", "measure", "measure_title", "whole_indicator", "reason")


@dataclass(frozen=True)
class Table:
    """One public file and what its making hid."""

    name: str
    title: str
    rows: tuple[dict[str, str], ...]
    log: dict[str, Any]
    # Of each row: its kind of period, breakdown and group as codes.
    groups: tuple[tuple[str, str, str], ...] = ()
    # Of each count: its text, for the register.
    printed: dict[Count, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Hiding:
    """What is hidden of all public outputs, and for whose sake; the complements and rests that nobody prints too."""

    small: set[Count]
    for_others: set[Count]
    for_earlier: set[Count]
    told_earlier: set[Count]
    audited: set[Count]
    # Relations that records contradict, with the metric of the whole and the period.
    not_held: tuple[tuple[str, str, str], ...] = ()

    @property
    def hidden(self) -> set[Count]:
        return self.small | self.for_others | self.for_earlier


@dataclass(frozen=True)
class _Rules:
    """The rows that say how a metric is printed."""

    families: dict[str, str]
    measures: dict[tuple[str, str], dict[str, str]]
    policies: dict[str, Policy]
    least_denominators: dict[str, int]
    averages_beside: dict[tuple[str, str], list[tuple[str, str]]]

    def shares_beside(self, group: Group) -> list[Count]:
        """The numerators of the shares of the values that an average of this group is of (average_beside.csv)."""
        beside = [(group.metric_id, group.variant), *self.averages_beside.get((group.metric_id, group.variant), ())]
        return [
            Count(replace(group, metric_id=metric_id, variant=variant), "numerator") for metric_id, variant in beside
        ]

    def policy(self, metric_id: str) -> Policy:
        return self.policies[metric_id]

    def least_denominator(self, group: Group) -> int:
        """The smallest group that has a rate: of the metric's class, or of the breakdown where that asks for more."""
        found = self.policies[group.metric_id]
        if not found.of_children:
            return found.least_denominator
        return max(found.least_denominator, self.least_denominators[group.breakdown])


def tables(
    metric_rows: Iterable[Mapping[str, Any]],
    settings: Settings,
    earlier: Mapping[Count, Collection[str]] = MappingProxyType({}),
) -> tuple[Table, ...]:
    """The public tables of public_output.csv by the breakdowns of public_breakdown.csv. Whole years only.

    `earlier` is the register of what was printed before. Raises DisclosureError if the auditor finds a hidden count
    that can be worked out, if a row of metric_relation.csv does not hold, or if the settings ask for less than the
    policy of a disclosure class.
    """
    rules = _rules(settings)
    inside, printed_kinds = kept_inside(), years()
    kept = sorted(
        (
            row
            for row in metric_rows
            if row["period_type"] in printed_kinds
            and row["is_whole_period"]
            and row["breakdown"] in rules.least_denominators
            and (row["metric_id"], row["measure"]) not in inside
            and not _is_of_a_base_or_two(row, rules)
        ),
        key=_reading_order,
    )
    kept = sorted([*kept, *_rows_of_nobody(kept, rules)], key=_reading_order)
    # All at once: a count of one output can be a part of a count of another.
    counts = _counts(kept, rules)
    hidden_means = _hidden_averages(kept, rules)
    hiding = _hiding(counts, add_up(counts), rules, earlier)
    by_family: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in kept:
        by_family[rules.families[row["metric_id"]]].append(row)
    return tuple(
        _table(output, by_family[output["family"]], counts, hiding, hidden_means, rules)
        for output in rows("public_output")
    )


def _is_of_a_base_or_two(row: Mapping[str, Any], rules: _Rules) -> bool:
    """Shares of the places of a district: beside its places, which are printed as they are, they tell who is in one."""
    of_places = rules.families[row["metric_id"]] == OF_PLACES
    return (
        of_places and row["breakdown"] != "all" and rules.measures[row["metric_id"], row["measure"]]["kind"] == "ratio"
    )


def years() -> list[str]:
    """The kinds of period that are printed."""
    return [row["period_type"] for row in rows("period_type") if row["is_year"] == "true"]


def kept_inside() -> dict[tuple[str, str], str]:
    """By metric and measure, why it is in no public table, whatever the data: from the registry alone."""
    metrics = {row["metric_id"]: row for row in rows("metric")}
    found: dict[tuple[str, str], str] = {}
    for row in rows("metric_measure"):
        metric = metrics[row["metric_id"]]
        of_nobody = metric["family"] == OF_PLACES or metric["disclosure_class"] == OF_NO_CHILD
        if row["kind"] in KEPT_INSIDE and (row["kind"] == "gap" or not of_nobody):
            found[row["metric_id"], row["measure"]] = KEPT_INSIDE[row["kind"]]
    return found


def not_published(made: Sequence[Table]) -> list[dict[str, str]]:
    """What a reader of the registry misses in these tables: a row per measure, as NOT_PUBLISHED_COLUMNS."""
    printed = {(row["metric_id"], row["measure"]) for table in made for row in table.rows}
    in_part = {metric_id for metric_id, _ in printed}
    names = {row["metric_id"]: row["name"] for row in rows("metric")}
    reasons = kept_inside()
    return [
        {
            "metric_id": row["metric_id"],
            "metric_name": names[row["metric_id"]],
            "measure": row["measure"],
            "measure_title": row["title"],
            "whole_indicator": "no" if row["metric_id"] in in_part else "yes",
            "reason": reasons.get((row["metric_id"], row["measure"]), NO_ROW),
        }
        for row in rows("metric_measure")
        if (row["metric_id"], row["measure"]) not in printed
    ]


def write(made: Sequence[Table], folder: Path, settings: Settings) -> list[Path]:
    """The tables as CSV (UTF-8 with a byte order mark, so that Excel reads it), not_published.csv beside them in the
    same form, and disclosure_log.json."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    printed = [(f"{table.name}.csv", COLUMNS, table.rows) for table in made]
    for name, columns, lines in (*printed, (NOT_PUBLISHED, NOT_PUBLISHED_COLUMNS, not_published(made))):
        file = folder / name
        with file.open("w", encoding="utf-8-sig", newline="") as handle:
            writer = csv.DictWriter(handle, columns, lineterminator="\n")
            writer.writeheader()
            writer.writerows(lines)
        written.append(file)
    log = {
        "policy": {name: found.log() for name, found in policy.read(settings).items()},
        "least_width_of_a_hidden_count": audit.REQUIRED_WIDTH,
        "symbols": {
            HIDDEN: "hidden so that nobody is identified",
            NOT_APPLICABLE: "not applicable",
            NOT_AVAILABLE: "not available",
            LOW: "rounds to zero but is not zero",
            "u": "low reliability: few events or a wide interval",
        },
        # Of one table the sides would tell, for some counts, on which they are.
        "all_tables": {name: sum(table.log[name] for table in made) for name in BY_SIDE},
        "tables": {table.name: {key: said for key, said in table.log.items() if key not in BY_SIDE} for table in made},
    }
    file = folder / "disclosure_log.json"
    file.write_text(json.dumps(log, indent=1, sort_keys=True) + "\n", encoding="utf-8", newline="\n")
    return [*written, file]


def _rules(settings: Settings) -> _Rules:
    policies = policy.read(settings)
    beside: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for row in rows("average_beside"):
        beside[row["metric_id"], row["variant"]].append((row["share_metric_id"], row["share_variant"]))
    return _Rules(
        families={row["metric_id"]: row["family"] for row in rows("metric")},
        measures={(row["metric_id"], row["measure"]): row for row in rows("metric_measure")},
        policies={row["metric_id"]: policies[row["disclosure_class"]] for row in rows("metric")},
        least_denominators={row["breakdown"]: int(row["least_denominator"]) for row in rows("public_breakdown")},
        averages_beside=beside,
    )


def _table(
    output: Mapping[str, str],
    metric_rows: Sequence[Mapping[str, Any]],
    counts: Mapping[Count, float],
    hiding: _Hiding,
    hidden_means: set[Group],
    rules: _Rules,
) -> Table:
    hidden = hiding.hidden
    lines = [_printed(row, counts, hidden, hidden_means, rules) for row in metric_rows]
    groups = {_group(row, rules.measures[row["metric_id"], row["measure"]]) for row in metric_rows}
    printed = {
        count: _shown_count(count, counts, hidden, rules)
        for group in groups
        for count in (Count(group, "numerator"), Count(group, "denominator"))
        if count in counts
    }
    log = {
        "title": output["title"],
        "rows": len(lines),
        "counts": len(printed),
        "hidden_small": len(hiding.small & printed.keys()),
        "hidden_to_protect_others": len(hiding.for_others & printed.keys()),
        "hidden_for_what_was_published_before": len(hiding.for_earlier & printed.keys()),
        "told_by_what_was_published_before": len(hiding.told_earlier & printed.keys()),
        "share_of_counts_hidden": round(len(hidden & printed.keys()) / len(printed), 4) if printed else 0.0,
        "values_hidden": sum(line["value"] == HIDDEN for line in lines),
        "audited": sum(count.group in groups for count in hiding.audited),
        "relations_that_records_contradict": [
            f"{relation} in {period_id}"
            for relation, metric_id, period_id in hiding.not_held
            if rules.families[metric_id] == output["family"]
        ],
    }
    codes = tuple((row["period_type"], row["breakdown"], row["breakdown_value"]) for row in metric_rows)
    return Table(output["public_output"], output["title"], tuple(lines), log, codes, printed)


def _rows_of_nobody(metric_rows: Sequence[Mapping[str, Any]], rules: _Rules) -> list[dict[str, Any]]:
    """Rows of groups that one measure has and another, of the same counts, has not: that it has none would tell of the
    first that its count is nought, though it be hidden."""
    measures: dict[tuple[str, str, str], list[Mapping[str, Any]]] = defaultdict(list)
    places: dict[tuple[str, str, str], Mapping[str, Any]] = {}
    for row in metric_rows:
        measure = rules.measures[row["metric_id"], row["measure"]]
        places.setdefault((row["period_id"], row["breakdown"], row["breakdown_value"]), row)
        if row["breakdown"] == "all":
            measures[row["metric_id"], measure["variant"], row["period_id"]].append(row)
    found: dict[tuple[str, ...], dict[str, Any]] = {}
    counts = _counts(metric_rows, rules)
    for series in alike(counts):
        nobody = {place for members in series for place, count in members.items() if counts[count] == 0}
        for members in series:
            group = next(iter(members.values())).group
            # A breakdown that a metric does not have is no group of nobody.
            breakdowns = {breakdown for breakdown, _ in members}
            for breakdown, value in sorted(place for place in nobody - members.keys() if place[0] in breakdowns):
                place = places[group.period_id, breakdown, value]
                for row in measures[group.metric_id, group.variant, group.period_id]:
                    found[row["metric_id"], row["measure"], group.period_id, breakdown, value] = {
                        **row,
                        **{name: place[name] for name in PLACE},
                        **dict.fromkeys(("numerator", "denominator"), 0.0),
                        **dict.fromkeys(("value", "lower", "upper")),
                        "is_reliable": False,
                    }
    return list(found.values())


def _counts(metric_rows: Sequence[Mapping[str, Any]], rules: _Rules) -> dict[Count, float]:
    """Every count that is printed or can be worked out from one group's row, unrounded."""
    counts: dict[Count, float] = {}
    for row in metric_rows:
        measure = rules.measures[row["metric_id"], row["measure"]]
        group = _group(row, measure)
        if measure["kind"] == "proportion":
            counts[Count(group, "numerator")] = row["numerator"]
            counts[Count(group, "denominator")] = row["denominator"]
            counts[Count(group, "complement")] = row["denominator"] - row["numerator"]
        elif measure["kind"] == "ratio":
            counts[Count(group, "numerator")] = row["numerator"]
            counts[Count(group, "denominator")] = row["denominator"]
        elif measure["kind"] in ("rate", "count"):
            counts[Count(group, "numerator")] = row["numerator"]
        elif measure["kind"] in AVERAGES:
            counts[Count(group, "denominator")] = row["denominator"]
    return counts


def _hiding(
    counts: Mapping[Count, float],
    sums: Sums,
    rules: _Rules,
    earlier: Mapping[Count, Collection[str]],
) -> _Hiding:
    """What has to be hidden, by itself and beside what was printed before, audited.

    What was hidden before stays hidden: beside the older tables it would tell what they hide. What was printed before
    as it would be now is known, and hiding it protects nothing.
    """
    primary = sums.of(_small(counts, rules))
    told_to_be = _told_to_be(counts, sums, rules)
    together = _told_together(counts, sums)
    everyone = {cell for cell in sums.cells if cell.group.breakdown == "all"}
    outcome = suppress(sums.cells, sums.relations, primary, dear=everyone, ranges=told_to_be)
    was_hidden = {count for count in counts if HIDDEN in earlier.get(count, ())}
    was_shown = {
        count
        for count in earlier.keys() & counts.keys()
        if count not in was_hidden and _rounded_text(count, counts, rules) in earlier[count]
    }
    hidden_before = sums.of(was_hidden)
    shown_before = sums.of(was_shown) - hidden_before
    known = (counts, rules, together)
    # What would be hidden if nothing had been printed before: the same each time.
    hidden, audited = _audited(sums, _with_alike(outcome.hidden, together), primary, everyone, known)
    own, told = hidden, set()
    if at_odds := (hidden_before - own) | (shown_before & (own - primary)):
        near = sums.connected(at_odds)
        beside = suppress(
            {cell: size for cell, size in sums.cells.items() if cell in near},
            [relation for relation in sums.relations if relation.whole in near],
            near & (primary | hidden_before),
            known=near & shown_before,
            dear=near & everyone,
            ranges=told_to_be,
        )
        told = beside.secondary & shown_before
        hidden = _with_alike((own - near) | beside.hidden, together)
        hidden, audited = _audited(sums, hidden, primary, everyone | shown_before, known)

    def named(cells: set[Count]) -> set[Count]:
        return {count for count, cell in sums.name.items() if cell in cells}

    return _Hiding(
        small=named(outcome.primary),
        for_others=named((hidden & own) - outcome.primary),
        for_earlier=named(hidden - own),
        told_earlier=named(told),
        audited=named(audited),
        not_held=sums.not_held,
    )


def _parts_of_averages(sizes: Mapping[Count, float]) -> Iterator[tuple[Count, Count]]:
    """Averages of a whole and of a part of it (weeks with and without exceptions), by the rows of metric_relation.csv:
    side by side they tell whether the few that are left over are nobody."""
    declared: dict[str, dict[str, Mapping[str, str]]] = defaultdict(dict)
    for row in rows("metric_relation"):
        declared[row["relation"]][row["role"]] = row
    for relation in declared.values():
        whole, part = relation["whole"], relation["part"]
        if "rest" in relation and (whole["metric_id"], whole["field"]) == (part["metric_id"], "denominator"):
            for count in sizes:
                group = count.group
                if (group.metric_id, group.variant) == (part["metric_id"], part["variant"]):
                    of = Count(replace(group, variant=whole["variant"]), "denominator")
                    if of in sizes:
                        yield of, count


def _told_to_be(
    counts: Mapping[Count, float],
    sums: Sums,
    rules: _Rules,
    hidden: Collection[Count] | None = None,
) -> dict[Count, tuple[float, float]]:
    """Between what and what each cell lies for who reads it as it is printed and knows the policy; of what nobody
    prints, anything. What a shown numerator tells of its base is known once it is known what is `hidden`."""
    found = {cell: (0.0, inf) for cell in sums.cells}
    for count, cell in sums.name.items():
        if count.kind in ("numerator", "denominator"):
            least, most = _unrounded(counts[count], rules.policy(count.group.metric_id))
            if hidden is not None and count.kind == "denominator":
                least = max(least, _base_of_shown(count, counts, sums, rules, hidden))
            found[cell] = (max(least, found[cell][0]), min(most, found[cell][1]))
    return found


def _base_of_shown(
    base: Count, counts: Mapping[Count, float], sums: Sums, rules: _Rules, hidden: Collection[Count]
) -> float:
    """The least that a base is beside a shown numerator: a smaller one would have hidden it."""
    numerator = Count(base.group, "numerator")
    rule = rules.policy(base.group.metric_id)
    if not rule.of_children or Count(base.group, "complement") not in counts or counts[base] == 0:
        return 0.0
    if sums.name[numerator] in hidden:
        return 0.0
    return float(rule.all_or_none_below if counts[numerator] == 0 else rules.least_denominator(base.group))


def _unrounded(size: float, rule: Policy) -> tuple[float, float]:
    """The least and the most that is printed as `size` is: nought of nobody alone, and no number of fewer than hide."""
    near = rounded(size, rule.round_to)
    if rule.round_to == 1 or size == 0:
        return size, size
    fewest = rule.suppress_below if rule.of_children else 1
    return max(float(fewest), near - rule.round_to // 2), near + (rule.round_to - 1) // 2


def _told_together(counts: Mapping[Count, float], sums: Sums) -> list[set[Count]]:
    """Cells of which one shown tells the others: a base of nobody and what is counted in it, and a sum of which but one
    part is of somebody."""
    of_nobody = [
        {
            sums.name[Count(count.group, kind)]
            for kind in ("numerator", "denominator")
            if Count(count.group, kind) in counts
        }
        for count, size in counts.items()
        if count.kind == "denominator" and size == 0
    ]
    of_one = [
        {relation.whole, *of_somebody}
        for relation in sums.relations
        if len(of_somebody := [part for part in relation.parts if sums.cells[part] > 0]) == 1
        and relation.whole in sums.printed
        and of_somebody[0] in sums.printed
    ]
    return of_nobody + of_one


def _with_alike(hidden: Collection[Count], together: Sequence[set[Count]]) -> set[Count]:
    """What is hidden, and all that would tell it if it were shown alone."""
    found = set(hidden)
    while more := {cell for cells in together if not found.isdisjoint(cells) for cell in cells} - found:
        found |= more
    return found


def _small(counts: Mapping[Count, float], rules: _Rules) -> set[Count]:
    """Counts hidden for their own sake: small ones, and numerators and complements of groups too small for a rate, or
    too small for none or all of them to be told."""
    wholes = {row["relation"]: row["metric_id"] for row in rows("metric_relation") if row["role"] == "whole"}
    found: set[Count] = set()
    for count, size in counts.items():
        group = count.group
        rule = rules.policy(wholes.get(group.metric_id, group.metric_id))
        if 0 < size < rule.suppress_below:
            found.add(count)
        parts = [part for kind in ("numerator", "complement") if (part := Count(group, kind)) in counts]
        if count.kind == "denominator" and parts and size > 0:
            none_or_all = size < rule.all_or_none_below and any(counts[part] == 0 for part in parts)
            if none_or_all or size < rules.least_denominator(group):
                found.update(parts)
    return found


def _hidden_averages(metric_rows: Sequence[Mapping[str, Any]], rules: _Rules) -> set[Group]:
    """Groups whose means and percentiles stay hidden: too few values, or the only such group beside shown ones."""
    sizes: dict[Count, float] = {}
    for row in metric_rows:
        measure = rules.measures[row["metric_id"], row["measure"]]
        if measure["kind"] in AVERAGES:
            sizes[Count(_group(row, measure), "denominator")] = row["denominator"]
    # As the base is printed: of a 10 that is 8 to 12, a hidden average would tell that it is 8 or 9.
    few = {
        count
        for count, size in sizes.items()
        if 0 < _unrounded(size, rules.policy(count.group.metric_id))[0] < rules.least_denominator(count.group)
    }
    few |= {part for whole, part in _parts_of_averages(sizes) if sizes[whole] - sizes[part] < SEEN_APART}
    least = max((rules.least_denominator(count.group) for count in sizes), default=0)
    # Groups with too few values for a percentile have no row: the others are then not the whole.
    held = [relation for relation in within_metrics(sizes) if holds(relation, sizes)]
    everyone = {count for count in sizes if count.group.breakdown == "all"}
    return {count.group for count in suppress(sizes, held, few, width=float(least), dear=everyone).hidden}


def _audited(
    sums: Sums,
    hidden: set[Count],
    primary: set[Count],
    dear: set[Count],
    known: tuple[Mapping[Count, float], _Rules, Sequence[set[Count]]],
) -> tuple[set[Count], set[Count]]:
    """Let the auditor try every hidden cell, and hide one more beside each that gives way: all that is hidden, and what
    was tried. What was safe stays safe when more is hidden. Raises DisclosureError if one still gives way."""
    # A hidden zero that can be worked out tells of nobody unless it tells of a count beside it, which is tried too; so
    # does what nobody prints and is not small.
    counts, rules, together = known
    tried = {cell for cell in hidden if sums.cells[cell] > 0 and (cell in primary or cell in sums.printed)}
    # Cells as numbers: the auditor looks each up a thousand times, and what names a count is dear to look up.
    number = {cell: place for place, cell in enumerate(sums.cells)}
    cells = list(number)
    equations = [(number[one.whole], [number[part] for part in one.parts]) for one in sums.relations]
    hidden, asked = set(hidden), set(tried)
    for mends in itertools.count():
        told_to_be = _told_to_be(counts, sums, rules, hidden)
        shown = {number[cell]: told_to_be[cell] for cell in cells if cell not in hidden}
        floors = {number[cell]: floor_of(sums.cells[cell]) for cell in cells if cell in hidden}
        found = [
            cells[exposure.cell]
            for exposure in audit.exposed(shown, floors, equations, {number[cell] for cell in asked})
        ]
        if not found:
            return hidden, tried
        more = {beside for cell in found if (beside := sums.beside(cell, hidden, dear))}
        if mends == MOST_MENDS or not more:
            break
        asked = set(found) | more
        hidden = _with_alike(hidden | more, together)
        tried |= more
    where = sorted({f"{cell.group.metric_id} by {cell.group.breakdown}" for cell in found})
    raise DisclosureError(
        f"Public tables: {len(found)} hidden counts could be worked out ({', '.join(where[:5])}). "
        "Nothing was published. Leave the breakdown out in warehouse/spec/metrics/metric_without_subgroup.csv or "
        "public_breakdown.csv, or report this as a fault."
    )


def _printed(
    row: Mapping[str, Any],
    counts: Mapping[Count, float],
    hidden: set[Count],
    hidden_averages: set[Group],
    rules: _Rules,
) -> dict[str, str]:
    measure = rules.measures[row["metric_id"], row["measure"]]
    group = _group(row, measure)
    numerator, denominator = Count(group, "numerator"), Count(group, "denominator")
    kind, round_to = measure["kind"], rules.policy(row["metric_id"]).round_to
    per_head = kind in ("rate", "standardised_rate")
    averaged = kind in AVERAGES
    if per_head:
        base_text = half_up(row["denominator"], 0)
    else:
        base_text = NOT_APPLICABLE if kind == "count" else _shown_count(denominator, counts, hidden, rules)
    cells = {
        "numerator": NOT_APPLICABLE if averaged else _shown_count(numerator, counts, hidden, rules),
        "denominator": base_text,
    }
    if averaged:
        size = rounded(row["denominator"], round_to)
        # Nobody has any of it: none of few, or the numerator of a share of the same values, if that is hidden. And on
        # one side of that share's threshold an average tells where half of them are.
        few = size < rules.policy(row["metric_id"]).all_or_none_below
        of_nobody = row["value"] is not None and abs(row["value"]) < 0.05
        beside_hidden = not hidden.isdisjoint(rules.shares_beside(group))
        secret = group in hidden_averages or denominator in hidden or size < VALUE_FROM.get(kind, 0)
        secret = secret or (few and of_nobody) or (beside_hidden and (of_nobody or size < BESIDE_HIDDEN_FROM))
        # The limits of a median are two of the children's own values: of few, those at the ends. Those of a mean tell
        # how far apart the values lie, and so how many can lie beyond a threshold.
        has_limits = size >= LIMITS_FROM.get(kind, 0) and not beside_hidden
        values = [row["value"], *((row["lower"], row["upper"]) if has_limits else (None, None))]
    elif kind == "count":
        secret = numerator in hidden
        values = [rounded(row["numerator"], round_to), None, None]
    elif kind == "standardised_rate":
        secret = numerator in hidden
        # As if there had been as many events as are printed, or the rate would tell how many there were.
        events = rounded(row["numerator"], round_to)
        scaled = row["value"] * events / row["numerator"] if row["numerator"] and row["value"] is not None else None
        # Its limits are as lopsided as the count is small, however they are scaled: they would tell it.
        values = [scaled if events >= 10 else None, None, None]
    else:
        secret = numerator in hidden or denominator in hidden
        secret = secret or (not per_head and 0 < row["denominator"] < rules.least_denominator(group))
        base = row["denominator"] if per_head else rounded(row["denominator"], round_to)
        values = list(_estimate(kind, rounded(row["numerator"], round_to), base, float(measure["multiplier"])))
    scale = 100.0 if measure["unit"] == "proportion" else 1.0
    # Of a base that is hidden nobody learns that it is nobody's.
    if row["denominator"] == 0 and kind != "count" and (per_head or denominator not in hidden):
        texts = [NOT_APPLICABLE] * 3
    elif secret:
        texts = [HIDDEN] * 3
    else:
        step = _step(values[0], size) if averaged else 0.1
        texts = [NOT_AVAILABLE if value is None else _text(value * scale, step) for value in values]
    return {
        "metric_id": row["metric_id"],
        "metric_name": row["metric_name"],
        "measure": row["measure"],
        "measure_title": row["measure_title"],
        "time_period": row["period_id"],
        "breakdown": row["set_title"],
        "group": excel_safe(row["subgroup_label"]),
        **cells,
        **dict(zip(("value", "lower_95", "upper_95"), texts, strict=True)),
        "unit": UNITS[measure["unit"]],
        "reliability": "" if texts[0] in (HIDDEN, NOT_APPLICABLE) or _is_reliable(cells, values, averaged) else "u",
    }


def _step(value: float | None, size: float) -> float:
    """What an average is rounded to: three figures, two of fewer than 100. Averages of groups and of all of them, each
    times its number of children, add up; to the tenth of a pound they would tell those numbers."""
    if not value:
        return 0.1
    figures = 2 if size < FINE_FROM else 3
    return max(0.1, 10.0 ** (math.floor(math.log10(abs(value))) + 1 - figures))


def _text(value: float, step: float) -> str:
    return half_up(value, 1) if step < 1 else half_up(float(half_up(value / step, 0)) * step, 0)


def _shown_count(count: Count, counts: Mapping[Count, float], hidden: set[Count], rules: _Rules) -> str:
    return HIDDEN if count in hidden else _rounded_text(count, counts, rules)


def _rounded_text(count: Count, counts: Mapping[Count, float], rules: _Rules) -> str:
    near = rounded(counts[count], rules.policy(count.group.metric_id).round_to)
    return LOW if near == 0 and counts[count] > 0 else str(near)


def _is_reliable(cells: Mapping[str, str], values: Sequence[float | None], averaged: bool) -> bool:
    """As fct_metric has it, of what is printed: of the true counts the flag would tell more than the counts do."""
    size = cells["denominator" if averaged else "numerator"]
    value, lower, upper = values
    if not size.isdigit() or int(size) < 10 or value is None or value <= 0:
        return False
    return lower is None or upper is None or (upper - lower) / value <= 0.6


@cache  # rounded counts are few, and a public table asks for the same ones again and again
def _estimate(kind: str, x: float, n: float, multiplier: float) -> tuple[float | None, float | None, float | None]:
    """Value and 95% limits from rounded counts: Wilson for shares; for rates Byar from 10 events and exact below."""
    if n <= 0:
        return None, None, None
    if kind == "ratio":  # its interval rests on unrounded sums, which would give the counts away
        return x / n * multiplier, None, None
    estimate = intervals.proportion(x, n) if kind == "proportion" else intervals.rate(x, n)
    value, lower, upper = (float(part) * multiplier for part in estimate)
    return value, lower, upper


def _group(row: Mapping[str, Any], measure: Mapping[str, str]) -> Group:
    return Group(row["metric_id"], measure["variant"], row["period_id"], row["breakdown"], row["breakdown_value"])


def _reading_order(row: Mapping[str, Any]) -> tuple:
    order = (row["set_order"], row["value_order"], row["breakdown_value"])
    return (row["metric_id"], row["measure_order"], row["period_id"], *order)
