"""Every rule, over records made by hand: it fires where the case says so, and stays silent just beside it.

A case names every rule that should fire, so a rule too many fails as well as one too few. To add a case, add a line to
tests/golden/sen2/cases; its README says how. Resolve a failure by reading the rule in section 5.2 of the reference:
either the flag is wrong, or the case is.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from tests.unit.returns import sen2_cases
from tests.unit.returns.sen2_cases import PARENT, Case
from tests.unit.returns.sen2_mart import YEARS, Mart, insert
from warehouse import specification

CASES = sen2_cases.cases()
RECORDS = ("person", *PARENT)
OWN_KEY = {
    "plan_detail": "plan_detail_record_id",
    "placement_detail": "placement_record_id",
    "sen_need": "need_record_id",
}
# These need two returns: test_sen2_last_year.py.
BETWEEN_YEARS = ("X03", "X04", "X05", "X06")
FLAGS = (
    "sen2__header_flags",
    "sen2__person_flags",
    "sen2__request_flags",
    "sen2__assessment_flags",
    "sen2__plan_flags",
    "sen2__plan_detail_flags",
    "sen2__active_plan_flags",
    "sen2__placement_flags",
    "sen2__need_flags",
)


@pytest.fixture(scope="module")
def fired(mart: Mart, tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[int, int], set[tuple[str, str]]]:
    """(number of the case, collection year) → the rules that fired, each as (flag, level)."""
    found: dict[tuple[int, int], set[tuple[str, str]]] = defaultdict(set)
    database = mart.copy(tmp_path_factory.mktemp("cases")).database
    together = [(number, case) for number, case in enumerate(CASES) if not case.alone]
    batches = [together, *([(number, case)] for number, case in enumerate(CASES) if case.alone)]
    with duckdb.connect(str(database)) as connection:
        insert(connection, "core.dim_establishment", sen2_cases.register())
        for batch in batches:
            _load(connection, batch)
            # What a return as a whole or two people together can break is judged in the first two alone.
            judged = FLAGS if batch is together else FLAGS[:2]
            for model in (*judged, "sen2__finding"):
                connection.execute(f"create or replace table sen2.{model} as {mart.compiled[model]}")
            for year, record_id, flag, level in connection.execute(
                "select collection_year, person_record_id, flag, level from sen2.sen2__finding"
            ).fetchall():
                if record_id is not None:
                    found[int(record_id.split("/")[0]), year].add((flag, level))
                elif batch is not together:
                    found[batch[0][0], year].add((flag, level))
            for model in FLAGS:
                connection.execute(f"delete from sen2.{model}")
    return found


@pytest.mark.parametrize("number", range(len(CASES)), ids=lambda number: CASES[number].name)
def test_case(fired: dict[tuple[int, int], set[tuple[str, str]]], number: int) -> None:
    case = CASES[number]
    years = [year for year in YEARS if case.in_year(year)]
    assert years, "the case is for no year"
    for year in years:
        levels = {flag.upper(): level for flag, level in fired[number, year]}
        assert set(levels) == {expected.split(":")[0] for expected in case.expected}, f"in {year}"
        for expected in case.expected:
            flag, _, level = expected.partition(":")
            assert not level or levels[flag] == level, f"in {year}"


def test_every_rule_that_is_written_fires_and_stays_silent_somewhere() -> None:
    """In each year in which a rule is in force it has a case that fires, and one of its own that does not."""
    missing = []
    for rule in specification.rows("rule"):
        if rule["is_implemented"] != "true" or rule["checked_by"] != "sql" or rule["rule_id"] in BETWEEN_YEARS:
            continue
        for year in (year for year in YEARS if specification.in_force(rule, year)):
            mine = [case for case in CASES if case.in_year(year) and case.rule_id == rule["rule_id"]]
            flag = rule["flag"].upper()
            if not any(flag in _flags(case) for case in mine):
                missing.append(f"{flag} never fires in {year}")
            if not any(flag not in _flags(case) for case in mine):
                missing.append(f"{flag} is never silent in {year}")
    assert not missing, "\n".join(missing)


def test_upn_vectors() -> None:
    """The check letters of the cases are worked out as the reference's valid numbers have them."""
    assert sen2_cases.upn(200126001) == "C201200126001"


def _flags(case: Case) -> set[str]:
    return {expected.split(":")[0] for expected in case.expected}


def _load(connection: duckdb.DuckDBPyConnection, batch: list[tuple[int, Case]]) -> None:
    """Put the records of the cases, in every year, in place of what the record tables hold."""
    rows: dict[str, list[dict[str, Any]]] = {module: [] for module in ("header", *RECORDS)}
    for year in YEARS:
        header = dict(sen2_cases.HEADER)
        for number, case in batch:
            if case.in_year(year):
                header, people = sen2_cases.build(case, number)
                for place, person in enumerate(people):
                    _flatten(rows, person, year, f"{number}/{place}", None)
        rows["header"].append(
            {
                "collection_year": year,
                "is_provisional": False,
                "as_at_date": sen2_cases.value("REF+30d", year, is_date=True),
            }
            | _items(("collection_details", "source"), header, year)
        )
    for module, records in rows.items():
        connection.execute(f"delete from sen2.sen2__{module}")
        if records:
            names = sorted({name for record in records for name in record})
            batch_of_records = pa.table({name: [record.get(name) for record in records] for name in names})
            connection.register("batch_of_records", batch_of_records)
            connection.execute(f"insert into sen2.sen2__{module} by name select * from batch_of_records")
            connection.unregister("batch_of_records")


def _flatten(
    rows: dict[str, list[dict[str, Any]]], record: sen2_cases.Record, year: int, person_id: str, request_id: str | None
) -> None:
    module = record.module
    place = len(rows[module])
    if module == "requests":
        request_id = f"{person_id}/{place}"
    row: dict[str, Any] = {"collection_year": year, "person_record_id": person_id, "person_key": person_id}
    if request_id is not None:
        row["request_record_id"] = request_id
    if module in OWN_KEY:
        row[OWN_KEY[module]] = f"{request_id}/{place}"
    rows[module].append(row | _items((module,), record.values, year))
    for child in record.children:
        _flatten(rows, child, year, person_id, request_id)


def _items(modules: tuple[str, ...], values: dict[str, str], year: int) -> dict[str, Any]:
    """The values of the year's items; a value of an item that the year does not have is left out."""
    elements = {
        row["element"]: row["data_type"]
        for row in specification.rows("element")
        if row["module"] in modules and specification.in_force(row, year)
    }
    unknown = set(values) - {row["element"] for row in specification.rows("element") if row["module"] in modules}
    assert not unknown, f"no such item: {unknown}"
    return {
        name: sen2_cases.value(values.get(name, ""), year, is_date=data_type == "date")
        for name, data_type in elements.items()
    }
