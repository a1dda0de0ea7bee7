"""The findings of one return as files for people: findings.csv, a row each, and findings.xlsx, a sheet per audience.

Restricted: both name children. Explained findings stay in the files, with the explanation.
"""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path
from typing import Any

import duckdb

from warehouse import specification
from warehouse.returns import findings_book, xsd
from warehouse.returns.workbook import plain
from warehouse.settings import Settings

SCHEMA = "sen2"
_STRUCTURE_RULE = "H12"
# The findings sheet: columns of sen2__finding, then what only the written file can say. With an explanation filled in
# a row under these headings is a row of the extract council.sen2_explanation.
_FINDING_COLUMNS = (
    "collection_year",
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
    "values_at_fault",
    "scope_case",
    "source_file",
    "source_row",
    "is_explained",
    "explanation_reason",
    "explained_by",
    "explained_on",
    "explained_until",
)
SHEET_COLUMNS = ("collection", *_FINDING_COLUMNS, "line")


def write(
    connection: duckdb.DuckDBPyConnection,
    year: int,
    provisional: bool,
    faults: tuple[xsd.Fault, ...],
    folder: Path,
    settings: Settings,
) -> Counter[str]:
    """Write findings.csv and findings.xlsx into `folder`; returns the number of findings by level, explained ones too.

    The workbook names the settings that findings depend on: the residential reading (hole O19) and thresholds.
    """
    structure = _structure_findings(faults, year)
    levels = _sheet(connection, year, provisional, structure, folder / "findings.csv")
    findings_book.write(connection, year, provisional, structure, settings, folder / "findings.xlsx")
    return levels


def _sheet(
    connection: duckdb.DuckDBPyConnection, year: int, provisional: bool, structure: list[dict[str, Any]], file: Path
) -> Counter[str]:
    """One row per finding, worst first, with a byte-order mark so that Excel reads it as UTF-8."""
    levels: Counter[str] = Counter()
    status = f"{year} PROVISIONAL" if provisional else str(year)
    with file.open("w", encoding="utf-8-sig", newline="") as handle:
        sheet = csv.writer(handle, lineterminator="\r\n")
        sheet.writerow(SHEET_COLUMNS)
        for finding in structure:
            levels[finding["level"]] += 1
            sheet.writerow((status, *(plain(finding.get(name, "")) for name in (*_FINDING_COLUMNS, "line"))))
        cursor = connection.cursor()
        cursor.execute(
            f"select {', '.join(_FINDING_COLUMNS)} from {SCHEMA}.sen2__finding where collection_year = ? "
            "order by level, rule_id, flag, person_record_id, request_record_id, record_id, source_file, source_row",
            [year],
        )
        while batch := cursor.fetchmany(2000):
            for row in batch:
                levels[row[2]] += 1
                sheet.writerow((status, *map(_cell, row), ""))
    return levels


def _structure_findings(faults: tuple[xsd.Fault, ...], year: int) -> list[dict[str, Any]]:
    """Faults of the written file against its schema, as findings."""
    if not faults:
        return []
    rule = next(
        row
        for row in specification.rows("rule")
        if row["rule_id"] == _STRUCTURE_RULE and specification.in_force(row, year)
    )
    return [
        {
            "collection_year": year,
            "printed_id": rule["printed_id"],
            "level": rule["level"],
            "message": f"{rule['message']} ({fault.kind})",
            "what_to_do": rule["what_to_do"],
            "elements": fault.element,
            "is_explained": "no",
            "line": fault.line,
        }
        for fault in faults
    ]


def _cell(value: Any) -> Any:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else plain(value)
