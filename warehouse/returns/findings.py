"""The findings of one return as files for people: findings.csv."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path
from typing import Any

import duckdb

from warehouse import specification
from warehouse.returns import xsd

SCHEMA = "sen2"
_STRUCTURE_RULE = "H12"
# The findings sheet: columns of sen2__finding, then what only the written file can say.
_FINDING_COLUMNS = (
    "printed_id",
    "level",
    "record_type",
    "person_record_id",
    "request_record_id",
    "record_id",
    "ehc_person_id",
    "case_officer",
    "message",
    "what_to_do",
    "elements",
    "scope_case",
    "source_file",
    "source_row",
)
_SHEET_COLUMNS = ("collection", *_FINDING_COLUMNS, "line")


def write(
    connection: duckdb.DuckDBPyConnection,
    year: int,
    provisional: bool,
    faults: tuple[xsd.Fault, ...],
    folder: Path,
) -> Counter[str]:
    """findings.csv: one row per finding, worst first, with a byte-order mark so that Excel reads it as UTF-8."""
    levels: Counter[str] = Counter()
    status = f"{year} PROVISIONAL" if provisional else str(year)
    with (folder / "findings.csv").open("w", encoding="utf-8-sig", newline="") as handle:
        sheet = csv.writer(handle, lineterminator="\r\n")
        sheet.writerow(_SHEET_COLUMNS)
        for fault in faults:
            levels["E"] += 1
            sheet.writerow(_structure_finding(status, fault, year))
        cursor = connection.cursor()
        cursor.execute(
            f"select {', '.join(_FINDING_COLUMNS)} from {SCHEMA}.sen2__finding where collection_year = ? "
            f"order by level, rule_id, flag, {', '.join(_FINDING_COLUMNS[3:6])}, source_file, source_row",
            [year],
        )
        while batch := cursor.fetchmany(2000):
            for row in batch:
                levels[row[1]] += 1
                sheet.writerow((status, *(_no_formula(value) for value in row), ""))
    return levels


def _structure_finding(status: str, fault: xsd.Fault, year: int) -> tuple[Any, ...]:
    rule = next(
        row
        for row in specification.rows("rule")
        if row["rule_id"] == _STRUCTURE_RULE and specification.in_force(row, year)
    )
    return (
        status,
        rule["printed_id"],
        rule["level"],
        *("",) * 6,
        f"{rule['message']} ({fault.kind})",
        rule["what_to_do"],
        fault.element,
        *("",) * 3,
        fault.line,
    )


def _no_formula(value: Any) -> Any:
    """Text that a spreadsheet would take for a formula gets an apostrophe in front."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@") else value
