"""findings.xlsx: the findings of one return, a sheet per audience.

With a reason filled in, a row of Findings or of an officer's sheet is a row of the extract council.sen2_explanation.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import duckdb

from warehouse import specification
from warehouse.returns import layout
from warehouse.returns.workbook import Book, Column, Heading
from warehouse.settings import Settings

SCHEMA = "sen2"
LEVELS = {"E": "error", "Q": "query", "W": "warning"}
NO_OFFICER = "No officer"
OTHER_OFFICERS = "Other officers"
# More sheets than anybody would leaf through: the officers with the fewest findings share one.
OFFICERS = 60

_LEVEL = "case level when 'E' then 'error' when 'Q' then 'query' else 'warning' end"
_RECORD = "replace(record_type, '_', ' ')"
# Heading, width, whether it wraps; and what of sen2__finding is below it.
_FINDING = (
    (Column("Level", 10), _LEVEL),
    (Column("Rule", 12), "printed_id"),
    (Column("What is wrong", 44, wraps=True), "message"),
    (Column("Values at fault", 42, wraps=True), "values_at_fault"),
    (Column("What to do", 40, wraps=True), "what_to_do"),
    (Column("Person", 14), "person_record_id"),
    (Column("Case officer", 18), "case_officer"),
    (Column("Source file", 26), "source_file"),
    (Column("Row", 8), "source_row"),
)
_TO_FILL_IN = (
    (Column("Reason", 40, wraps=True), "null"),
    (Column("Explained by", 18), "null"),
    (Column("Explained on", 14), "null"),
    (Column("Explained until", 15), "null"),
)
_PLACE = (
    (Column("Collection year", 13), "collection_year"),
    (Column("Kind of record", 18), _RECORD),
    (Column("Request record id", 20), "request_record_id"),
    (Column("Record id", 20), "record_id"),
    (Column("Line in XML", 10), "null"),
)
OPEN = (*_FINDING, *_TO_FILL_IN, *_PLACE)
_EXPLAINED = (
    *_FINDING[:4],
    *_FINDING[5:7],
    (Column("Reason", 50, wraps=True), "explanation_reason"),
    (Column("Explained by", 18), "explained_by"),
    (Column("Explained on", 14), "cast(explained_on as varchar)"),
    (Column("Explained until", 15), "cast(explained_until as varchar)"),
    *_FINDING[7:],
    *_PLACE[:-1],
)
_OFFICER = (
    Column("Case officer", 26),
    Column("Errors", 12),
    Column("Queries", 12),
    Column("Warnings", 12),
    Column("Explained", 12),
    Column("People", 12),
)
_RULE = (
    Column("Level", 10),
    Column("Rule", 12),
    Column("DfE's own number (not known to us)", 16, wraps=True),
    Column("Kind of record", 18),
    Column("What is wrong", 56, wraps=True),
    Column("What to do", 56, wraps=True),
    Column("Look at", 34, wraps=True),
    Column("How we know", 24, wraps=True),
    Column("Open", 8),
    Column("Explained", 12),
    Column("People", 8),
)
_STALE = (
    Column("What became of it", 52, wraps=True),
    Column("Rule", 12),
    Column("Person", 14),
    Column("Pattern", 34, wraps=True),
    Column("Reason", 50, wraps=True),
    Column("Explained by", 18),
    Column("Explained on", 14),
    Column("Explained until", 15),
    Column("Findings that it would fit", 14, wraps=True),
    Column("Collection year", 13),
    Column("Source file", 36),
    Column("Row", 8),
)
# States of sen2__explanation that are not 'used', in words.
STALE = {
    "matches_nothing": "There is no such finding: the record was corrected, or its values changed. Take it out",
    "expired": "Its last day is over: what it explained is open again. Give it a new date, or take it out",
    "unknown_rule": "There is no rule of this name. Correct the rule",
    "not_a_query": "It explains an error that cannot be explained. It has to be corrected; it stays open",
    "unreadable": "A date or the year in it cannot be read, so it explains nothing. Correct it",
}
_SHEETS = (
    (
        "Findings",
        "All that is open, worst first. To explain: fill in Reason, Explained by and Explained on, and put such "
        "rows with the headings into inbox/council as sen2_explanation.xlsx or .csv",
    ),
    ("By rule", "Every rule of the year, how often it was broken, and how we know it"),
    ("Explained", "What the council has explained, and how"),
    ("Stale explanations", "Explanations that explain nothing, and why"),
    ("By case officer", "How much is open with whom; then a sheet for each, to hand out"),
)
_BASIS = {
    "g": "DfE's guide",
    "x": "the form of the return",
    "c": "a sister collection of DfE's",
    "t": "another tool",
    "d": "derived by us",
    "m": "memory, to be confirmed",
    "SI": "the regulations",
    "data": "published data",
}


def write(
    connection: duckdb.DuckDBPyConnection,
    year: int,
    provisional: bool,
    structure: list[dict[str, Any]],
    settings: Settings,
    file: Path,
) -> None:
    """Write the workbook of a year. `structure` are the faults of the written file, as findings.

    The same mart gives the same bytes: it is dated as the return is.
    """
    book = Book(file.parent)
    beyond = "findings.csv has them all."
    book.add_page("Summary", (34, 16, 16, 90), _summary(connection, year, provisional, structure, settings))
    book.add_list(
        "Findings",
        [column for column, _ in OPEN],
        _all_open(connection, year, structure),
        beyond,
    )
    book.add_list("By rule", _RULE, _rules(connection, year, len(structure)))
    book.add_list("Explained", [column for column, _ in _EXPLAINED], _explained(connection, year), beyond)
    book.add_list("Stale explanations", _STALE, _stale(connection, year))
    book.add_list("By case officer", _OFFICER, _officers(connection, year))
    for officer, rows in _by_officer(connection, year):
        book.add_list(officer, [column for column, _ in OPEN], rows, beyond)
    book.save(file, _made_at(connection, year))


def _summary(
    connection: duckdb.DuckDBPyConnection,
    year: int,
    provisional: bool,
    structure: list[dict[str, Any]],
    settings: Settings,
) -> Iterator[tuple[Any, ...]]:
    collection = layout.collection(year)
    yield (Heading(f"SEN2 {year}: findings{', PROVISIONAL' if provisional else ''}"),)
    if provisional:
        yield ("Provisional", "", "", collection["note"])
    yield ("Census day", collection["census_day"])
    yield ("The rules are ours, not DfE's", "", "", "DfE's own list has not been seen: COLLECT may ask other things")
    yield ("This workbook names children", "", "", "Keep it where the return itself is kept")
    yield ("",)
    counted = {
        level: (is_open, is_explained)
        for level, is_open, is_explained in connection.execute(
            "select level, count(*) filter (not is_explained), count(*) filter (is_explained) "
            f"from {SCHEMA}.sen2__finding where collection_year = ? group by level",
            [year],
        ).fetchall()
    }
    yield (Heading("Level"), "Open", "Explained", "What it asks")
    asks = {
        "E": "To be corrected before the return is submitted; those of a few rules may be explained",
        "Q": "To be corrected, or explained",
        "W": "To be looked at; may be explained",
    }
    for level, name in LEVELS.items():
        is_open, is_explained = counted.get(level, (0, 0))
        yield (name, is_open + (len(structure) if level == "E" else 0), is_explained, asks[level])
    yield ("",)
    yield (Heading("Stale explanations"), "Number", "", "What became of them")
    stale = dict(
        connection.execute(
            f"select state, count(*) from {SCHEMA}.sen2__explanation "
            "where collection_year = ? and state <> 'used' group by state",
            [year],
        ).fetchall()
    )
    yield from ((state.replace("_", " "), stale[state], "", words) for state, words in STALE.items() if state in stale)
    if not stale:
        yield ("none", 0)
    yield ("",)
    yield (Heading("Residential codes"), "Code", "", "Meaning")
    for row in specification.rows("code_residential"):
        if specification.in_force(row, year):
            is_chosen = row["reading"] == settings.residential_reading
            yield (
                f"{row['reading']}{': IN FORCE' if is_chosen else ': not in force'}",
                row["code"],
                "",
                row["label"],
            )
    yield (
        "Which is right is disputed",
        "",
        "",
        "Two sources read the codes of PlanRes and Res differently. Ask DfE; the setting is residential_reading under "
        "[return], the readings are rows of code_residential.csv",
    )
    yield ("",)
    if settings.thresholds:
        yield (Heading("Thresholds that the council set"), "In force", "Else", "Rule")
        yield from thresholds(settings, year)
        yield ("",)
    yield (Heading("Sheet"), "", "", "What it is for")
    for title, purpose in _SHEETS:
        yield (title, "", "", purpose)


def thresholds(settings: Settings, year: int) -> Iterator[tuple[str, float, float, str]]:
    """Thresholds of a year that the council set: (rule and parameter, its value, that of the rows, what is wrong)."""
    rules = {rule["rule_id"]: rule for rule in specification.rows("rule") if specification.in_force(rule, year)}
    for row in specification.rows("rule_parameter"):
        own = settings.thresholds.get(f"{row['rule_id']}.{row['parameter']}")
        if own is not None and row["rule_id"] in rules and specification.in_force(row, year):
            rule = rules[row["rule_id"]]
            yield f"{rule['printed_id']} {row['parameter']}", own, float(row["value"]), rule["message"]


def _all_open(
    connection: duckdb.DuckDBPyConnection, year: int, structure: list[dict[str, Any]]
) -> Iterator[tuple[Any, ...]]:
    for finding in structure:
        below = {
            "Level": LEVELS[finding["level"]],
            "Rule": finding["printed_id"],
            "What is wrong": finding["message"],
            "Values at fault": finding["elements"],
            "What to do": finding["what_to_do"],
            "Collection year": year,
            "Line in XML": finding["line"],
        }
        yield tuple(below.get(column.heading) for column, _ in OPEN)
    yield from _open(connection, year, "true")


def _open(connection: duckdb.DuckDBPyConnection, year: int, where: str) -> Iterator[tuple[Any, ...]]:
    yield from _read(
        connection,
        f"select {_select(OPEN)} from {SCHEMA}.sen2__finding "
        f"where collection_year = ? and not is_explained and {where} {_ORDER}",
        year,
    )


_ORDER = "order by level, rule_id, flag, person_record_id, request_record_id, record_id, source_file, source_row"


def _explained(connection: duckdb.DuckDBPyConnection, year: int) -> Iterator[tuple[Any, ...]]:
    yield from _read(
        connection,
        f"select {_select(_EXPLAINED)} from {SCHEMA}.sen2__finding where collection_year = ? and is_explained {_ORDER}",
        year,
    )


def _by_officer(connection: duckdb.DuckDBPyConnection, year: int) -> Iterator[tuple[str, Iterable[tuple[Any, ...]]]]:
    """(title, open findings) of each case officer by name, then of those that share a sheet, then of nobody."""
    rows = _read(
        connection,
        f"""
        with busiest as (
            select case_officer, row_number() over (order by count(*) desc, case_officer) as place
            from {SCHEMA}.sen2__finding
            where collection_year = ? and not is_explained and case_officer is not null
            group by case_officer
        )
        select
            case
                when case_officer is null then '{NO_OFFICER}'
                when place > {OFFICERS} then '{OTHER_OFFICERS}'
                else case_officer
            end as title,
            {_select(OPEN)}
        from {SCHEMA}.sen2__finding left join busiest using (case_officer)
        where collection_year = {int(year)} and not is_explained and record_type <> 'header'
        order by case when case_officer is null then 3 when place > {OFFICERS} then 2 else 1 end, title, {_ORDER[9:]}
        """,
        year,
    )
    for title, mine in groupby(rows, key=lambda row: row[0]):
        yield title, (row[1:] for row in mine)


def _officers(connection: duckdb.DuckDBPyConnection, year: int) -> Iterator[tuple[Any, ...]]:
    yield from _read(
        connection,
        f"""
        select
            coalesce(case_officer, '{NO_OFFICER}'),
            count(*) filter (level = 'E'),
            count(*) filter (level = 'Q' and not is_explained),
            count(*) filter (level = 'W' and not is_explained),
            count(*) filter (is_explained),
            count(distinct person_record_id)
        from {SCHEMA}.sen2__finding
        where collection_year = ? and record_type <> 'header'
        group by case_officer
        order by case_officer is null, case_officer
        """,
        year,
    )


def _rules(connection: duckdb.DuckDBPyConnection, year: int, structure: int) -> Iterator[tuple[Any, ...]]:
    """Every rule of the year: those with the most open findings first, errors before queries before warnings."""
    found = {
        (flag, level): counts
        for flag, level, *counts in connection.execute(
            "select flag, level, count(*) filter (not is_explained), count(*) filter (is_explained), "
            f"count(distinct person_record_id) from {SCHEMA}.sen2__finding where collection_year = ? group by all",
            [year],
        ).fetchall()
    }
    rules = [row for row in specification.rows("rule") if specification.in_force(row, year)]
    counted = [
        (row, found.get((row["flag"], row["level"]), [structure if row["checked_by"] == "schema" else 0, 0, 0]))
        for row in rules
    ]
    for row, (is_open, is_explained, people) in sorted(counted, key=lambda one: (one[0]["level"], -one[1][0])):
        yield (
            LEVELS[row["level"]],
            row["printed_id"],
            row["dfe_rule_number"],
            row["module"].replace("_", " "),
            row["message"],
            row["what_to_do"],
            row["elements"].replace(" ", ", "),
            ", ".join(_BASIS.get(word, word) for word in row["basis"].split()),
            is_open,
            is_explained,
            people,
        )


def _stale(connection: duckdb.DuckDBPyConnection, year: int) -> Iterator[tuple[Any, ...]]:
    found = _read(
        connection,
        f"""
        select state, delivered_rule_id, coalesce(person_record_id, ehc_person_id), pattern, reason, explained_by,
            cast(explained_on as varchar), cast(explained_until as varchar), finding_count,
            case when is_for_every_year then 'every' else cast(collection_year as varchar) end, source_file, source_row
        from {SCHEMA}.sen2__explanation
        where collection_year = ? and state <> 'used'
        order by source_file, source_row, explanation_key
        """,
        year,
    )
    yield from ((STALE[state], *rest) for state, *rest in found)


def _made_at(connection: duckdb.DuckDBPyConnection, year: int) -> datetime:
    """The date and time that the return bears."""
    (made_at,) = connection.execute(
        f'select "DateTime" from {SCHEMA}.sen2__header where collection_year = ?', [year]
    ).fetchone()
    return datetime.fromisoformat(made_at)


def _select(columns: tuple[tuple[Column, str], ...]) -> str:
    return ", ".join(f'{sql} as "{column.heading}"' for column, sql in columns)


def _read(connection: duckdb.DuckDBPyConnection, query: str, year: int) -> Iterator[tuple[Any, ...]]:
    cursor = connection.cursor()
    cursor.execute(query, [year])
    while batch := cursor.fetchmany(2000):
        yield from batch
