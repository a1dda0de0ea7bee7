"""published/equity.html: one self-contained page of every indicator, to choose from and read. Internal: unsuppressed.

The figures stand in the page as packed JSON, drawn by the Vega that vl-convert ships; the page's own policy lets it ask
nothing of any network. What the page may show side by side is decided here, by rpt_equity__reading: a gap without
limits, or areas without their funnel, never reaches the page. Nothing is ever sorted by its value.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import math
from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import jinja2

from warehouse import __version__, duck
from warehouse.publish.catalogue import ClassError, TableCard
from warehouse.publish.public import UNITS
from warehouse.settings import Settings
from warehouse.specification import codes, rows

HERE = Path(__file__).parent
TEMPLATE = "equity.html.jinja"
# Tables that the page is made from; each has to be internal at most.
SOURCES = (
    "rpt_equity__metric",
    "rpt_equity__reading",
    "equity__metric_extract",
    "equity__provenance",
    "equity__subgroup",
    "equity__funnel",
    "equity__trend",
    "equity__inequality",
    "equity__disproportionality",
    "equity__expected",
    "equity__forecast",
    "rpt_equity__what_if",
    "rpt_equity__restated",
)
COMPARATOR = "equity__comparator"
# Too many for a picture: they have tables. Nothing below wards is mapped.
NOT_ON_THE_PAGE = ("county", "msoa", "lsoa", "planning_area", "school")
MAPPED = ("ward", "district")
LATEST_PERIODS = 3
# Of the kind of period that the metric is told by first; the page shows the others of the county alone.
OF_OWN_KIND = (
    "(metric_id, period_id) in (select (metric.metric_id, period.period_id) from spec.metric "
    "inner join core.dim_period as period using (period_type))"
)
# So many earlier days are shown on which a figure was told.
LATEST_DAYS = 12
# So many years ahead a forecast has a back-test at most.
TESTED_AHEAD = 2
# The ratio of a handful to a county is no comparison, however narrow its interval looks (4 of 4 has no variance).
FEWEST_IN_A_RATIO = 10
GAPS = ("ratio_to_rest", "ratio_lower", "ratio_upper", "difference_from_rest", "difference_lower", "difference_upper")
# Figures of equity__inequality that are gaps, and so are not shown without limits.
GAP_FIGURES = ("slope_index", "relative_index", "gap")
CHECKS = {
    "has_base": "Whose children these are is named",
    "has_clock": "The day that counts is named",
    "has_dates": "The day spoken of, the day known and the oldest extract are named",
    "has_fresh_extracts": "No extract behind it is late, refused or missing",
    "has_numbers": "Every value has its base beside it",
    "has_interval": "Every value has its interval",
    "has_comparator": "Every value has the rest of the county beside it",
    "has_relative_gap": "The gap as a ratio, with limits",
    "has_absolute_gap": "The gap as a difference, with limits",
    "has_standardised": "Age is allowed for in a measure of this indicator",
    "has_trend": "Months with control limits",
    "has_unknown_counted": "What is not known is counted",
}
TRACE = """\
-- Restricted: the children behind one number. Run it on published/countywide.duckdb.
select
    events.person_key,
    person.upn,
    events.event_key,
    events.age_years,
    events.numerator,
    events.denominator,
    events.excluded,
    events.value
from equity.equity__metric_event as events
inner join core.dim_period as period on period.period_id = events.period_id
left join equity.equity__person_period as people
    on people.period_id = period.year_period_id and people.person_key = events.person_key
left join spec.age_band as bands on events.age_years between bands.age_from and bands.age_to
left join core.dim_person as person on person.person_key = events.person_key
where
    events.metric_id = '{metric}'
    and events.variant = '{variant}'
    and events.period_id = '{period}'
    {group}
order by events.person_key, events.event_key"""

# What is counted by place, or from the council's own books, is made of other things than events of children. By metric:
# what the query lists, and the query.
TRACED_OTHERWISE = {
    **dict.fromkeys(
        ("PL10", "PL11", "FN06", "DQ04"),
        (
            "the bases and the children in them: only for those who may see them",
            """\
-- Restricted: the children in the bases behind this number. Run it on published/countywide.duckdb.
select
    places.place_term,
    base.base_name,
    places.places_commissioned,
    places.is_counted,
    children.person_key,
    person.upn,
    children.is_in_census,
    children.is_in_sen2
