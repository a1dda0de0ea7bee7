"""Rows of every table of the test county against the approved file: its diff shows what a change did to the numbers."""

from __future__ import annotations

import csv
import os
from pathlib import Path
from typing import TYPE_CHECKING

from warehouse import duck

if TYPE_CHECKING:
    from tests.conftest import County

APPROVED = Path(__file__).parent.parent / "golden" / "row_counts.csv"
SCHEMAS = ("core", "sen2", "equity", "quality")


def test_every_table_has_its_approved_number_of_rows(county: County) -> None:
    """Endangered: a join that fans out or drops rows. Resolve: explain each difference, then approve by running this
    test with COUNTYWIDE_APPROVE=1 and committing the file."""
    found = _counts(county.database)
    if os.environ.get("COUNTYWIDE_APPROVE"):
        with APPROVED.open("w", encoding="utf-8", newline="") as handle:
            csv.writer(handle, lineterminator="\n").writerows([("table", "rows"), *sorted(found.items())])
    with APPROVED.open(encoding="utf-8", newline="") as handle:
        approved = {row["table"]: int(row["rows"]) for row in csv.DictReader(handle)}
    moved = {
        table: (approved.get(table), found.get(table))
        for table in sorted(approved.keys() | found.keys())
        if approved.get(table) != found.get(table)
    }
    assert not moved, f"table: (approved, found) {moved}"


def _counts(database: Path) -> dict[str, int]:
    with duck.reader(database) as connection:
        tables = connection.execute(
            "select table_schema, table_name from information_schema.tables where list_contains(?, table_schema)",
            [list(SCHEMAS)],
        ).fetchall()
        return {
            f"{schema}.{table}": connection.execute(f'select count(*) from {schema}."{table}"').fetchone()[0]
            for schema, table in tables
        }
