"""A return that landed beside the years that are made here: it stands in for a year, or for what was sent of one.

It matters because what was sent is the truth about last year, and must never mix with what is made. By hand, over an
empty core. Resolve: read dim_collection's record_origin, sen2__last_year_record, and the macro `and_returned`.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import duckdb
import pytest

from tests.unit.returns.sen2_mart import Mart, insert

RECORDS = ("header", "person", "requests", "assessment", "named_plan", "plan_detail", "active_plans")
IN_FORCE = {"StartDate": date(2020, 1, 1)}


def returned(connection: duckdb.DuckDBPyConnection, year: int, *people: str, **plan: Any) -> None:
    """A return of a year with one standing plan for each of these people."""
    insert(connection, "core.fct_returned_header", [{"collection_year": year, "LEA": "999", "source_file": "sent.xml"}])
    _people(connection, "core.fct_returned_", year, f"returned-{year}-", people, plan or IN_FORCE)


def made(connection: duckdb.DuckDBPyConnection, year: int, *people: str) -> None:
    """The same, as records that were made here."""
    _people(connection, "sen2.sen2__", year, "", people, IN_FORCE)


def _people(
    connection: duckdb.DuckDBPyConnection, tables: str, year: int, prefix: str, people: tuple[str, ...], plan: Any
) -> None:
    for row, name in enumerate(people, start=1):
        ids = {"collection_year": year, "person_record_id": prefix + name, "source_file": "a file", "source_row": row}
        request = ids | {"request_record_id": f"{prefix}{name}.1"}
        known = {"Surname": name, "Forename": "A", "PersonBirthDate": date(2015, 5, 5)}
        insert(connection, f"{tables}person", [ids | known])
        insert(connection, f"{tables}requests", [request | {"RequestOutcome": "H"}])
        insert(connection, f"{tables}named_plan", [request | plan])


@pytest.fixture
def connection(mart: Mart, tmp_path: Any) -> Any:
    with duckdb.connect(str(mart.copy(tmp_path).database)) as opened:
        yield opened


def build(mart: Mart, connection: duckdb.DuckDBPyConnection, *models: str) -> None:
    for model in models:
        connection.execute(f"create or replace table sen2.{model} as {mart.compiled[model]}")


def lost(mart: Mart, connection: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    """Whom SEN2-X03 misses: year of the later return, id, values."""
    build(
        mart, connection,
        "sen2__last_year_record", "sen2__last_year_flags", "sen2__rule_hit", "sen2__finding_value", "sen2__finding",
    )  # fmt: skip
    return connection.execute(
        "select collection_year, person_record_id, values_at_fault from sen2.sen2__finding where rule_id = 'X03' "
        "order by all"
    ).fetchall()


def test_a_year_that_is_not_made_has_the_records_that_were_sent(
    mart: Mart, connection: duckdb.DuckDBPyConnection
) -> None:
    connection.execute("update core.dim_collection set record_origin = 'landed' where collection_year = 2025")
    returned(connection, 2025, "ann", "bob")
    returned(connection, 2026, "cid")  # made here, so not read from the file
    build(mart, connection, *(f"sen2__{name}" for name in RECORDS))
    found = connection.execute(
        'select collection_year, person_record_id, person_key, scope_case, "Surname" '
        "from sen2.sen2__person order by all"
    ).fetchall()
    assert found == [
        (2025, "returned-2025-ann", None, None, "ann"),
        (2025, "returned-2025-bob", None, None, "bob"),
    ]
    headers = connection.execute(
        "select collection_year, source_file, is_provisional, as_at_date from sen2.sen2__header order by 1"
    ).fetchall()
    assert [row for row in headers if row[0] in (2025, 2026)] == [
        (2025, "sent.xml", False, date(2027, 1, 21)),
        (2026, None, False, date(2027, 1, 21)),
    ]
    assert {year for year, *_ in headers} == {2023, 2024, 2025, 2026, 2027}


def test_what_was_sent_is_what_this_year_is_held_against(mart: Mart, connection: duckdb.DuckDBPyConnection) -> None:
    """Ann was sent and is gone. Bob was never sent: that the year made here had him is our own affair."""
    made(connection, 2027, "cid")
    made(connection, 2026, "bob", "cid")
    returned(connection, 2026, "ann", "cid")
    assert lost(mart, connection) == [(2027, "returned-2026-ann", "StartDate=2020-01-01")]


def test_without_one_it_is_the_year_as_made_here(mart: Mart, connection: duckdb.DuckDBPyConnection) -> None:
    made(connection, 2027, "cid")
    made(connection, 2026, "bob", "cid")
    returned(connection, 2025, "ann")
    assert lost(mart, connection) == [
        (2026, "returned-2025-ann", "StartDate=2020-01-01"),
        (2027, "bob", "StartDate=2020-01-01"),
    ]


def test_a_plan_that_was_sent_as_ended_is_not_missed(mart: Mart, connection: duckdb.DuckDBPyConnection) -> None:
    made(connection, 2027, "cid")
    returned(connection, 2026, "ann", **IN_FORCE, CeaseDate=date(2025, 6, 1))
    assert lost(mart, connection) == []
