"""The tables that leave the building: metrics by group, suppressed, rounded, audited, with a log of what was hidden.

Inputs are rows of `rpt_equity__metric` (unsuppressed). What is printed is computed from the rounded counts alone,
limits included: an unrounded limit would give the count away. Symbols are those of DfE's statistics service: c hidden,
z not applicable, x not available, low rounds to zero but is not, u (column reliability) small numbers.
"""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from warehouse.publish import audit
from warehouse.publish.disclosure import Relation, floor_of, half_up, rounded, suppress
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
}
WHOLE_YEARS = ("calendar_year", "academic_year", "financial_year")
# A gap would tell more than the two rounded figures beside each other; ratios of sums and counts have no rule yet.
KEPT_INSIDE = ("ratio", "count", "gap")


class DisclosureError(RuntimeError):
    """A public table would give something away. Nothing was published; the message says which and what to do."""


@dataclass(frozen=True)
class Group:
    """A group of one metric variant in one period: the home of up to four counts."""

    metric_id: str
    variant: str
    period_id: str
    breakdown: str
    breakdown_value: str


@dataclass(frozen=True)
class Count:
    """One count of a group: numerator, denominator or complement, which is what the two leave."""

    group: Group
    kind: str


@dataclass(frozen=True)
class Table:
    """One public file and what its making hid."""

    name: str
    title: str
    rows: tuple[dict[str, str], ...]
    log: dict[str, Any]


def tables(metric_rows: Iterable[Mapping[str, Any]], settings: Settings) -> tuple[Table, ...]:
    """The public tables of public_output.csv by the breakdowns of public_breakdown.csv. Whole years only.

    Raises DisclosureError if the auditor finds a hidden count that can be worked out, or if the settings round to less
    than 5: differences between metrics are safe only because counts are rounded.
    """
    if settings.round_to < 5:
        raise DisclosureError(
            "Public counts have to be rounded to 5 or more. Set [disclosure] round_to = 5 in the settings file."
        )
    families = {row["metric_id"]: row["family"] for row in rows("metric")}
    inside = {(row["metric_id"], row["measure"]) for row in rows("metric_measure") if row["kind"] in KEPT_INSIDE}
    kept: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    public = {row["breakdown"] for row in rows("public_breakdown")}
    for row in metric_rows:
        if (row["metric_id"], row["measure"]) in inside:
            continue
        if row["period_type"] in WHOLE_YEARS and row["is_whole_period"] and row["breakdown"] in public:
            kept[families[row["metric_id"]]].append(row)
    return tuple(
        _table(output["public_output"], output["title"], kept[output["family"]], settings)
        for output in rows("public_output")
    )


def write(made: Sequence[Table], folder: Path, settings: Settings) -> list[Path]:
    """The tables as CSV (UTF-8 with a byte order mark, so that Excel reads it) and disclosure_log.json."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for table in made:
        file = folder / f"{table.name}.csv"
        with file.open("w", encoding="utf-8-sig", newline="") as handle:
            writer = csv.DictWriter(handle, COLUMNS, lineterminator="\n")
            writer.writeheader()
            writer.writerows(table.rows)
        written.append(file)
    log = {
        "policy": {
            "counts_hidden": f"1 to {settings.suppress_below - 1}",
            "rates_hidden": f"denominator below {settings.suppress_denominator_below}",
            "counts_rounded_to": settings.round_to,
            "least_width_of_a_hidden_count": audit.REQUIRED_WIDTH,
        },
        "symbols": {
            HIDDEN: "hidden so that nobody is identified",
            NOT_APPLICABLE: "not applicable",
            NOT_AVAILABLE: "not available",
            LOW: "rounds to zero but is not zero",
            "u": "low reliability: few events or a wide interval",
        },
        "tables": {table.name: table.log for table in made},
    }
    file = folder / "disclosure_log.json"
    file.write_text(json.dumps(log, indent=1, sort_keys=True) + "\n", encoding="utf-8", newline="\n")
    return [*written, file]


def _table(name: str, title: str, metric_rows: Sequence[Mapping[str, Any]], settings: Settings) -> Table:
    measures = {(row["metric_id"], row["measure"]): row for row in rows("metric_measure")}
    counts = _counts(metric_rows, measures)
    relations = _relations(counts)
    small = _small_groups(counts, settings.suppress_denominator_below)
    outcome = suppress(counts, relations, settings.suppress_below, also_hidden=small)
    hidden = outcome.hidden
    audited = _audit(name, counts, relations, hidden)
    hidden_means = _hidden_averages(metric_rows, measures, settings.suppress_denominator_below)
    printed = [
        _printed(row, measures[row["metric_id"], row["measure"]], counts, hidden, hidden_means, settings)
        for row in sorted(metric_rows, key=_reading_order)
    ]
    printable = {count for count in counts if count.kind in ("numerator", "denominator")}
    log = {
        "title": title,
        "rows": len(printed),
        "counts": len(printable),
        "hidden_small": len(outcome.primary & printable),
        "hidden_to_protect_others": len(outcome.secondary & printable),
        "values_hidden": sum(row["value"] == HIDDEN for row in printed),
        "audited": audited,
    }
    return Table(name, title, tuple(printed), log)


def _counts(metric_rows: Sequence[Mapping[str, Any]], measures: Mapping) -> dict[Count, float]:
    """Every count that is printed or can be worked out from one group's row, unrounded."""
    counts: dict[Count, float] = {}
    for row in sorted(metric_rows, key=_reading_order):
        measure = measures[row["metric_id"], row["measure"]]
        group = _group(row, measure)
        if measure["kind"] == "proportion":
            counts[Count(group, "numerator")] = row["numerator"]
            counts[Count(group, "denominator")] = row["denominator"]
            counts[Count(group, "complement")] = row["denominator"] - row["numerator"]
        elif measure["kind"] == "rate" or (measure["kind"] == "count" and not _is_of_places(row["metric_id"])):
            counts[Count(group, "numerator")] = row["numerator"]
        elif measure["kind"] == "ratio":
            counts[Count(group, "numerator")] = row["numerator"]
            counts[Count(group, "denominator")] = row["denominator"]
        elif measure["kind"] == "mean":
            counts.setdefault(Count(group, "denominator"), row["denominator"])
    return counts


