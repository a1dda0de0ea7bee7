"""The sheet for whoever signs the return: one page to print, with what was made, what is wrong and what it rests on.

Internal: counts of all sizes, and no child's value. It reads the mart and the manifest, and no clock.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import astuple
from pathlib import Path
from typing import Any

import duckdb
import jinja2

from warehouse import specification
from warehouse.returns import findings_book, headline
from warehouse.settings import Settings
from warehouse.specification import CASE_SYSTEM

SCHEMA = "sen2"
TEMPLATE = Path(__file__).parent / "signoff.html.jinja"
LEVELS = {"E": "Error", "Q": "Query", "W": "Warning"}
# Rules that are named where what forbids signing is said in a sentence; all are in the table by rule.
SHOWN = 6
STALE = {
    "matches_nothing": "for which nothing is found",
    "expired": "past their date",
    "unknown_rule": "of a rule that there is not",
    "not_a_query": "of an error that is mended and not explained",
    "unreadable": "with a date or year that cannot be read",
}
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def blockers(
    connection: duckdb.DuckDBPyConnection, year: int, schema_faults: Mapping[str, int] | None = None
) -> tuple[str, ...]:
    """What forbids signing the return of a year, a sentence each; empty when nothing does.

    `schema_faults`: faults of the written XML against its schema, by kind. Queries never forbid, nor do explained
    errors.
    """
    rules = connection.execute(
        f"select printed_id, count(*) from {SCHEMA}.sen2__finding "
        f"where collection_year = ? and level = 'E' and not is_explained "
        "group by printed_id order by 2 desc, 1",
        [year],
    ).fetchall()
    found = []
    if rules:
        count = sum(number for _, number in rules)
        listed = ", ".join(f"{rule} ({number:,})" for rule, number in rules[:SHOWN])
        others = len(rules) - SHOWN
        more = f" and {others} more rule{'s' if others > 1 else ''}" if others > 0 else ""
        found.append(
            f"{count:,} open error{'s' if count > 1 else ''}: {listed}{more}. Mend them in the case system and run "
            "again; findings.csv says where."
        )
    if schema_faults:
        listed = ", ".join(f"{kind} ({number:,})" for kind, number in sorted(schema_faults.items()))
        found.append(f"The XML does not hold to its own schema: {listed}. findings.csv has the lines, under SEN2-H12.")
    return tuple(found)


def refused_inputs(connection: duckdb.DuckDBPyConnection) -> tuple[str, ...]:
    """What forbids signing because of what the door refused, a sentence; empty when nothing does.

    An extract that only helps to say who is who forbids nothing; of the case system every one does.
    """
    refused = connection.execute(
        "select distinct source || '.' || entity as extract from quality.rpt_quality__degraded "
        "where table_schema = ? and standing = 'refused' and (rests_by = 'rows' or source = ?) order by extract",
        [SCHEMA, CASE_SYSTEM],
    ).fetchall()
    if not refused:
        return ()
    names = ", ".join(name for (name,) in refused)
    return (
        f"The door refused the last delivery of {names}, so the return rests on the one before, or on none. Ask the "
        "supplier for a new file, or put the extract's name into [door] accept where the file is right, and run again.",
    )


def write(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    manifest: Mapping[str, Any],
    file: Path,
) -> None:
    """Write the sheet of a return whose manifest this is; records, findings and figures are those of the mart."""
    year = manifest["collection_year"]
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATE.parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["day"] = day
    xml = next(name for name in manifest["outputs"] if name.endswith(".xml"))
    page = environment.get_template(TEMPLATE.name).render(
        council=settings.council_name,
        manifest=manifest,
        year=year,
        xml=xml,
        sha256=manifest["outputs"][xml],
        modules=_modules(year),
        levels=_levels(connection, year),
        rules=_rules(connection, year),
        stale=_stale(connection, year),
        reasons={row["reason_code"]: row["reason"] for row in specification.rows("out_of_scope_reason")},
        whys={row["why_code"]: row["reason"] for row in specification.rows("left_out_reason")},
        residential=_residential(settings.residential_reading, year),
        readings=sorted({row["reading"] for row in specification.rows("code_residential")}),
        thresholds=list(findings_book.thresholds(settings, year)),
        officers=settings.officers,
        figures=_figures(connection, year),
        notes=headline.notes(connection, year),
        questions=[
            row
            for row in specification.rows("open_question")
            if row["is_on_sheet"] == "true" and specification.in_force(row, year)
        ],
    )
    file.write_text(page, encoding="utf-8", newline="\n")


def day(text: str) -> str:
    """2027-01-21 as 21 January 2027."""
    year, month, number = text.split("-")
    return f"{int(number)} {_MONTHS[int(month) - 1]} {year}"


def _modules(year: int) -> dict[str, str]:
    return {
        row["module"]: row["element"]
        for row in specification.rows("module")
        if row["key_columns"] and specification.in_force(row, year)
    }


def _levels(connection: duckdb.DuckDBPyConnection, year: int) -> list[tuple[str, int, int]]:
    """(level, open, explained) for every level."""
    found = connection.execute(
        f"select level, count(*) filter (not is_explained), "
        f"count(*) filter (is_explained) from {SCHEMA}.sen2__finding "
        "where collection_year = ? group by level",
        [year],
    ).fetchall()
    counted = {level: counts for level, *counts in found}
    return [(name, *counted.get(level, (0, 0))) for level, name in LEVELS.items()]


def _rules(connection: duckdb.DuckDBPyConnection, year: int) -> list[tuple[str, str, str, int, int]]:
    """(level, rule, message, open, explained) of every error and query found, worst and most frequent first."""
    found = connection.execute(
        f"select level, printed_id, message, count(*) filter (not is_explained), "
        f"count(*) filter (is_explained) "
        f"from {SCHEMA}.sen2__finding where collection_year = ? and level in ('E', 'Q') "
        "group by level, printed_id, message order by level, 4 desc, printed_id, message",
        [year],
    ).fetchall()
    return [(LEVELS[level], *rest) for level, *rest in found]


def _stale(connection: duckdb.DuckDBPyConnection, year: int) -> list[tuple[int, str]]:
    """(number, what is the matter) of explanations that no longer explain anything."""
    found = connection.execute(
        f"select state, count(*) from {SCHEMA}.sen2__explanation where collection_year = ? group by state", [year]
    ).fetchall()
    counted = dict(found)
    return [(counted[state], text) for state, text in STALE.items() if state in counted]


def _figures(connection: duckdb.DuckDBPyConnection, year: int) -> list[tuple[str, ...]]:
    """The headline figures as rows of text, headings first; without the columns in which nothing stands."""
    rows = [headline.HEADERS, *(astuple(row) for row in headline.rows(connection, year))]
    kept = [place for place in range(len(headline.HEADERS)) if any(row[place] for row in rows[1:])]
    return [tuple(row[place] for place in kept) for row in rows] if kept else []


def _residential(reading: str, year: int) -> Iterator[Mapping[str, str]]:
    """The residential codes of the year by the reading that is in force."""
    return (
        row
        for row in specification.rows("code_residential")
        if row["reading"] == reading and specification.in_force(row, year)
    )
