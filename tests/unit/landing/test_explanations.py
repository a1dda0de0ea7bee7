"""Explanations land from what people have at hand: rows of findings.csv, rows of the workbook, rows written by hand."""

from __future__ import annotations

import csv
import io
from typing import Any

from openpyxl import Workbook

from warehouse.returns import findings_book
from warehouse.returns.findings import SHEET_COLUMNS

ANSWERED = {
    "collection": "2027 PROVISIONAL",
    "collection_year": "2027",
    "printed_id": "SEN2-L13",
    "person_record_id": "P1",
    "request_record_id": "R1",
    "record_id": "L1",
    "ehc_person_id": "P1",
    "message": "Two main placements at once",
    "values_at_fault": "PlacementRank=1; LeavingDate=",
    "explanation_reason": "Taught in two places, half a week each",
    "explained_by": "J. Okafor",
    "explained_on": "25/01/2027",
}


def sheet(*rows: dict[str, str]) -> bytes:
    """findings.csv as it is written: a byte-order mark, Windows line ends."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, SHEET_COLUMNS, restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("utf-8-sig")


def test_rows_of_findings_csv(council: Any) -> None:
    """Without a reason, a name or a day it is no explanation: the row is refused, with its number and the column."""
    unsigned = ANSWERED | {"explained_by": "", "explained_on": ""}
    council.deliver("council/sen2_explanation_2027.csv", sheet(ANSWERED, unsigned, ANSWERED | {"record_id": "L2"}))
    receipt = council.only(council.land())
    assert (receipt.rows_received, receipt.rows_loaded, receipt.rows_rejected) == (3, 2, 1)
    assert [row["record_id"] for row in council.rows("council.sen2_explanation")] == ["L1", "L2"]
    landed = council.rows("council.sen2_explanation")[0]
    for name, heading in (("rule_id", "printed_id"), ("pattern", "values_at_fault"), ("reason", "explanation_reason")):
        assert landed[name] == ANSWERED[heading]
    assert landed["collection_year"] == "2027"
    (reject,) = council.rejects()
    assert (reject["source_row"], reject["column_name"]) == (3, "explained_by, explained_on")
    assert "Record 3 leaves explained_by, explained_on blank" in reject["message"]


def test_rows_of_the_workbook(council: Any) -> None:
    book = Workbook()
    book.active.title = "Whatever"
    headings = [column.heading for column, _ in findings_book.OPEN]
    book.active.append(headings)
    row = {
        "Rule": "SEN2-L13",
        "Person": "P1",
        "Reason": "Taught in two places",
        "Explained by": "J. Okafor",
        "Explained on": "2027-01-25",
    }
    book.active.append([row.get(heading) for heading in headings])
    file = io.BytesIO()
    book.save(file)
    council.deliver("council/sen2_explanation.xlsx", file.getvalue())
    receipt = council.only(council.land())
    assert (receipt.rows_received, receipt.rows_loaded) == (1, 1)
    (landed,) = council.rows("council.sen2_explanation")
    assert (landed["rule_id"], landed["person_record_id"], landed["reason"]) == (
        "SEN2-L13",
        "P1",
        "Taught in two places",
    )


def test_a_file_without_reasons_is_sent_back(council: Any) -> None:
    """findings.csv as it was written, dropped in by mistake: nothing in it is an explanation."""
    open_findings = ANSWERED | dict.fromkeys(("explanation_reason", "explained_by", "explained_on"), "")
    council.deliver("council/sen2_explanation.csv", sheet(open_findings, open_findings))
    receipt = council.only(council.land())
    assert (receipt.status, receipt.reason_code) == ("quarantined", "too_many_rejects")
