"""published/summary.html: one self-contained page for the people who run the warehouse.

Internal: nothing in it is suppressed. It reads marts only, reads no clock, and holds no script and no address
outside itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import jinja2

from warehouse import __version__, duck, freshness
from warehouse.publish.charts import Dot, interval_plot
from warehouse.publish.disclosure import half_up
from warehouse.publish.public import Table
from warehouse.settings import Settings
from warehouse.specification import rows, sources

TEMPLATE = Path(__file__).parent / "summary.html.jinja"

# What is plotted: (heading, metric, measure, breakdown), in reading order.
TIMELINESS = (
    ("Plans issued within 20 weeks, exceptions included", "TM05", "share", "district"),
    ("Plans issued within 20 weeks, exceptions left out", "TM04", "share", "district"),
    ("Plans to which an exception applies", "TM08", "share", "district"),
    ("Mean weeks from request to plan", "TM06", "mean_weeks", "district"),
    ("Decision whether to assess within 6 weeks", "TM01", "share", "district"),
    ("Speech and language therapy: first contact within 18 weeks", "HC02", "share", "district"),
)
PLACEMENT = (
    ("Taught in state mainstream schools (compulsory school age)", "PL02", "share", "district"),
    ("Placed out of area", "PL03", "share", "district"),
    ("Primary age, out of area or independent", "PL05", "share", "district"),
    ("In resourced provision or SEN units", "PL12", "share", "district"),
)
IDENTIFICATION = (
    ("Plans per 1,000 residents aged 0 to 24, by deprivation of the home", "ID03", "crude_rate", "idaci_quintile"),
    ("Plans per 1,000 residents, standardised for age, by district", "ID03", "standardised_rate", "district"),
    ("Pupils with a plan, by ethnic group", "ID02", "share", "ethnicity_group"),
    ("Requests refused, by district", "TM02", "share", "district"),
)
# Groups that are no place in a plot; the table beside it has them.
NOT_PLOTTED = ("unknown", "outside")
AXIS = {
    "proportion": "Share (%), with 95% interval",
    "rate_per_1000": "Per 1,000, with 95% interval",
    "rate_per_10000": "Per 10,000, with 95% interval",
    "weeks": "Weeks, with 95% interval",
}
RECORDS = (
    ("person", "People"),
    ("requests", "Requests"),
    ("assessment", "Assessments"),
    ("named_plan", "Named plans"),
    ("plan_detail", "Settings named in plans"),
    ("active_plans", "Active plans"),
    ("placement_detail", "Placements"),
    ("sen_need", "Needs"),
)


def write(
    settings: Settings,
    database: Path,
    results: Sequence[dict[str, Any]],
    tables: Sequence[Table],
    file: Path,
) -> None:
    """Write the page of a finished build. `results` is what dbt said of each node."""
    with duck.reader(database) as connection:
        page = _page(settings, connection, results, tables)
    page["degraded"] = freshness.degraded(database)
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATE.parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["count"] = lambda value: f"{int(value or 0):,}"
    html = environment.get_template(TEMPLATE.name).render(**page)
    file.write_text(html, encoding="utf-8", newline="\n")


def _page(
    settings: Settings,
    connection: duckdb.DuckDBPyConnection,
    results: Sequence[dict[str, Any]],
    tables: Sequence[Table],
) -> dict[str, Any]:
    metrics = _rows(
        connection,
        "select * from equity.rpt_equity__metric where period_type = 'calendar_year' and breakdown in "
        "('all', 'district', 'idaci_quintile', 'ethnicity_group') "
        "order by metric_id, measure_order, set_order, value_order, breakdown_value, period_id",
    )
    whole_periods = sorted({row["period_id"] for row in metrics if row["is_whole_period"]})
    period = whole_periods[-1] if whole_periods else max((row["period_id"] for row in metrics), default="")
    findings = _rows(
        connection,
        "select collection_year, printed_id, level, record_type, message, open_count, explained_count, person_count "
        "from sen2.rpt_sen2__finding_summary "
        "order by collection_year, case level when 'E' then 1 when 'Q' then 2 else 3 end, open_count desc, "
        "printed_id, message",
    )
    return {
        "council": settings.council_name,
        "la_code": settings.la_code,
        "demonstration": settings.demonstration,
        "as_at": _day(settings.as_at),
        "known_on": _day(settings.known_on or settings.as_at),
        "version": __version__,
        "period": period,
        "tiles": _tiles(metrics, period),
        "ran": _ran(results),
        "receipts": _receipts(connection),
        "quarantined": _rows(
            connection,
            "select source, file_name, reason_code, message from quality.rpt_quality__receipt "
            "where status = 'quarantined' order by source, file_name",
        ),
        "rejects": _rows(
            connection,
            "select source, entity, layer, reason, coalesce(column_name, '') as column_name, count(*) as row_count "
            "from quality.rpt_quality__reject group by all order by source, entity, layer, reason, column_name",
        ),
        "late": _rows(
            connection,
            "select source, entity, coalesce(supplier, '') as supplier, standing, "
            "cast(reported_to as varchar) as latest, days_old, days_allowed "
            "from quality.rpt_quality__freshness where standing <> 'fresh' order by source, entity, supplier",
        ),
        "unbalanced": _rows(
            connection, "select source, entity, balance from quality.rpt_quality__reconciliation where balance <> 0"
        ),
        "door": _door(connection),
        "years": _years(connection),
        "findings": findings,
        "finding_totals": _finding_totals(findings),
        "stale_explanations": dict(
            connection.execute(
                "select collection_year, count(*) from sen2.sen2__explanation where state <> 'used' group by all"
            ).fetchall()
        ),
        "timeliness": _plots(metrics, TIMELINESS, period),
        "placement": _plots(metrics, PLACEMENT, period),
        "identification": _plots(metrics, IDENTIFICATION, period),
        "definitions": _definitions(metrics),
        "assumptions": _assumptions(settings),
        "public_tables": [{"name": table.name, "title": table.title, **table.log} for table in tables],
        "disclosure": settings,
    }


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    relation = connection.sql(query)
    return [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()]


def _tiles(metrics: list[dict[str, Any]], period: str) -> list[dict[str, str]]:
    wanted = (
        ("PL02", "share_all_ages", "Plans in force", "denominator"),
        ("TM05", "share", "Plans issued within 20 weeks", "value"),
        ("TM06", "mean_weeks", "Mean weeks to a plan", "value"),
        ("TM02", "share", "Requests refused", "value"),
        ("PL03", "share", "Placed out of area", "value"),
        ("PL12", "share", "In a unit or resourced provision", "value"),
    )
    found = []
    for metric_id, measure, label, field in wanted:
        row = next((r for r in metrics if _is(r, metric_id, measure, period) and r["breakdown"] == "all"), None)
        if row is None:
            continue
        if field == "denominator":
            figure, note = f"{int(row['denominator']):,}", f"on {_day(row['stock_date'])}"
        else:
            figure, note = _value(row, "value"), f"{_interval(row)} · {int(row['denominator'] or 0):,} in the base"
        found.append({"label": label, "figure": figure, "note": note, "metric_id": metric_id})
    return found


def _ran(results: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    kinds = (
        ("seed", "Spec tables loaded"),
        ("model", "Models built"),
        ("test", "Data tests"),
    )
    counts = Counter((result["resource_type"], result["status"]) for result in results)
    found = []
    for kind, title in kinds:
        of_kind = {status: number for (name, status), number in counts.items() if name == kind}
        good = sum(number for status, number in of_kind.items() if status in ("success", "pass"))
        found.append({"title": title, "total": sum(of_kind.values()), "good": good, "warned": of_kind.get("warn", 0)})
    return found


def _receipts(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    titles = {name: source.title for name, source in sources().items()}
    found = _rows(
        connection,
        "select source, coalesce(entity, '') as entity, count(*) as files, "
        "count(*) filter (where standing = 'current') as current_files, "
        "count(*) filter (where status = 'quarantined') as quarantined_files, sum(rows_received) as received, "
        "sum(rows_loaded) as loaded, sum(rows_rejected) as rejected, cast(max(snapshot_date) as varchar) as latest "
        "from quality.rpt_quality__receipt group by all order by source, entity",
    )
    return [row | {"title": titles.get(row["source"], row["source"])} for row in found]


def _door(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    by_source = _rows(
        connection,
        "select source, count(*) as asked, count(*) filter (where success) as met, "
        "count(*) filter (where not success and level = 'error') as errors, "
        "count(*) filter (where not success and level <> 'error') as warnings "
        "from quality.rpt_quality__door_result group by source order by source",
    )
    not_met = _rows(
        connection,
        "select source, entity, level, expectation, coalesce(column_name, '') as column_name, "
        "coalesce(observed, '') as observed, coalesce(expected, '') as expected, coalesce(message, '') as message "
        "from quality.rpt_quality__door_result where not success "
        "order by case level when 'error' then 1 else 2 end, source, entity, expectation, column_name, observed",
    )
    return {"by_source": by_source, "not_met": not_met}


def _years(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    collections = _rows(
        connection,
        'select collection_year, cast("ReferenceDate" as varchar) as census_day, is_provisional '
        "from sen2.sen2__header order by collection_year",
    )
    notes = {int(row["collection_year"]): row["note"] for row in rows("collection")}
    collections = [row | {"note": notes.get(row["collection_year"], "")} for row in collections]
    counts: dict[str, dict[int, int]] = {}
    for table, title in RECORDS:
        found = connection.execute(
            f'select collection_year, count(*) from sen2."sen2__{table}" group by collection_year'
        ).fetchall()
        counts[title] = dict(found)
    left_out = connection.execute(
        "select collection_year, count(*) from sen2.sen2__out_of_scope group by collection_year"
    ).fetchall()
    counts["Known, but outside the year's scope"] = dict(left_out)
    return {"collections": collections, "counts": counts}


def _finding_totals(findings: list[dict[str, Any]]) -> dict[int, dict[str, int]]:
    """Open findings by level, and all that are explained, per collection year."""
    totals: dict[int, dict[str, int]] = {}
    for row in findings:
        of_year = totals.setdefault(row["collection_year"], {"E": 0, "Q": 0, "W": 0, "explained": 0})
        of_year[row["level"]] += row["open_count"]
        of_year["explained"] += row["explained_count"]
    return totals


def _plots(metrics: list[dict[str, Any]], wanted: Sequence[tuple], period: str) -> list[dict[str, Any]]:
    found = []
    for heading, metric_id, measure, breakdown in wanted:
        of_measure = [row for row in metrics if _is(row, metric_id, measure, period)]
        groups = [row for row in of_measure if row["breakdown"] == breakdown]
        county = next((row for row in of_measure if row["breakdown"] == "all"), None)
        if not groups or county is None:
            continue
        scale = 100.0 if county["unit"] == "proportion" else 1.0
        dots = [
            Dot(row["subgroup_label"], row["value"] * scale, row["lower"] * scale, row["upper"] * scale)
            for row in groups
            if row["breakdown_value"] not in NOT_PLOTTED and None not in (row["value"], row["lower"], row["upper"])
        ]
        reference = county["value"] * scale if county["value"] is not None else None
        found.append(
            {
                "id": f"{metric_id}-{measure}-{breakdown}".replace("_", "-").lower(),
                "heading": heading,
                "metric_id": metric_id,
                "group_title": groups[0]["set_title"],
                "image": interval_plot(dots, AXIS[county["unit"]], reference) if dots else None,
                "alt": _alt(heading, dots, county),
                "rows": [_cells(row) for row in [county, *groups]],
                "base": county["base"],
                "clock": county["clock"],
                "denominator": county["denominator_meaning"],
                "is_mean": county["unit"] == "weeks",
                "excluded": int(county["excluded"]) if county["excluded"] else 0,
            }
        )
    return found


def _is(row: dict[str, Any], metric_id: str, measure: str, period: str) -> bool:
    return row["metric_id"] == metric_id and row["measure"] == measure and row["period_id"] == period


def _cells(row: dict[str, Any]) -> dict[str, str]:
    is_mean = row["unit"] == "weeks"
    return {
        "label": row["subgroup_label"] if row["breakdown"] != "all" else "County",
        "numerator": "–" if is_mean or row["numerator"] is None else f"{int(row['numerator']):,}",
        "denominator": "–" if row["denominator"] is None else f"{round(row['denominator']):,}",
        "value": _value(row, "value"),
        "interval": _interval(row),
        "ratio": _ratio(row),
        "reliable": row["is_reliable"],
    }


def _value(row: dict[str, Any], name: str) -> str:
    if row[name] is None:
        return "no rate"
    return half_up(row[name] * 100, 1) + "%" if row["unit"] == "proportion" else half_up(row[name], 1)


def _interval(row: dict[str, Any]) -> str:
    if row["lower"] is None or row["upper"] is None:
        return "no interval"
    return f"{_value(row, 'lower')} to {_value(row, 'upper')}"


def _ratio(row: dict[str, Any]) -> str:
    # A ratio of a handful to a county is no comparison, however narrow its interval looks.
    if row["breakdown"] == "all" or row["ratio_to_rest"] is None or row["denominator"] < 10:
        return "–"
    return f"{half_up(row['ratio_to_rest'], 2)} ({half_up(row['ratio_lower'], 2)} to {half_up(row['ratio_upper'], 2)})"


def _alt(heading: str, dots: Sequence[Dot], county: dict[str, Any]) -> str:
    return (
        f"{heading}: {len(dots)} groups with 95% intervals; county {_value(county, 'value')}. "
        "The same figures are in the table."
    )


def _definitions(metrics: list[dict[str, Any]]) -> list[dict[str, str]]:
    made = {row["metric_id"] for row in metrics}
    return [row for row in rows("metric") if row["metric_id"] in made]


def _assumptions(settings: Settings) -> list[str]:
    mediation = "left out of" if settings.timeliness_drops_mediation else "kept in"
    return [
        "Findings are by our own rules. DfE's list of rules and their numbers have not been seen.",
        "6, 16, 18 and 20 weeks are 42, 112, 126 and 140 days, the last day counted in. DfE does not publish whether "
        "day 140 counts; the regulation says within 20 weeks.",
        f"Cases that went to mediation or appeal are {mediation} the timeliness figures "
        "(setting timeliness_drops_mediation).",
        "Plans with no date received are in the base of the 20-week figures and not in time, as in published figures.",
        "Over 52 weeks is more than 364 days: the cut point is not published.",
        "Primary age is 4 to 10 on 31 August; independent leaves non-maintained special schools out. The question came "
        "without a definition.",
        "Deprivation fifths are of this county's own small areas by IDACI rank, not of England's.",
        "Residents of a 2011 area that was split are shared evenly over its successors; small-area populations are a "
        "year or more older than the plans.",
        "Looked-after status is of the stock date by the latest SSDA903 return: an episode without an end goes on.",
        "Rates per resident stop at age 24; plans can run to the end of the year of the 25th birthday.",
        "The ratio to the rest of the county of a rate with fewer than 10 events has an approximate interval.",
        "Many groups are compared: about one in twenty 95% intervals misses its true value by chance alone.",
    ]


def _day(day: Any) -> str:
    return f"{day.day} {day:%B %Y}"