from equity.equity__base_term as places
inner join core.dim_resource_base as base on base.resource_base_key = places.resource_base_key
left join equity.equity__base_child as children
    on children.period_id = places.period_id
    and children.place_term = places.place_term
    and children.resource_base_key = places.resource_base_key
left join core.dim_person as person on person.person_key = children.person_key
where places.period_id = '{period}'
order by places.place_term, base.base_name, children.person_key""",
        ),
    ),
    "PL15": (
        "the special schools with their places and the pupils on their January rolls: only for those who may see them",
        """\
-- Restricted: the pupils behind this number. Run it on published/countywide.duckdb.
select
    school.establishment_name,
    places.places_commissioned,
    pupils.person_key,
    person.upn
from core.dim_period as period
inner join spec.school_census_day as days on days.census_year = period.academic_year + 1 and days.census_term = 'spring'
inner join core.dim_establishment as school
    on school.in_county
    and school.setting_group in ('special_la', 'special_academy', 'special_free_school')
    and coalesce(school.open_date <= days.census_day, true)
    and coalesce(school.close_date > days.census_day, true)
inner join (
    select establishment_key, academic_year, sum(places_commissioned) as places_commissioned
    from core.fct_commissioned_place
    where kind = 'special_school'
    group by all
    having sum(places_commissioned) > 0
) as places
    on places.establishment_key = school.establishment_key and places.academic_year = period.academic_year
inner join core.fct_pupil_term as pupils
    on pupils.establishment_key = school.establishment_key
    and pupils.academic_year = period.academic_year
    and pupils.census_term = 'spring'
    and pupils.is_main_enrolment
inner join core.dim_person as person on person.person_key = pupils.person_key
where period.period_id = '{period}'
order by school.establishment_name, pupils.person_key""",
    ),
    "EX09": (
        "the occasions of the log",
        """\
-- The occasions behind this number. Run it on published/countywide.duckdb.
select occasion.happened_date, occasion.activity, occasion.about, occasion.people_count, occasion.led_to_change
from core.dim_period as period
inner join core.fct_participation as occasion
    on occasion.kind = 'log' and occasion.happened_date between period.start_date and period.end_date
where period.period_id = '{period}'
order by occasion.happened_date""",
    ),
    "HC14": (
        "the officers in the returns of the census day that have landed; without one they are those of the settings",
        """\
-- What returns of this census day say of the officers. Run it on published/countywide.duckdb.
select header.source_file, header.DMO, header.DCO, header.DSCO
from core.dim_period as period
inner join core.fct_returned_header as header on header.collection_year = year(period.stock_date)
where period.period_id = '{period}'
order by header.source_file desc, header.source_row desc""",
    ),
    **dict.fromkeys(
        ("FN02", "FN05"),
        (
            "the lines of the high needs block as they landed; residents are in core.fct_population",
            """\
-- The lines behind this number. Run it on published/countywide.duckdb.
select money.budget_line, money.amount, money.amount_planned, money.source_file, money.source_row
from core.dim_period as period
inner join core.fct_commitment as money
    on money.kind = 'high_needs_spend' and money.financial_year = period.academic_year
