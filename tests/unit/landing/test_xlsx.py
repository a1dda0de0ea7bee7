"""Workbooks give the rows that a CSV of the same table would give."""

from __future__ import annotations

import io
from datetime import date, datetime
from typing import Any

from openpyxl import Workbook

PERSON = ["person_id", "surname", "forename", "birth_date", "upn", "case_officer"]


def workbook(**sheets: list[list[Any]]) -> bytes:
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def values(council: Any, extract: str, columns: str) -> list[tuple]:
    return [tuple(row.values()) for row in council.rows(extract, columns)]


def test_cells_become_text(council: Any) -> None:
    rows = [
        PERSON,
        [1001, " Ångström ", "Zoë", date(2015, 2, 3), "0012", None],
        [1002.0, "O'Brien", "A\nB", datetime(2015, 2, 3, 9, 30), 1.5, True],
    ]
    council.deliver("ehc/ehc_person.xlsx", workbook(Sheet1=rows))
    receipt = council.only(council.land())
    assert (receipt.entity, receipt.encoding, receipt.rows_received, receipt.rows_loaded) == ("person", "xlsx", 2, 2)
    assert values(council, "ehc.person", ", ".join([*PERSON, "_source_row"])) == [
        ("1001", "Ångström", "Zoë", "2015-02-03", "0012", None, 2),
        ("1002", "O'Brien", "A\nB", "2015-02-03 09:30:00", "1.5", "true", 3),
    ]


def test_many_sheets(council: Any) -> None:
    council.deliver(
        "ehc/ehc.xlsx",
        workbook(
            Person=[PERSON[:4], ["1", "A", "B", "2015-01-01"]],
            ehc_plan=[["plan_id", "person_id", "start_date"], ["10", "1", date(2024, 1, 1)]],
            Notes=[["made by the case system"]],
            Empty=[],
        ),
    )
    receipts = {receipt.entity: receipt for receipt in council.land().receipts}
    assert receipts["person"].rows_loaded == receipts["plan"].rows_loaded == 1
    assert receipts[""].reason_code == "unknown_sheet" and "sheet 3" in receipts[""].message
    assert set(receipts) == {"person", "plan", ""}
    before = council.tree()
    council.land()
    assert council.tree() == before


def test_one_bad_sheet_leaves_the_others(council: Any) -> None:
    council.deliver(
        "ehc/ehc.xlsx",
        workbook(
            person=[PERSON[:4], ["1", "A", "B", "2015-01-01"]],
            plan=[["a title"], ["plan_id", "person_id", "start_date"], ["10", "1", "2024-01-01"]],
        ),
    )
    receipts = {receipt.entity: receipt for receipt in council.land().receipts}
    assert receipts["person"].is_loaded and receipts["plan"].reason_code == "header_not_first"
    before = council.tree()
    council.land()
    assert council.tree() == before, "the good sheet is not landed anew with the bad one"


def test_rejects_have_the_row_number_of_excel(council: Any) -> None:
    rows = [
        ["plan_id", "person_id", "start_date", None],
        ["1", "P", "x"],
        [None, None, None],
        [None, "P", "x"],
        ["2", "P", "x", "beyond the header"],
        ["3", "P", "x"],
        ["4", "P", "x"],
    ]
    council.deliver("ehc/ehc_plan.xlsx", workbook(plan=rows))
    receipt = council.only(council.land())
    assert (receipt.rows_received, receipt.rows_loaded, receipt.rows_rejected) == (5, 3, 2)
    assert values(council, "ehc.plan", "plan_id, _source_row") == [("1", 2), ("3", 6), ("4", 7)]
    assert [(r["source_row"], r["reason_code"]) for r in council.rejects()] == [
        (4, "blank_key"),
        (5, "too_many_fields"),
    ]


def test_named_sheet_is_preferred_to_the_first(council: Any) -> None:
    council.deliver(
        "ehc/ehc_plan.xlsx",
        workbook(Cover=[["EHC plans"]], Plan=[["plan_id", "person_id", "start_date"], ["1", "P", "x"]]),
    )
    receipts = {receipt.entity: receipt for receipt in council.land().receipts}
    assert receipts["plan"].rows_loaded == 1 and receipts[""].reason_code == "unknown_sheet"
