"""The cases of tests/golden/sen2 as rows of the record tables, and those rows put into a database."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import duckdb
import pyarrow as pa

from tests.unit.returns import sen2_cases
from tests.unit.returns.sen2_cases import PARENT, Case
from tests.unit.returns.sen2_mart import YEARS
from warehouse import specification

MODULES = ("header", "person", *PARENT)
_OWN_KEY = {
    "plan_detail": "plan_detail_record_id",
    "placement_detail": "placement_record_id",
    "sen_need": "need_record_id",
}
Batch = list[tuple[int, Case]]


def batches(cases: Iterable[Case]) -> tuple[Batch, list[Batch]]:
    """Cases that can share one return, each with its number, and those that need a return of their own."""
    numbered = list(enumerate(cases))
    return [one for one in numbered if not one[1].alone], [[one] for one in numbered if one[1].alone]


def load(connection: duckdb.DuckDBPyConnection, batch: Batch, schema: str = "sen2") -> None:
    """Put the records of the cases, in every year, in place of what the record tables of `schema` hold.

    A record's ids begin with the number of its case.
    """
    of_years = {year: [(number, case) for number, case in batch if case.in_year(year)] for year in YEARS}
    load_years(connection, of_years, schema)


def load_years(connection: duckdb.DuckDBPyConnection, of_years: dict[int, Batch], schema: str) -> None:
    """The same, with cases of their own for each year."""
    for module, records in rows(of_years).items():
        connection.execute(f"delete from {schema}.sen2__{module}")
        if records:
            names = sorted({name for record in records for name in record})
            batch_of_records = pa.table({name: [record.get(name) for record in records] for name in names})
            connection.register("batch_of_records", batch_of_records)
            connection.execute(f"insert into {schema}.sen2__{module} by name select * from batch_of_records")
            connection.unregister("batch_of_records")


def rows(of_years: dict[int, Batch]) -> dict[str, list[dict[str, Any]]]:
    """Record table (without `sen2__`) → its rows."""
    found: dict[str, list[dict[str, Any]]] = {module: [] for module in MODULES}
    for year, batch in of_years.items():
        header = dict(sen2_cases.HEADER)
        for number, case in batch:
            header, people = sen2_cases.build(case, number)
            for place, person in enumerate(people):
                _flatten(found, person, year, f"{number}/{place}", None)
        found["header"].append(
            {
                "collection_year": year,
                "is_provisional": False,
                "as_at_date": sen2_cases.value("REF+30d", year, is_date=True),
            }
            | _items(("collection_details", "source"), header, year)
        )
    return found


def _flatten(
    found: dict[str, list[dict[str, Any]]],
    record: sen2_cases.Record,
    year: int,
    person_id: str,
    request_id: str | None,
) -> None:
    module = record.module
    place = len(found[module])
    if module == "requests":
        request_id = f"{person_id}/{place}"
    row: dict[str, Any] = {"collection_year": year, "person_record_id": person_id, "person_key": person_id}
    if request_id is not None:
        row["request_record_id"] = request_id
    if module in _OWN_KEY:
        row[_OWN_KEY[module]] = f"{request_id}/{place}"
    found[module].append(row | _items((module,), record.values, year))
    for child in record.children:
        _flatten(found, child, year, person_id, request_id)


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