def _relations(counts: Mapping[Count, float]) -> list[Relation]:
    """All that adds up in one metric: numerator and complement, groups to all, ethnicities to their group.

    Across metrics (plans issued in time with and without exceptions, say) nothing exact can be worked out, because
    every printed count is rounded to 5 or more: a difference of two is known to within 8 at best.
    """
    found: list[Relation] = []
    members: dict[tuple, list[Count]] = defaultdict(list)
    ethnic_group = {row["code"]: row["ethnicity_group"] for row in rows("code_ethnicity")}
    for cell in counts:
        group = cell.group
        series = (group.metric_id, group.variant, group.period_id, cell.kind)
        if group.breakdown != "all":
            members[series, "all", "all", group.breakdown].append(cell)
        if group.breakdown == "ethnicity":
            value = ethnic_group.get(group.breakdown_value, "unknown")
            members[series, "ethnicity_group", value, "ethnicity"].append(cell)
        if cell.kind == "denominator" and Count(group, "complement") in counts:
            found.append(Relation(cell, (Count(group, "numerator"), Count(group, "complement"))))
    for ((metric_id, variant, period_id, kind), whole_set, whole_value, _), parts in members.items():
        whole = Count(Group(metric_id, variant, period_id, whole_set, whole_value), kind)
        if whole in counts:
            found.append(Relation(whole, tuple(parts)))
    return found


def _small_groups(counts: Mapping[Count, float], below: int) -> set[Count]:
    """Numerators and complements of groups too small for a rate: 0% and 100% of a handful tell on each of them."""
    return {
        Count(cell.group, kind)
        for cell, count in counts.items()
        if cell.kind == "denominator" and 0 < count < below
        for kind in ("numerator", "complement")
        if Count(cell.group, kind) in counts
    }


def _hidden_averages(metric_rows: Sequence[Mapping[str, Any]], measures: Mapping, below: int) -> set[Group]:
    """Groups whose means and percentiles stay hidden: too few values, or the only such group beside shown ones."""
    sizes: dict[Count, float] = {}
    for row in metric_rows:
        measure = measures[row["metric_id"], row["measure"]]
        if measure["kind"] == "mean":
            sizes[Count(_group(row, measure), "denominator")] = row["denominator"]
    outcome = suppress(sizes, _relations(sizes), below, width=float(below))
    return {cell.group for cell in outcome.hidden}


