"""The writer and the schema. They matter because a file that COLLECT cannot read is a missed deadline.

small_2026.xml was written by hand from the skeleton in section 2.1 of the reference. Resolve a difference by asking
which of the two says what the reference says; only a change of the rows may change the file.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from tests.unit.returns import sen2_generated, sen2_records
from tests.unit.returns.sen2_cases import FOLDER
from tests.unit.returns.sen2_mart import YEARS
from warehouse import duck
from warehouse.returns import layout, writer, xsd
from warehouse.returns.writer import RecordsDoNotMeet, Writer, rows_of
from warehouse.settings import REPOSITORY

APPROVED = FOLDER / "small_2026.xml"


def write(database: Path, file: Path, year: int = 2026) -> Writer:
    with duck.reader(database) as connection:
        written = Writer(layout.message(year, demonstration=True), rows_of(connection, "sen2", year))
        written.write(file)
    return written


def schema(year: int = 2026, demonstration: bool = True) -> etree._ElementTree:
    return xsd.schema(layout.message(year, demonstration), "test")


def faults(file: Path, year: int = 2026) -> set[tuple[str, str]]:
    return {(fault.element, fault.kind) for fault in xsd.faults(file, schema(year), "Person")[0]}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sen2_records.database(tmp_path_factory.mktemp("small") / "small.duckdb")


def test_approved_file(small: Path, tmp_path: Path) -> None:
    written = write(small, tmp_path / "out.xml")
    assert (tmp_path / "out.xml").read_text(encoding="utf-8") == APPROVED.read_text(encoding="utf-8")
    assert (written.counts["person"], written.counts["requests"], written.counts["sen_need"]) == (2, 3, 2)


@pytest.mark.parametrize("band", [1, 2, 3])
def test_bands_do_not_show(small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, band: int) -> None:
    """The tables are read in bands of so many people; the file is the same wherever a band ends."""
    monkeypatch.setattr(writer, "BAND", band)
    write(small, tmp_path / "out.xml")
    assert (tmp_path / "out.xml").read_bytes() == APPROVED.read_bytes()


def test_the_same_bytes_again(small: Path, tmp_path: Path) -> None:
    for name in ("one.xml", "two.xml"):
        write(small, tmp_path / name)
    assert (tmp_path / "one.xml").read_bytes() == (tmp_path / "two.xml").read_bytes()


def test_approved_file_is_valid() -> None:
    assert not faults(APPROVED)


@pytest.mark.parametrize("year", YEARS)
def test_a_full_record_is_valid_in_every_year(year: int, tmp_path: Path) -> None:
    """Each item of the year is filled, written and accepted."""
    message = layout.message(year, demonstration=True)
    ids = {"person_record_id": "1", "request_record_id": "1a"}
    rows = []
    for table in sen2_records.tables(year):
        row: dict[str, Any] = {}
        for module in message.walk():
            if module.table == table:
                row |= {name: ids.get(name, "x") for name in module.key}
                row |= {item.element: filling(item, year) for item in module.items}
        rows.append((table.removeprefix("sen2__"), row))
    write(sen2_records.database(tmp_path / "full.duckdb", tuple(rows), year), tmp_path / "full.xml", year)
    assert not faults(tmp_path / "full.xml", year)
    written = {element.tag for element in etree.parse(tmp_path / "full.xml").iter()}
    assert {item.tag for module in message.walk() for item in module.items} <= written


def filling(item: layout.Item, year: int) -> str:
    if item.fixed_value:
        return item.fixed_value
    if item.codes:
        return item.codes[0]
    return {"date": "2025-05-05", "date_time": "2026-02-02T09:30:00", "year": str(year)}.get(item.data_type, "001")


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("<Forename>Ada</Forename>", "", None),
        ("<Sex>M</Sex>", "<Sex>U</Sex>", ("Sex", "cvc_enumeration_valid")),
        ("<LEA>999</LEA>", "<LEA>XXX</LEA>", ("LEA", "cvc_enumeration_valid")),
        ("<Collection>SEN2</Collection>", "<Collection>SEN3</Collection>", ("Collection", "cvc_elt_5_2_2_2_2")),
        ("<Year>2026</Year>", "", ("ReferenceDate", "element_content")),
        ("2021-07-04", "04/07/2021", ("PersonBirthDate", "cvc_datatype_valid_1_2_1")),
        ("2021-07-04", "", ("PersonBirthDate", "cvc_datatype_valid_1_2_1")),
        ("<SerialNo>001</SerialNo>", "<SerialNo>1</SerialNo>", ("SerialNo", "cvc_pattern_valid")),
        ("<Forename>Ada</Forename>", "<Middle>A</Middle>", ("Middle", "element_content")),
        ("<RYA>0</RYA>\n        <RequestOutcome>A", "<RequestOutcome>A", None),
        (
            "<RYA>0</RYA>\n        <RequestOutcome>A</RequestOutcome>",
            "<RequestOutcome>A</RequestOutcome><RYA>0</RYA>",
            ("RYA", "element_content"),
        ),
        ("<PB>1</PB>", "<PB>1</PB><PB>1</PB>", ("PB", "element_content")),
        ("<PB>1</PB>", "<PlanDetail><URN>1</URN></PlanDetail><PB>1</PB>", ("PlanDetail", "element_content")),
        ("<Sex>M</Sex>", "<GenderCurrent>1</GenderCurrent>", ("GenderCurrent", "element_content")),
    ],
    ids=[
        "an optional item may be absent",
        "code of no list",
        "a code that only other items take",
        "fixed text",
        "a mandatory header item",
        "date in another form",
        "empty date",
        "serial number",
        "unknown item",
        "blank items are left out",
        "wrong order",
        "twice",
        "out of place",
        "item of another year",
    ],
)
def test_what_the_schema_refuses(old: str, new: str, fault: tuple[str, str] | None, tmp_path: Path) -> None:
    text = APPROVED.read_text(encoding="utf-8")
    assert old in text
    file = tmp_path / "broken.xml"
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    assert faults(file) == ({fault} if fault else set())


def test_more_than_two_needs(tmp_path: Path) -> None:
    text = APPROVED.read_text(encoding="utf-8")
    need = "<SENneed><SENtype>HI</SENtype><SENtypeRank>2</SENtypeRank></SENneed>"
    file = tmp_path / "broken.xml"
    file.write_text(text.replace("<ReviewMeeting>", f"{need}<ReviewMeeting>"), encoding="utf-8")
    assert faults(file) == {("SENneed", "element_content")}


def test_a_fault_has_its_line_and_no_value(tmp_path: Path) -> None:
    file = tmp_path / "broken.xml"
    file.write_text(APPROVED.read_text(encoding="utf-8").replace("2021-07-04", "4 July"), encoding="utf-8")
    (fault,), counted = xsd.faults(file, schema(), "Person")
    line = file.read_text(encoding="utf-8").splitlines()[fault.line - 1]
    assert "4 July" in line
    assert "July" not in repr(fault)
    assert counted == {"cvc_datatype_valid_1_2_1": 1}


def test_the_demonstration_council_counts_only_in_a_demonstration(tmp_path: Path) -> None:
    found, _ = xsd.faults(APPROVED, schema(demonstration=False), "Person")
    assert [fault.element for fault in found] == ["LEA"]


def test_codes_of_other_years_and_lists_are_left_out_and_counted(tmp_path: Path) -> None:
    rows = (
        *sen2_records.SMALL[:1],
        ("person", {"person_record_id": "1", "Surname": "Hill", "Sex": "U", "Ethnicity": "WBRI"}),
    )
    written = write(sen2_records.database(tmp_path / "d.duckdb", rows), tmp_path / "out.xml")
    assert written.left_out == {"Sex": 1}
    assert "<Sex>" not in (tmp_path / "out.xml").read_text(encoding="utf-8")
    assert not faults(tmp_path / "out.xml")


def test_characters_that_xml_cannot_hold(tmp_path: Path) -> None:
    rows = (
        *sen2_records.SMALL[:1],
        ("person", {"person_record_id": "1", "Surname": "Hi\x0bll\x1f", "Forename": " \t "}),
    )
    written = write(sen2_records.database(tmp_path / "d.duckdb", rows), tmp_path / "out.xml")
    text = (tmp_path / "out.xml").read_text(encoding="utf-8")
    assert "<Surname>Hill</Surname>" in text
    assert "<Forename>" not in text
    assert written.removed == {"Surname": 2}


@pytest.mark.parametrize("band", [1, 10_000])
@pytest.mark.parametrize(
    "row",
    [
        ("requests", {"person_record_id": "0", "request_record_id": "0a"}),
        ("requests", {"person_record_id": "9", "request_record_id": "9a"}),
        ("sen_need", {"person_record_id": "2", "request_record_id": "2b", "need_record_id": "n9"}),
        ("person", {"person_record_id": "2"}),
        ("requests", {"person_record_id": "2", "request_record_id": None}),
        ("requests", {"person_record_id": None, "request_record_id": "2c"}),
    ],
    ids=["no parent before", "no parent after", "no parent between", "twice", "no id", "no person"],
)
def test_a_record_is_never_lost(
    row: tuple[str, dict[str, Any]], band: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A record that the walk would pass by stops the writing."""
    monkeypatch.setattr(writer, "BAND", band)
    database = sen2_records.database(tmp_path / "d.duckdb", (*sen2_records.SMALL, row))
    with pytest.raises(RecordsDoNotMeet):
        write(database, tmp_path / "out.xml")