where period.period_id = '{period}'
order by money.budget_line, money.source_file, money.source_row""",
        ),
    ),
}

Rows = list[dict[str, Any]]


def write(settings: Settings, database: Path, cards: dict[str, TableCard], file: Path) -> None:
    """Write the page of a finished build. Raises ClassError if a table that it reads is about single children."""
    for name in SOURCES:
        if cards[name].data_class == "restricted":
            raise ClassError(f"{name} is restricted: no page that people pass round may be made from it.")
    with duck.reader(database) as connection:
        figures = read(settings, connection)
        enough = read_enough(connection)
    file.write_text(render(settings, figures, enough), encoding="utf-8", newline="\n")


def render(settings: Settings, figures: dict[str, Any], enough: dict[str, Rows]) -> str:
    """The page as text, from what `read` and `read_enough` give."""
    # In a script, "</script" would end it.
    scripts = [_vega(), (HERE / "equity.js").read_text(encoding="utf-8")]
    scripts = ["\n" + script.replace("\r", "").replace("</script", "<\\/script") + "\n" for script in scripts]
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(TEMPLATE).render(
        council=settings.council_name,
        demonstration=settings.demonstration,
        as_at=_day(settings.as_at),
        known_on=_day(settings.known_on or settings.as_at),
        version=__version__,
        scripts=scripts,
        hashes=[base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts],
        data=packed(figures),
        overview=_overview(figures),
        enough=enough,
    )


@cache  # bundling takes seconds, and is the same each time
def _vega() -> str:
    import vl_convert

    return vl_convert.javascript_bundle()


def packed(figures: dict[str, Any]) -> str:
    """The figures as JSON, gzipped, in base64: 79 indicators would be 5 MB as plain text. Same figures, same text."""
    text = json.dumps(figures, separators=(",", ":"), ensure_ascii=False)
    return base64.b64encode(gzip.compress(text.encode(), mtime=0)).decode()


def unpacked(data: str) -> dict[str, Any]:
    return json.loads(gzip.decompress(base64.b64decode(data)))


def read(settings: Settings, connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """All that the page shows, as JSON will hold it. Values keep the unit of fct_metric, to five figures."""
    metrics = {row["metric_id"]: row for row in rows("metric")}
    measures = [row for row in rows("metric_measure") if row["metric_id"] in metrics]
    found = _rows(
        connection,
        "select metric_id, measure, period_id, period_type, is_whole_period, breakdown, breakdown_value, numerator, "
        "denominator, excluded, value, lower, upper, rest_value, ratio_to_rest, ratio_lower, ratio_upper, "
        "difference_from_rest, difference_lower, difference_upper, is_reliable from equity.rpt_equity__metric "
        f"where breakdown is not null and breakdown not in {NOT_ON_THE_PAGE} and (breakdown = 'all' or "
        "(metric_id, period_type) in (select (metric_id, period_type) from spec.metric)) "
        "order by metric_id, measure, period_id, set_order, value_order, breakdown_value",
    )
    # Many a period begins on the same day.
    days = _rows(connection, "select * from core.dim_period order by start_date, period_id")
    periods = {row["period_id"]: row for row in days}
    shown = _shown_periods(found, metrics, periods)
    reading = {
        (row["metric_id"], row["measure"], row["period_id"], row["breakdown"]): row
        for row in _rows(connection, "select * from equity.rpt_equity__reading")
    }
    variants = {(row["metric_id"], row["measure"]): row["variant"] for row in measures}
    gaps = {
        (row["metric_id"], row["measure"]): {
            "metric_id": row["of_metric_id"],
            "variant": variants[row["of_metric_id"], row["of_measure"]],
            **{name: row[name] for name in ("subgroup_set", "value_from", "value_to")},
        }
        for row in rows("metric_gap")
    }
    results: dict[str, dict[str, Any]] = defaultdict(dict)
    for row in found:
        if row["period_id"] in shown[row["metric_id"], row["measure"]]:
            checklist = reading[row["metric_id"], row["measure"], row["period_id"], row["breakdown"]]
            group = results[_key(row)].setdefault(row["breakdown"], _group(row["breakdown"], checklist))
            group["rows"].append(cells(row, checklist))
    return {
        "unit_words": {unit: words or unit for unit, words in UNITS.items()},
        "families": {row["family"]: row["title"] for row in rows("public_output")},
        "metrics": metrics,
        "layers": [dict(row) for row in rows("metric_layer")],
        "checks": CHECKS,
        "measures": [
            {
                **{name: measure[name] for name in ("metric_id", "measure", "variant", "kind", "title", "unit")},
                "interval_method": measure["interval_method"],
                "multiplier": float(measure["multiplier"]),
                "headline": measure["is_headline"] == "true",
                "periods": shown[measure["metric_id"], measure["measure"]],
                "gap_of": gaps.get((measure["metric_id"], measure["measure"])),
            }
            for measure in measures
            if shown[measure["metric_id"], measure["measure"]]
        ],
        "periods": {
            period_id: {"stock": _day(row["stock_date"]), "whole": row["is_whole"]}
            for period_id, row in periods.items()
        },
        **_provenance(connection),
        "sets": _sets(connection),
        "results": results,
        # What lies in a year or across two: kind of period, heading, one and several of them.
        "part_kinds": [[row[name] for name in ("period_type", "heading", "one", "several")] for row in _part_kinds()],
        "parts": _parts_of_years(connection, found),
        "assured": {
            f"{row['metric_id']}|{row['measure']}": [short(row["target"]), row["assurance"]]
            for row in _rows(
                connection,
                "select distinct metric_id, measure, target, assurance from equity.equity__trend order by all",
            )
            if row["assurance"]
        },
        "funnel": _funnel(connection),
        "inequality": _inequality(connection),
        "groups": _disproportionality(connection),
        "expected": _expected(connection),
        "told": _told(connection),
        "comparators": _comparators(connection),
        "map": _map(connection),
        "trace": TRACE,
        "pairs": {row["subgroup_set"]: [row["first_set"], row["second_set"]] for row in rows("subgroup_pair")},
        "traced_otherwise": TRACED_OTHERWISE,
        "council": settings.council_name,
    }


def cells(row: dict[str, Any], checklist: dict[str, Any]) -> list[Any]:
    """One group as the page has it: group, counts, value, limits, rest, ratio and difference with limits, reliable.

    A ratio or difference without both of its limits is left out, and so are the ratio of fewer than 10 in the base, and
    all gaps where the checklist forbids them.
    """
    gaps: list[Any] = []
    for start in (0, 3):
        gap = [row[name] for name in GAPS[start : start + 3]]
        fit = checklist["may_show_gap"] and None not in gap and (start or row["denominator"] >= FEWEST_IN_A_RATIO)
        gaps += [short(value) for value in gap] if fit else [None] * 3
    counts = [short(row[name]) for name in ("numerator", "denominator", "excluded")]
    estimate = [short(row[name]) for name in ("value", "lower", "upper", "rest_value")]
    return [row["breakdown_value"], *counts, *estimate, *gaps, int(row["is_reliable"])]


def _group(breakdown: str, checklist: dict[str, Any]) -> dict[str, Any]:
    areas = checklist["area_level"] != "county"
    return {
        "compare": bool(checklist["may_compare_areas"]) if areas else True,
        "checks": [name for name in CHECKS if checklist[name]],
        "known": None if checklist["known_share"] is None else short(checklist["known_share"]),
        "rows": [],
    }


def _shown_periods(found: Rows, metrics: dict[str, dict[str, str]], periods: dict[str, Any]) -> dict[tuple, list[str]]:
    """The latest periods of each measure, of the kind that its metric is counted by; the newest whole one first."""
    seen: dict[tuple, set[str]] = defaultdict(set)
    for row in found:
        if row["period_type"] == metrics[row["metric_id"]]["period_type"] and row["breakdown"] == "all":
            seen[row["metric_id"], row["measure"]].add(row["period_id"])
    order = list(periods)
    return defaultdict(
        list,
        {
            key: sorted(
                sorted(ids, key=order.index)[-LATEST_PERIODS:],
                key=lambda one: (not periods[one]["is_whole"], -order.index(one)),
            )
            for key, ids in seen.items()
        },
    )


def _provenance(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, Any]]:
    """The extracts that each metric is made from, and of each metric and period how old the oldest is, which of them
    are not fresh, what part did not land, and the share of what was counted of which no child is known."""
    extracts: dict[str, list[str]] = defaultdict(list)
    for row in _rows(connection, "select * from equity.equity__metric_extract order by metric_id, source, entity"):
        extracts[row["metric_id"]].append(f"{row['source']}.{row['entity']}")
    for row in rows("metric_gap"):
        extracts[row["metric_id"]] = extracts[row["of_metric_id"]]
    periods = {
        f"{row['metric_id']}|{row['period_id']}": {
            "oldest": row["oldest_extract_date"] and _day(row["oldest_extract_date"]),
            "not_fresh": row["not_fresh"],
            "missing": row["missing_part"],
            "without_child": row["without_child"],
            "unlinked": row["unlinked_share"] and short(row["unlinked_share"]),
        }
        for row in _rows(connection, "select * from equity.equity__provenance order by metric_id, period_id")
    }
    return {"made_from": dict(extracts), "provenance": periods}


def _sets(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Sets of groups and levels of areas in reading order, each with its groups as value to label."""
    found: dict[str, dict[str, Any]] = {}
    levels = {row["area_level"] for row in rows("area_level")}
    for row in _rows(
        connection,
        "select breakdown, breakdown_value, set_title, subgroup_label, set_note from equity.equity__subgroup "
        f"where breakdown not in {NOT_ON_THE_PAGE} order by set_order, breakdown, value_order, breakdown_value",
    ):
        of_set = found.setdefault(
            row["breakdown"],
            {
                "id": row["breakdown"],
                "title": row["set_title"],
                "note": row["set_note"],
                "area": row["breakdown"] in levels,
                "labels": {},
            },
        )
        of_set["labels"][row["breakdown_value"]] = row["subgroup_label"]
    return list(found.values())