def _audit(name: str, counts: Mapping[Count, float], relations: Sequence[Relation], hidden: set[Count]) -> int:
    """Let the auditor try every hidden count; return how many it tried. Raises DisclosureError if one gives way."""
    shown = {cell: count for cell, count in counts.items() if cell not in hidden}
    floors = {cell: floor_of(counts[cell]) for cell in hidden}
    # A hidden zero that can be worked out tells of nobody unless it tells of a count beside it, which is tried too.
    asked = {cell for cell in hidden if counts[cell] > 0}
    found = audit.exposed(shown, floors, [(relation.whole, relation.parts) for relation in relations], asked)
    if found:
        where = sorted({f"{e.cell.group.metric_id} by {e.cell.group.breakdown}" for e in found})
        raise DisclosureError(
            f"public/{name}.csv: {len(found)} hidden counts could be worked out ({', '.join(where[:5])}). "
            "Nothing was published. Leave the breakdown out in warehouse/spec/metrics/metric_without_subgroup.csv or "
            "public_breakdown.csv, or report this as a fault."
        )
    return len(asked)


def _printed(
    row: Mapping[str, Any],
    measure: Mapping[str, str],
    counts: Mapping[Count, float],
    hidden: set[Count],
    hidden_averages: set[Group],
    settings: Settings,
) -> dict[str, str]:
    group = _group(row, measure)
    numerator, denominator = Count(group, "numerator"), Count(group, "denominator")
    kind = measure["kind"]
    per_head = kind in ("rate", "standardised_rate")
    averaged = kind in ("mean", "median", "p90")
    as_it_is = kind == "count" and _is_of_places(row["metric_id"])
    if averaged:
        shown_numerator = NOT_APPLICABLE
    elif as_it_is:
        shown_numerator = half_up(row["numerator"], 0)
    else:
        shown_numerator = _shown_count(numerator, counts, hidden, settings)
    if per_head:
        shown_denominator = half_up(row["denominator"], 0)
    elif kind == "count":
        shown_denominator = NOT_APPLICABLE
    else:
        shown_denominator = _shown_count(denominator, counts, hidden, settings)
    cells = {"numerator": shown_numerator, "denominator": shown_denominator}
    if averaged:
        secret = group in hidden_averages or denominator in hidden
        values = [row["value"], row["lower"], row["upper"]]
    elif kind == "standardised_rate":
        secret = numerator in hidden
        # As if there had been as many events as are printed, or the rate would tell how many there were.
        scale_to_printed = rounded(row["numerator"], settings.round_to) / row["numerator"] if row["numerator"] else 1.0
        values = [v if v is None else v * scale_to_printed for v in (row["value"], row["lower"], row["upper"])]
    elif kind == "count":
        secret = numerator in hidden
        values = [row["numerator"] if as_it_is else rounded(row["numerator"], settings.round_to), None, None]
    else:
        secret = numerator in hidden or denominator in hidden
        secret = secret or (not per_head and 0 < row["denominator"] < settings.suppress_denominator_below)
        base = row["denominator"] if per_head else rounded(row["denominator"], settings.round_to)
        values = list(_estimate(kind, rounded(row["numerator"], settings.round_to), base, float(measure["multiplier"])))
    scale = 100.0 if measure["unit"] == "proportion" else 1.0
    if row["denominator"] == 0:
        texts = [NOT_APPLICABLE] * 3
    elif secret:
        texts = [HIDDEN] * 3
    else:
        texts = [NOT_AVAILABLE if value is None else half_up(value * scale, 1) for value in values]
    return {
        "metric_id": row["metric_id"],
        "metric_name": row["metric_name"],
        "measure": row["measure"],
        "measure_title": row["measure_title"],
        "time_period": row["period_id"],
        "breakdown": row["set_title"],
        "group": row["subgroup_label"],
        **cells,
        **dict(zip(("value", "lower_95", "upper_95"), texts, strict=True)),
        "unit": UNITS[measure["unit"]],
        "reliability": "" if row["is_reliable"] or texts[0] in (HIDDEN, NOT_APPLICABLE) else "u",
    }


def _shown_count(cell: Count, counts: Mapping[Count, float], hidden: set[Count], settings: Settings) -> str:
    if cell in hidden:
        return HIDDEN
    near = rounded(counts[cell], settings.round_to)
    return LOW if near == 0 and counts[cell] > 0 else str(near)


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


@cache
def _is_of_places(metric_id: str) -> bool:
    """Whether a metric counts places and not children (class S0): its counts are printed as they are."""
    return next(row for row in rows("metric") if row["metric_id"] == metric_id)["disclosure_class"] == "S0"


def _group(row: Mapping[str, Any], measure: Mapping[str, str]) -> Group:
    return Group(row["metric_id"], measure["variant"], row["period_id"], row["breakdown"], row["breakdown_value"])


def _reading_order(row: Mapping[str, Any]) -> tuple:
    order = (row["set_order"], row["value_order"], row["breakdown_value"])
    return (row["metric_id"], row["measure_order"], row["period_id"], *order)