_PEAK = """
import resource, sys
from datetime import date
from pathlib import Path
from warehouse import duck
from warehouse.returns import collect, layout, xsd
from warehouse.returns.writer import Writer, rows_of

database, folder = map(Path, sys.argv[1:])
message = layout.message(2026, demonstration=True)
with duck.reader(database) as connection, collect.Export(message, folder / "collect", date(2026, 1, 15)) as export:
    Writer(message, rows_of(connection, "sen2", 2026), export).write(folder / "out.xml")
xsd.faults(folder / "out.xml", xsd.schema(message, ""), "Person")
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not tell a process its peak of memory")
def test_memory_does_not_grow_with_people(tmp_path: Path) -> None:
    """A process that writes and checks 100,000 people peaks less than 80 MB above one that does it for 1,000.

    What grows is the band of 10,000 that is read at once, and the database's own buffer; then it stops. The file read
    whole would be several hundred MB.
    """
    peaks = {}
    for people in (1_000, 100_000):
        folder = tmp_path / str(people)
        folder.mkdir()
        database = sen2_generated.generate(folder / "made.duckdb", 2026, people, fullness=3)
        child = subprocess.run(
            [sys.executable, "-c", _PEAK, str(database), str(folder)],
            capture_output=True,
            text=True,
            check=True,
            cwd=REPOSITORY,
        )
        # Linux counts in KiB, macOS in bytes.
        peaks[people] = int(child.stdout) / (1 << 20 if sys.platform == "darwin" else 1 << 10)
    assert (tmp_path / "100000" / "out.xml").stat().st_size > 20 * (tmp_path / "1000" / "out.xml").stat().st_size
    assert peaks[100_000] - peaks[1_000] < 80, peaks


def test_unknown_year() -> None:
    with pytest.raises(layout.YearNotKnown, match="2023, 2024, 2025, 2026, 2027"):
        layout.message(2019)


def test_empty_return_is_still_a_file(tmp_path: Path) -> None:
    write(sen2_records.database(tmp_path / "d.duckdb", sen2_records.SMALL[:1]), tmp_path / "out.xml")
    assert not faults(tmp_path / "out.xml")