def _part_kinds() -> list[dict[str, str]]:
    return [row for row in rows("period_type") if row["is_year"] == "false"]


def _parts_of_years(connection: duckdb.DuckDBPyConnection, found: Rows) -> dict[str, dict[str, list[list[Any]]]]:
    """Whole months, terms, quarters and twelve months of the county by measure and kind: period, counts, value, limits,
    and of months mean, control limits and variation."""
    charted = {
        (row["metric_id"], row["measure"], row["period_id"]): [
            *(short(row[name]) for name in ("mean_value", "lower_limit", "upper_limit")),
            row["variation"],
        ]
        for row in _rows(connection, "select * from equity.equity__trend")
    }
    kinds = {row["period_type"] for row in _part_kinds()}
    made: dict[str, dict[str, list[list[Any]]]] = defaultdict(lambda: defaultdict(list))
    for row in found:
        if row["period_type"] in kinds and row["breakdown"] == "all" and row["is_whole_period"]:
            made[f"{row['metric_id']}|{row['measure']}"][row["period_type"]].append(
                [
                    row["period_id"],
                    *(short(row[name]) for name in ("numerator", "denominator", "value", "lower", "upper")),
                    *charted.get((row["metric_id"], row["measure"], row["period_id"]), [None] * 4),
                ]
            )
    return made


