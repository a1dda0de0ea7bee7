"""What becomes of the demonstration's explanations, and of its findings as a workbook.

The explanations are in warehouse/synthetic/answers.py; what becomes of each is told here by hand, from what the
generator planted. Endangered: a query that counts as answered and is not, or the other way round.
"""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from openpyxl import load_workbook

from warehouse import duck
from warehouse.returns import findings_book

if TYPE_CHECKING:
    from tests.conftest import County


@pytest.fixture(scope="module")
def folder(county: County) -> Path:
    return county.home.published / "returns" / "sen2" / "2027"


@pytest.fixture(scope="module")
def sheet(folder: Path) -> list[dict[str, str]]:
    with (folder / "findings.csv").open(encoding="utf-8-sig", newline="") as handle:
        return list(csv.DictReader(handle))


@pytest.fixture(scope="module")
def book(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """Title of a sheet → its rows by heading; the summary's by position."""
    found = {}
    for page in load_workbook(folder / "findings.xlsx", read_only=True).worksheets:
        first, *rows = page.iter_rows(values_only=True)
        headings = range(4) if page.title == "Summary" else first
        found[page.title] = [dict.fromkeys(headings) | dict(zip(headings, row, strict=False)) for row in rows]
    return found


def test_what_became_of_each(county: County) -> None:
    """The file is dated after the as-at date, as answers are; it counts all the same."""
    with duck.reader(county.database) as connection:
        found = connection.execute(
            "select source_row, collection_year, state, source_file from sen2.sen2__explanation order by all"
        ).fetchall()
    assert {file for *_, file in found} == {"sen2_explanation_2027-02-10.csv"}
    assert [row[:3] for row in found] == [
        (2, 2027, "used"),  # a rule as a whole
        (3, 2027, "used"),  # one child of it
        (4, 2027, "used"),
        (5, 2026, "used"),  # a pattern, in every year
        (5, 2027, "used"),
        (6, 2027, "matches_nothing"),  # nobody has this number
        (7, 2027, "expired"),  # yesterday
        (8, 2026, "not_a_query"),  # an error
        (8, 2027, "not_a_query"),
    ]


def test_explained_findings_stay_and_say_why(county: County, sheet: list[dict[str, str]]) -> None:
    """Against the file as the council wrote it and the faults as the generator planted them."""
    (file,) = (county.home.inbox / "council").glob("sen2_explanation*.csv")
    with file.open(encoding="utf-8", newline="") as handle:
        told = list(csv.DictReader(handle))
    refuge = next(row for row in told if row["rule_id"] == "P11" and row["ehc_person_id"])
    of_rule = next(row for row in told if row["rule_id"] == "P11" and not row["ehc_person_id"])
    p11 = [row for row in sheet if row["printed_id"] == "SEN2-P11"]
    with (county.home.root / "expected_findings.csv").open(encoding="utf-8", newline="") as handle:
        planted = {row["person_id"] for row in csv.DictReader(handle) if row["expected_check"] == "P11"}
    assert {row["ehc_person_id"] for row in p11} >= planted
    for row in p11:
        narrowest = refuge if row["ehc_person_id"] == refuge["ehc_person_id"] else of_rule
        assert row["is_explained"] == "yes"
        assert row["explanation_reason"] == narrowest["reason"]
        assert row["values_at_fault"] == "PostCode="
    assert {row["explained_by"] for row in sheet if row["is_explained"] == "yes"} == {"Data manager"}
    assert not [row for row in sheet if row["level"] == "E" and row["is_explained"] == "yes"]
    assert {row["is_explained"] for row in sheet if row["printed_id"] in ("SEN2-P12", "SEN2-P24", "SEN2-P08")} == {"no"}
    # Codes of Wales in the form that the pattern names: ABRI. Explained until 2028, in both years.
    (wales,) = [row for row in sheet if row["printed_id"] == "SEN2-P09"]
    assert (wales["is_explained"], wales["explained_until"]) == ("yes", "2028-02-25")


def test_the_sheets_hold_every_finding_once(book: dict[str, list[dict[str, Any]]], sheet: list[dict[str, str]]) -> None:
    explained = [row for row in sheet if row["is_explained"] == "yes"]
    still_open = [row for row in sheet if row["is_explained"] == "no"]
    assert len(book["Findings"]) == len(still_open)
    assert len(book["Explained"]) == len(explained)
    officers = {title: rows for title, rows in book.items() if "Reason" in (rows or [{}])[0] and title not in _SHARED}
    of_people = [row for row in still_open if row["record_type"] != "header"]
    assert sum(map(len, officers.values())) == len(of_people)
    with_most = Counter(row["case_officer"] for row in of_people).most_common(1)[0]
    assert len(officers[with_most[0]]) == with_most[1]
    for title, rows in officers.items():
        if title not in (findings_book.NO_OFFICER, findings_book.OTHER_OFFICERS):
            assert {row["Case officer"] for row in rows} == {title}
    rules = book["By rule"]
    assert sum(row["Open"] for row in rules) == len(still_open)
    assert sum(row["Explained"] for row in rules) == len(explained)
    assert all(not row["DfE's own number (not known to us)"] for row in rules)
    listed = book["By case officer"]
    assert sum(row["Errors"] + row["Queries"] + row["Warnings"] for row in listed) == len(of_people)
    assert [row["Rule"] for row in book["Stale explanations"]] == ["P24", "P12", "P08"]


def test_the_summary_says_what_it_rests_on(county: County, book: dict[str, list[dict[str, Any]]]) -> None:
    said = {(row[0], row[1]): row for row in book["Summary"]}
    text = " ".join(str(value) for row in book["Summary"] for value in row.values())
    assert "carried over" in text  # 2027 is provisional
    assert "DfE's own list has not been seen" in text
    assert county.settings.residential_reading == "cbds_2023"
    assert said["cbds_2023: IN FORCE", "A"][3] == "Residential, 38 to 51 weeks a year"
    assert said["rfc_1299: not in force", "A"][3] == "Residential, up to 38 weeks a year"
    (errors,) = [row for row in book["Summary"] if row[0] == "error"]
    assert errors[1] == len([row for row in book["Findings"] if row["Level"] == "error"])
    assert errors[2] == 0


def test_the_page_counts_open_findings(county: County, sheet: list[dict[str, str]]) -> None:
    page = (county.home.published / "summary.html").read_text(encoding="utf-8")
    still_open = Counter(row["level"] for row in sheet if row["is_explained"] == "no")
    explained = sum(row["is_explained"] == "yes" for row in sheet)
    assert (
        f"{still_open['E']:,} errors, {still_open['Q']:,} queries, {still_open['W']:,} warnings open; "
        f"{explained:,} findings explained"
    ) in page


_SHARED = ("Summary", "Findings", "By rule", "Explained", "Stale explanations", "By case officer")
