"""A SEN2 return lands like any extract: an XML, COLLECT's nine CSV files or a workbook, whole or not at all.

It matters because a council begins with its last returns, and a record that is lost here is a child whom nobody counts.
Counts are by hand, from the people below. Resolve: the receipt's message says what was refused, and why.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.unit.returns import sen2_files
from tests.unit.returns.sen2_files import case
from tests.unit.returns.test_check_sheets import export, workbook
from warehouse import cli
from warehouse.landing import LandingReport

# Five people, five requests; three of them with a plan, which has one setting named, one placement and one need.
PEOPLE = [case(base) for base in ("standing", "issued", "ceased", "asked", "refused")]
ROWS = {
    "header": 1,
    "person": 5,
    "requests": 5,
    "assessment": 3,
    "named_plan": 3,
    "plan_detail": 3,
    "active_plans": 3,
    "placement_detail": 3,
    "sen_need": 3,
}
CHILD = "Hill20"


@pytest.fixture
def text() -> str:
    return sen2_files.xml(PEOPLE, 2026)


def loaded(report: LandingReport) -> dict[str, int]:
    """Rows loaded by entity; every receipt adds up, and says nothing of a child."""
    for receipt in report.receipts:
        assert receipt.rows_received == receipt.rows_loaded + receipt.rows_rejected, receipt
        assert CHILD not in receipt.message
    return {receipt.entity: receipt.rows_loaded for receipt in report.receipts if receipt.is_loaded}


def records(council: Any) -> dict[str, list[tuple[Any, ...]]]:
    """What raw holds of every extract but the header, without where it came from."""
    found = {}
    for entity in list(ROWS)[1:]:
        rows = council.rows(f"sen2_return.{entity}")
        found[entity] = sorted(tuple(value for name, value in row.items() if not name.startswith("_")) for row in rows)
    return found


def put(council: Any, source: Path) -> None:
    shutil.copytree(source, council.home.inbox / "sen2_return" / source.name)


def test_an_xml_of_any_year(council: Any) -> None:
    for year in (2023, 2027):
        council.deliver(f"sen2_return/sent_in_{year}.xml", sen2_files.xml(PEOPLE, year))
    report = council.land()
    assert {(r.period, r.entity): r.rows_loaded for r in report.receipts} == {
        (str(year), entity): rows for year in (2023, 2027) for entity, rows in ROWS.items()
    }
    (first, *_) = council.rows("sen2_return.person", "collection_year, person_record_id, Surname, GenderCurrent, Sex")
    assert first == {
        "collection_year": "2023",
        "person_record_id": "00000001",
        "Surname": "Hill0",
        "GenderCurrent": "2",
        "Sex": None,
    }


def test_the_three_forms_are_one_return(council: Any, text: str, tmp_path: Path) -> None:
    """Only the time behind a date of COLLECT's and of Excel's stays as it was written."""
    council.deliver("sen2_return/sent.xml", text)
    assert loaded(council.land()) == ROWS
    expected = records(council)
    for place in (export(tmp_path / "blade", text), workbook(tmp_path / "2026 before.xlsx", text)):
        shutil.rmtree(council.home.raw / "sen2_return")
        shutil.rmtree(council.home.raw / "_landing")
        shutil.rmtree(council.home.inbox / "sen2_return")
        if place.is_dir():
            put(council, place)
        else:
            council.deliver(f"sen2_return/{place.name}", place.read_bytes())
        assert loaded(council.land()) == ROWS
        found = {
            entity: [tuple(v and str(v).removesuffix("T00:00:00") for v in row) for row in rows]
            for entity, rows in records(council).items()
        }
        assert found == expected


def test_a_second_run_touches_nothing(council: Any, text: str, tmp_path: Path) -> None:
    council.deliver("sen2_return/sent.xml", text)
    put(council, export(tmp_path / "blade", text))
    council.land()
    before = council.tree()
    assert council.land().new == frozenset()
    assert council.tree() == before


def test_the_nine_files_belong_together(council: Any, text: str, tmp_path: Path) -> None:
    """One file of nine that changes makes another return; one that is missing makes none."""
    put(council, export(tmp_path / "blade", text))
    receipts = council.land().receipts
    assert {receipt.snapshot_date.isoformat() for receipt in receipts} == {"2026-02-05"}
    assert len({receipt.file_name for receipt in receipts}) == 9
    needs = council.home.inbox / "sen2_return" / "blade" / "Blade-Export_05-02-2026_senneed.csv"
    kept = needs.read_text(encoding="utf-8")
    needs.write_text(kept.replace("ASD", "MLD"), encoding="utf-8")
    assert len(council.land().new) == 9
    needs.unlink()
    report = council.land()
    assert {receipt.reason_code for receipt in report.receipts} == {"incomplete_return"}
    assert "senneed is missing" in report.receipts[0].message
    needs.write_text(kept, encoding="utf-8")
    assert len(council.land().new) == 9, "the return as it was is the latest again"


def test_the_year_of_a_workbook_is_in_its_name(council: Any, text: str, tmp_path: Path) -> None:
    content = workbook(tmp_path / "pre.xlsx", text).read_bytes()
    council.deliver("sen2_return/before 2026-02-05.xlsx", content)
    (refused, *_) = council.land().quarantined
    assert refused.reason_code == "wrong_header"
    assert "such as 2026_sen2.xlsx" in refused.message
    council.deliver("sen2_return/2026/before.xlsx", content)
    assert {receipt.period for receipt in council.land().receipts if receipt.is_loaded} == {"2026"}


def test_a_record_that_belongs_to_no_other_is_a_reject(council: Any, text: str, tmp_path: Path) -> None:
    folder = export(tmp_path / "blade", text)
    file = folder / "Blade-Export_05-02-2026_senneed.csv"
    lines = file.read_text(encoding="utf-8").splitlines()
    cells = lines[3].split(",")
    lines[3] = ",".join([*cells[:4], "4711", *cells[5:]])
    file.write_text("\n".join(lines), encoding="utf-8")
    put(council, folder)
    assert loaded(council.land()) == ROWS | {"sen_need": 2}
    (reject,) = council.rejects()
    assert (reject["entity"], reject["source_row"], reject["reason_code"]) == ("sen_need", 4, "no_parent")
    assert "4711" in reject["raw_text"] and "4711" not in reject["message"]


def test_what_xml_repeats_or_misplaces_is_a_reject(council: Any, text: str) -> None:
    """A second assessment with the plan in it, and a need under a person: three records that are not read."""
    start, end = text.index("<Assessment>"), text.index("</Assessment>") + len("</Assessment>")
    assessment = text[start:end]
    stray = "<SENneed><SENtype>ASD</SENtype></SENneed>"
    text = text[:end] + assessment + text[end:]
    council.deliver("sen2_return/sent.xml", text.replace("<Requests>", stray + "<Requests>", 1))
    assert loaded(council.land()) == ROWS
    found = [(reject["entity"], reject["reason_code"]) for reject in council.rejects()]
    assert sorted(found) == [
        ("assessment", "repeated"),
        ("named_plan", "no_parent"),
        ("plan_detail", "no_parent"),
        ("sen_need", "misplaced"),
    ]


def test_what_is_tolerated_is_told(council: Any, text: str) -> None:
    text = text.replace("<Surname>Hill20</Surname>", "<Nickname>Hill20</Nickname><surname>Hill20</surname>")
    council.deliver("sen2_return/sent.xml", text)
    report = council.land()
    assert report.notes[0].endswith("not all is as it should be in person; countywide status says what")
    (person,) = [receipt for receipt in report.receipts if receipt.entity == "person"]
    assert "(person): Nickname: an element" in cli._remark(vars(person))
    assert "Nickname: an element that no year of the return has (1 times, first on line" in person.message
    assert "surname: an element written with other capitals" in person.message
    assert person.columns_ignored == "Nickname"


def test_dates_stay_as_they_were_sent(council: Any, text: str) -> None:
    council.deliver("sen2_return/sent.xml", text.replace("2023-02-01", "01/02/2023"))
    council.land()
    assert "01/02/2023" in {row["StartDate"] for row in council.rows("sen2_return.named_plan", "StartDate")}


@pytest.mark.parametrize(
    ("change", "reason", "said"),
    [
        (("<Year>2026</Year>", "<Year>2019</Year>"), "wrong_header", "no collection 2019"),
        (("<LEA>999</LEA>", "<LEA>302</LEA>"), "other_council", "names another council (302) than the settings (999)"),
        (("</Persons>", ""), "unreadable", "closed by another name"),
        (("<Message>", '<!DOCTYPE Message [<!ENTITY a "b">]><Message>'), "unreadable", "declares a document type"),
        (("Message>", "Children>"), "unreadable", "begins with Message"),
    ],
)
def test_what_is_no_return_is_refused_whole(
    council: Any, text: str, change: tuple[str, str], reason: str, said: str
) -> None:
    if "Year" in change[0]:
        text = text.replace("2026-01-15</ReferenceDate>", "2019-01-17</ReferenceDate>")
    council.deliver("sen2_return/sent.xml", text.replace(*change))
    report = council.land()
    assert loaded(report) == {}
    assert {receipt.reason_code for receipt in report.receipts} == {reason}
    assert said in report.receipts[0].message


def test_an_export_without_headings_shows_no_child(council: Any, text: str, tmp_path: Path) -> None:
    folder = export(tmp_path / "blade", text)
    file = folder / "Blade-Export_05-02-2026_person.csv"
    file.write_text("\n".join(file.read_text(encoding="utf-8").splitlines()[2:]), encoding="utf-8")
    put(council, folder)
    report = council.land()
    assert loaded(report) == {}
    assert "no headings" in report.receipts[0].message


def test_a_file_that_is_none_of_a_return(council: Any) -> None:
    council.deliver("sen2_return/notes_people.csv", "a,b\n1,2\n")
    receipt = council.only(council.land())
    assert receipt.reason_code == "unknown_file"


def test_a_year_that_is_made_here_is_said(council: Any, text: str) -> None:
    council.deliver("sen2_return/sent.xml", text)
    assert council.land(collection_years=(2027,)).notes == ()
    (note,) = council.land(collection_years=(2026, 2027)).notes
    assert "the case system has delivered nothing" in note and "2026 stands as it was sent" in note
    council.deliver("ehc/ehc_plan.csv", "plan_id,person_id,start_date\nA1,P1,2024-03-01\n")
    (note,) = council.land(collection_years=(2026, 2027)).notes
    assert "2026 itself" in note and "2027 is held against" in note