def _assured(connection: duckdb.DuckDBPyConnection) -> dict[str, list[Any]]:
    """By measure, its target and whether the months will meet it if all goes on."""
    return {
        f"{row['metric_id']}|{row['measure']}": [short(row["target"]), row["assurance"]]
        for row in _rows(
            connection,
            "select distinct metric_id, measure, target, assurance from equity.equity__trend "
            "where assurance is not null order by all",
        )
    }


def _funnel(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, Any]]:
    made: dict[str, dict[str, Any]] = defaultdict(dict)
    for row in _rows(
        connection,
        f"select * from equity.equity__funnel where area_level not in {NOT_ON_THE_PAGE} and {OF_OWN_KIND} "
        "order by metric_id, measure, period_id, area_level, area_code",
    ):
        level = made[_key(row)].setdefault(
            row["area_level"], {"note": row["note"], "shrunk_note": row["shrunk_note"], "areas": {}}
        )
        numbers = ("lower_95", "upper_95", "lower_998", "upper_998", "shrunk_value", "shrunk_weight", "size")
        level["areas"][row["area_code"]] = [row["funnel_class"], *(short(row[name]) for name in numbers)]
    return made


def _inequality(connection: duckdb.DuckDBPyConnection) -> dict[str, list[dict[str, Any]]]:
    made: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in _rows(
        connection,
        f"select * from equity.equity__inequality where breakdown not in {NOT_ON_THE_PAGE} and {OF_OWN_KIND} "
        "order by metric_id, measure, period_id, indicator_id, breakdown, statistic",
    ):
        numbers = ("value", "lower", "upper", "area_count", "expected_by_chance")
        words = ("indicator_id", "breakdown", "statistic", "note")
        figures = {name: short(row[name]) for name in numbers}
        if row["statistic"] in GAP_FIGURES and None in (figures["lower"], figures["upper"]):
            figures["value"] = None
        made[_key(row)].append({**{name: row[name] for name in words}, **figures})
    return made


def _disproportionality(connection: duckdb.DuckDBPyConnection) -> dict[str, list[list[Any]]]:
    made: dict[str, list[list[Any]]] = defaultdict(list)
    for row in _rows(
        connection,
        "select * from equity.equity__disproportionality where area_level = 'county' "
        "order by metric_id, measure, period_id, subgroup_set, subgroup_value",
    ):
        risk = [short(row[name]) for name in ("risk_ratio", "lower", "upper")]
        if None in risk or not row["is_large_enough"]:
            risk = [None] * 3
        counts = [short(row[name]) for name in ("events", "base", "against_events", "against_base")]
        made[_key(row)].append(
            [row["subgroup_set"], row["subgroup_value"], *counts, *risk, row["pooled_years"], int(row["is_alert"])]
        )
    return made


def _expected(connection: duckdb.DuckDBPyConnection) -> dict[str, list[list[Any]]]:
    """By metric, variant and period: districts with what was seen, what was to be expected, and their ratio."""
    made: dict[str, list[list[Any]]] = defaultdict(list)
    for row in _rows(
        connection,
        f"select * from equity.equity__expected where area_level = 'district' and {OF_OWN_KIND} "
        "order by metric_id, variant, period_id, area_code",
    ):
        numbers = ("observed", "expected", "ratio", "lower", "upper")
        made[f"{row['metric_id']}|{row['variant']}|{row['period_id']}"].append(
            [row["area_code"], *(short(row[name]) for name in numbers)]
        )
    return made


def _told(connection: duckdb.DuckDBPyConnection) -> dict[str, list[list[Any]]]:
    """The county's figure as it was told on earlier days, the latest of them, by metric, measure and period."""
    made: dict[str, list[list[Any]]] = defaultdict(list)
    for row in _rows(
        connection,
        f"select * from equity.rpt_equity__restated where area_level = 'county' and {OF_OWN_KIND} "
        "qualify row_number() over (partition by metric_id, measure, period_id order by known_on desc) "
        f"<= {LATEST_DAYS} order by metric_id, measure, period_id, known_on desc",
    ):
        then = [short(row[f"{name}_then"]) for name in ("numerator", "denominator", "value")]
        made[_key(row)].append([_day(row["known_on"]), *then, int(row["is_rebuilt"]), int(row["is_same_definition"])])
    return made


def _comparators(connection: duckdb.DuckDBPyConnection) -> dict[str, Rows]:
    """Published figures of others by metric, measure and period, where the table of them was built."""
    there = connection.execute(
        "select count(*) from information_schema.tables where table_schema = 'equity' and table_name = ?", [COMPARATOR]
    ).fetchall()[0][0]
    made: dict[str, Rows] = defaultdict(list)
    if there:
        for row in _rows(connection, f"select * from equity.{COMPARATOR} order by all"):
            others = {name: value for name, value in row.items() if name not in ("metric_id", "measure", "period_id")}
            made[_key(row)].append({name: _plain(value) for name, value in others.items()})
    return made


def _map(connection: duckdb.DuckDBPyConnection) -> dict[str, Any] | None:
    """Wards of the county, or its districts where no wards landed, as GeoJSON; None without boundaries."""
    for level in MAPPED:
        found = _rows(
            connection,
            "select shapes.area_code, shapes.geometry, shapes.boundary_year "
            "from core.dim_boundary as shapes inner join core.dim_area as areas "
            "on areas.area_level = shapes.area_level and areas.area_code = shapes.area_code and areas.in_county "
            f"where shapes.area_level = '{level}' "
            "and shapes.boundary_year = (select max(boundary_year) from core.dim_boundary "
            f"where area_level = '{level}') order by shapes.area_code",
        )
        if found:
            shapes = [(row["area_code"], json.loads(row["geometry"])) for row in found]
            northings = [point[1] for _, shape in shapes for ring in _rings(shape) for point in ring]
            middle = sum(northings) / len(northings)
            # Degrees of longitude are shorter than those of latitude; metres of a grid are not.
            narrowed = math.cos(math.radians(middle)) if abs(middle) <= 90 else 1.0
            return {
                "level": level,
                "year": found[0]["boundary_year"],
                "features": [_feature(area_code, shape, narrowed) for area_code, shape in shapes],
            }
    return None


def _rings(geometry: dict[str, Any]) -> list[list[list[float]]]:
    polygons = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
    return [ring for polygon in polygons for ring in polygon]


def _feature(area_code: str, geometry: dict[str, Any], narrowed: float) -> dict[str, Any]:
    """A shape on a plane: its rings with eastings times `narrowed`, to about a metre."""
    rings = [[[round(x * narrowed, 5), round(y, 5)] for x, y, *_ in ring] for ring in _rings(geometry)]
    return {
        "type": "Feature",
        "properties": {"code": area_code},
        "geometry": {"type": "Polygon", "coordinates": rings},
    }


def _overview(figures: dict[str, Any]) -> Rows:
    """The whole county in the newest whole period, a row per headline: what a reader without JavaScript has."""
    made = []
    for measure in figures["measures"]:
        if measure["headline"]:
            period = measure["periods"][0]
            row = figures["results"][f"{measure['metric_id']}|{measure['measure']}|{period}"]["all"]["rows"][0]
            metric = figures["metrics"][measure["metric_id"]]
            made.append(
                {
                    "metric_id": measure["metric_id"],
                    "name": metric["name"],
                    "family": figures["families"].get(metric["family"], metric["family"]),
                    "title": measure["title"],
                    "period": period,
                    "base": "–" if row[2] is None else f"{row[2]:,.0f}",
                    "value": _printed(row[4], measure["unit"]),
                    "interval": f"{_printed(row[5], measure['unit'])} to {_printed(row[6], measure['unit'])}"
                    if None not in row[5:7]
                    else "no interval",
                    "unit": figures["unit_words"][measure["unit"]],
                }
            )
    return made


def read_enough(connection: duckdb.DuckDBPyConnection) -> dict[str, Rows]:
    """Will there be enough places (PL18), and what if a base opened: rows as they are printed, of the whole county."""
    needs = codes("sen_type") | {"all": "All needs", "unknown": "Not known"}
    phases = codes("provision_phase") | {"all": "All phases"}
    found = _rows(
        connection,
        "select *, made_from = max(made_from) over () as is_ahead from equity.equity__forecast "
        "where area_level = 'county' order by target_date, made_from, need <> 'all', need, phase <> 'all', phase",
    )
    for row in found:
        row |= {
            "by": f"{_label(needs, row['need'])}, {_label(phases, row['phase']).lower()}",
            "from_day": _day(row["made_from"]),
            "on": _day(row["target_date"]),
            "plans": _with_limits(row["plans"], row["lower"], row["upper"]),
            "specialist": _with_limits(row["specialist_plans"], row["specialist_lower"], row["specialist_upper"]),
            "gap": "not known" if row["gap"] is None else f"{round(row['gap']):+,}" if round(row["gap"]) else "0",
            "held": row["backtest_share_within_limits"] and f"{row['backtest_share_within_limits']:.0%}",
        }
    # Single needs and single phases: both at once would be a page of ones and twos.
    found = [row for row in found if "all" in (row["need"], row["phase"])]
    whole = [row for row in found if row["need"] == row["phase"] == "all"]
    proposals = _rows(connection, "select * from equity.rpt_equity__what_if order by proposal_id")
    for row in proposals:
        row |= {
            "by": f"{_label(needs, row['need'])}, {_label(phases, row['phase']).lower()}",
            "km_saved": "–" if row["median_km_saved"] is None else f"{row['median_km_saved']:,.1f}",
            "reach": _from_to(row["share_within_reach"], row["share_within_reach_with_it"], "proportion"),
            "each": _from_to(row["places_per_child"], row["places_per_child_with_it"], "places"),
            "away": _from_to(row["share_out_of_area"], row["share_out_of_area_at_best"], "proportion"),
        }
    return {
        "years": [row for row in whole if row["is_ahead"]],
        "parts": [row for row in found if row["is_ahead"] and row["years_ahead"] == TESTED_AHEAD and row not in whole],
        "tested": [row for row in found if row["actual"] is not None and row["need"] == "all"],
        "proposals": proposals,
    }


def _label(labels: Mapping[str, str], code: str | None) -> str:
    """A code outside its set stands as it came; one that could not be read is not known."""
    return labels.get(code, code) if code else "Not known"


def _with_limits(value: float, lower: float, upper: float) -> str:
    return f"{value:,.0f} ({lower:,.0f} to {upper:,.0f})"


def _from_to(before: float | None, after: float | None, unit: str) -> str:
    return "–" if before is None else f"{_printed(before, unit)} to {_printed(after, unit)}"


def _printed(value: float | None, unit: str) -> str:
    if value is None:
        return "no value"
    return f"{value * 100:.1f}%" if unit == "proportion" else f"{value:,.1f}"


def _key(row: dict[str, Any]) -> str:
    return f"{row['metric_id']}|{row['measure']}|{row['period_id']}"


def short(value: float | None) -> float | int | None:
    """A number as the page holds it: whole numbers whole, others to five figures; None where there is none."""
    if value is None or not math.isfinite(value):
        return None
    if value == int(value):
        return int(value)
    return float(f"{value:.5g}")


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> Rows:
    relation = connection.sql(query)
    return [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()]


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
