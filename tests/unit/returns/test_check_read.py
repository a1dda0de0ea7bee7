"""Files that are not as they should be: each fault is told with its line, the rest is read, and harm is refused.

A data manager gets files from suppliers; a fault that is passed over in silence is a record lost. Resolve: look at the
line that the fault names.
"""

from __future__ import annotations

import tracemalloc
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.unit.returns import sen2_files
from tests.unit.returns.sen2_mart import YEARS
from warehouse.returns.check import mend, read, shape
from warehouse.returns.check.read import Reader, Unreadable

YEAR = 2026
TWO = sen2_files.xml([sen2_files.case("issued"), sen2_files.case("asked")], YEAR)


class Kept:
    """What a reader hands over, by table."""

    def __init__(self) -> None:
        self.rows: dict[str, list[dict[str, Any]]] = {}

    def __call__(self, table: str, rows: list[dict[str, Any]]) -> None:
        self.rows.setdefault(table.removeprefix("sen2__"), []).extend(dict(row) for row in rows)


def taken(folder: Path, text: str | bytes, year: int = YEAR) -> tuple[Reader, dict[str, list[dict[str, Any]]]]:
    """The reader after it has read this text, and the rows."""
    file = folder / "return.xml"
    file.write_bytes(text.encode("utf-8") if isinstance(text, str) else text)
    kept = Kept()
    reader = Reader(shape.message(year), kept)
    reader.read(file)
    return reader, kept.rows


def test_a_sound_file_has_no_fault(tmp_path: Path) -> None:
    reader, rows = taken(tmp_path, TWO)
    assert not reader.faults
    assert {table: len(found) for table, found in rows.items()} == {
        "header": 1,
        "person": 2,
        "requests": 2,
        "assessment": 1,
        "named_plan": 1,
        "plan_detail": 1,
        "active_plans": 1,
        "placement_detail": 1,
        "sen_need": 1,
    }
    (need,) = rows["sen_need"]
    assert need == {
        "person_record_id": "00000001",
        "request_record_id": "00000001.000001",
        "need_record_id": "00000001.000001.000001",
        "source_row": sen2_files.line_of(TWO, "<SENneed>"),
        "SENtype": "ASD",
        "SENtypeRank": "1",
    }


@pytest.mark.parametrize("year", YEARS)
def test_a_file_of_each_year_has_no_fault(tmp_path: Path, year: int) -> None:
    reader, _ = taken(tmp_path, sen2_files.xml([sen2_files.case("issued"), sen2_files.case("ceased")], year), year)
    assert (reader.people, reader.faults) == (2, [])


SURNAME, FORENAME = "<Surname>Hill0</Surname>", "<Forename>Ada</Forename>"
FAULTS = [
    ("unknown_element", "<Forename>", "<Nickname>x</Nickname>\n<Forename>", "Nickname"),
    ("other_year", "<EntryDate>", "<AttendancePattern>FT</AttendancePattern>\n<EntryDate>", "AttendancePattern"),
    ("misplaced", "<Forename>", "<Week20>1</Week20>\n<Forename>", "Week20"),
    ("letter_case", "<Ethnicity>WBRI</Ethnicity>", "<ethnicity>WBRI</ethnicity>", "ethnicity"),
    ("order", f"{SURNAME}\n{FORENAME}", f"{FORENAME}\n{SURNAME}", "Surname"),
    ("repeated", "<Sex>F</Sex>", "<Sex>F</Sex>\n<Sex>M</Sex>", "Sex"),
    ("not_a_date", "<ReceivedDate>2025-01-31", "<ReceivedDate>2025-02-31", "ReceivedDate"),
    ("date_form", "<ReceivedDate>2025-01-31", "<ReceivedDate>31/01/2025", "ReceivedDate"),
    ("date_form", "<ReceivedDate>2025-01-31", "<ReceivedDate>2025-01-31T00:00:00", "ReceivedDate"),
    ("attribute", "<Surname>", '<Surname lang="cy">', "Surname"),
    ("stray_text", "<Forename>", "stray\n<Forename>", "Person"),
    ("namespace", "<Message>", '<Message xmlns="urn:x">', "Message"),
    ("missing", "<Source>", "<Sauce>", "Source"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "old", "new", "element"), FAULTS, ids=lambda value: value if value.isalpha() else "")
def test_a_fault_is_told_with_its_line_and_the_rest_is_read(
    tmp_path: Path, kind: str, old: str, new: str, element: str
) -> None:
    assert old in TWO, "the case has changed"
    text = TWO.replace(old, new, 1).replace("</Source>", "</Sauce>" if "Sauce" in new else "</Source>")
    reader, rows = taken(tmp_path, text)
    found = [fault for fault in reader.faults if fault.kind == kind]
    assert [fault.element for fault in found] == [element]
    assert {key for key, _ in reader.counts} <= {kind, "unknown_element"}
    if kind not in ("missing", "stray_text"):
        assert found[0].line == sen2_files.line_of(text, new) + new.count("\n", 0, new.rindex(f"<{element}"))
    assert reader.people == 2
    person = rows["person"][0]
    assert person["Forename"] == "Ada"
    assert person["Ethnicity"] == "WBRI"
    assert person["Sex"] == "F", "the first of two is read"
    received = None if kind == "not_a_date" else date(2025, 1, 31)
    assert rows["requests"][0].get("ReceivedDate") == received


def test_a_fault_has_its_person_and_path(tmp_path: Path) -> None:
    text = TWO[::-1].replace("<RequestOutcome>"[::-1], "<Colour>x</Colour><RequestOutcome>"[::-1], 1)[::-1]
    reader, _ = taken(tmp_path, text)
    (fault,) = reader.faults
    assert (fault.person, fault.path) == (2, "/Message/Persons/Person[2]/Requests[1]/Colour")


def test_empty_and_absent_are_the_same(tmp_path: Path) -> None:
    absent = taken(tmp_path, TWO.replace("<PostCode>AB1 2CD</PostCode>\n", ""))[1]
    empty = taken(tmp_path, TWO.replace("<PostCode>AB1 2CD</PostCode>\n", "<PostCode/>\n"))[1]
    spaces = taken(tmp_path, TWO.replace("<PostCode>AB1 2CD</PostCode>\n", "<PostCode>  </PostCode>\n"))
    assert "PostCode" not in absent["person"][0]
    for rows in (empty, spaces[1]):
        assert "PostCode" not in rows["person"][0]
    assert not spaces[0].faults


def test_a_plan_beside_its_assessment_is_read_and_told(tmp_path: Path) -> None:
    """NamedPlan belongs into Assessment; directly in Requests it is still clear whose plan it is."""
    start, end = TWO.index("<NamedPlan>"), TWO.index("</NamedPlan>\n") + len("</NamedPlan>\n")
    plan = TWO[start:end]
    text = TWO.replace(plan, "").replace("</Assessment>\n", f"</Assessment>\n{plan}")
    reader, rows = taken(tmp_path, text)
    assert reader.counts == {("misplaced", "NamedPlan"): 1}
    assert rows["named_plan"][0]["request_record_id"] == "00000001.000001"
    assert len(rows["plan_detail"]) == 1


def test_a_second_block_of_people_is_read_and_told(tmp_path: Path) -> None:
    start, end = TWO.index("<Person>"), TWO.index("</Person>\n") + len("</Person>\n")
    text = TWO.replace("</Persons>", f"</Persons>\n<Persons>\n{TWO[start:end]}</Persons>")
    reader, rows = taken(tmp_path, text)
    assert reader.counts == {("too_many", "Persons"): 1}
    assert len(rows["person"]) == 3
    assert "the first was read" not in read.WORDS["too_many"]


def test_a_second_assessment_is_not_read(tmp_path: Path) -> None:
    start, end = TWO.index("<Assessment>"), TWO.index("</Assessment>\n") + len("</Assessment>\n")
    reader, rows = taken(tmp_path, TWO.replace(TWO[start:end], TWO[start:end] * 2))
    assert reader.counts == {("repeated", "Assessment"): 1}
    assert len(rows["assessment"]) == 1


@pytest.mark.parametrize(("settings", "told"), [(2, 0), (3, 1)])
def test_more_settings_than_a_plan_may_have(tmp_path: Path, settings: int, told: int) -> None:
    start, end = TWO.index("<PlanDetail>"), TWO.index("</PlanDetail>\n") + len("</PlanDetail>\n")
    reader, rows = taken(tmp_path, TWO.replace(TWO[start:end], TWO[start:end] * settings))
    assert reader.counts.total() == told
    assert [row["plan_detail_record_id"][-1] for row in rows["plan_detail"]] == list("123")[:settings]


def test_a_file_of_another_year_tells_what_does_not_belong(tmp_path: Path) -> None:
    """A return of 2023 read as one of 2026: gender became sex in 2024, and the attendance pattern went."""
    text = sen2_files.xml([sen2_files.case("issued")], 2023)
    reader, _ = taken(tmp_path, text)
    assert set(reader.counts) == {("other_year", "GenderCurrent"), ("other_year", "AttendancePattern")}


def test_batches_do_not_show(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = taken(tmp_path, TWO)[1]
    monkeypatch.setattr(read, "BATCH", 1)
    assert taken(tmp_path, TWO)[1] == whole


def test_places_are_bounded_and_counts_are_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read, "PLACES", 2)
    reader, _ = taken(tmp_path, TWO.replace("<Surname>", "<X/><X/><X/><Surname>", 1))
    assert (len(reader.faults), reader.counts["unknown_element", "X"]) == (2, 3)


@pytest.mark.parametrize(
    ("text", "value", "kind"),
    [
        ("2024-02-29", date(2024, 2, 29), ""),
        ("2025-02-29", None, "not_a_date"),
        ("29/02/2024", date(2024, 2, 29), "date_form"),
        ("2024-02-29Z", date(2024, 2, 29), "date_form"),
        ("2024-W09-4", None, "not_a_date"),
        ("20240229", None, "not_a_date"),
        ("soon", None, "not_a_date"),
    ],
)
def test_dates(text: str, value: date | None, kind: str) -> None:
    assert read.read_date(text) == (value, kind)


@pytest.mark.parametrize("year", YEARS)
def test_the_year_is_that_of_the_header(tmp_path: Path, year: int) -> None:
    file = sen2_files.write(tmp_path / "r.xml", sen2_files.xml([sen2_files.case()], year))
    assert read.year_of(file) == year
    sen2_files.write(file, file.read_text(encoding="utf-8").replace(f"<Year>{year}</Year>", ""))
    assert read.year_of(file) == year, "the reference date tells it too"


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefghi", "bcdefghij", strict=True))
    + "]><Message>&j;</Message>"
)
HOSTILE = [
    (BOMB, "document type"),
    ('<!DOCTYPE m [<!ENTITY x SYSTEM "file:///etc/passwd">]><Message>&x;</Message>', "document type"),
    ('<!DOCTYPE Message SYSTEM "http://example.org/m.dtd"><Message/>', "document type"),
    ("<Message>" + "<a>" * 1_000_000, "64 deep"),
    (f"<Message><Persons><Person><Surname>{'x' * 3_000_000}</Surname></Person></Persons></Message>", "characters"),
    (f"<Message><Strange>{'x' * 3_000_000}</Strange></Message>", "characters"),
    (f"<Message><Persons {'x' * 6_000_000}", "bytes"),
    (f"<Message><!-- {'x' * 6_000_000}", "bytes"),
    ('<?xml version="1.0" encoding="utf-16"?><Message/>', "encoding"),
    ('<?xml version="1.0" encoding="klingon"?><Message/>', "encoding"),
    ("<Message><Surname>Zoë</Surname></Message>".encode("cp1252"), "encoding"),
    ("<Message><Persons>", "cut off"),
    ("<Message><Persons></Message>", "another name"),
    ("<Message><Surname>Hi", "cut off"),
    ("<Message><Surna", "within an element: it was cut off"),
    ("<Message><Surname>Smith & Jones</Surname></Message>", "&amp;"),
    ("<Message><Surname>A\0B</Surname></Message>", "character that XML does not allow"),
    ("person,surname\n1,Hill\n", "not XML"),
    ("<html><body/></html>", "outermost element is html"),
    ("", "empty"),
    (" \n\t\n", "empty"),
    (b"PK\x03\x04rest", "Excel"),
    (b"\x1f\x8brest", "gzip"),
    ("\n<?xml version='1.0'?><Message/>", "very beginning"),
    ("<Message><Surname>Zo&euml;</Surname></Message>", "write the character itself"),
    ("<Message>" + "".join(f"<x{number}/>" for number in range(200_000)), "10,000 names"),
    ("<Message><Other>" + "".join(f"<x{number}/>" for number in range(200_000)), "10,000 names"),
    ("<Message>" + "".join(f"<Header x{number}=''/>" for number in range(200_000)), "10,000 names"),
]


@pytest.mark.parametrize(
    ("text", "said"), HOSTILE, ids=[f"{number} {said}" for number, (_, said) in enumerate(HOSTILE)]
)
def test_harm_is_refused_in_little_memory(tmp_path: Path, text: str | bytes, said: str) -> None:
    file = tmp_path / "return.xml"
    file.write_bytes(text.encode("utf-8") if isinstance(text, str) else text)
    message = shape.message(YEAR)
    tracemalloc.start()
    with pytest.raises(Unreadable, match=said) as refused:
        read.year_of(file)
        Reader(message, Kept()).read(file)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 20_000_000
    assert "xxx" not in str(refused.value)


def test_a_file_of_another_kind_is_named_before_its_year_is_missed(tmp_path: Path) -> None:
    file = sen2_files.write(tmp_path / "return.xml", "<Catalogue><Year>2026</Year></Catalogue>")
    with pytest.raises(Unreadable, match="outermost element is Catalogue; a SEN2 return begins with Message"):
        read.year_of(file)


def test_a_year_that_is_not_open_is_named(tmp_path: Path) -> None:
    file = sen2_files.write(tmp_path / "return.xml", TWO.replace("<Year>2026<", "<Year>1999<"))
    with pytest.raises(Unreadable, match="no collection 1999"):
        read.message_for(None, read.year_of(file))


def test_a_missing_part_has_its_place(tmp_path: Path) -> None:
    (fault,) = taken(tmp_path, "<Message><Header><CollectionDetails/><Source/></Header></Message>")[0].faults
    assert (fault.kind, fault.module, fault.path) == ("missing", "message", "/Message/Persons")


def test_every_kind_of_fault_has_its_mend() -> None:
    assert set(mend.MENDS) == set(read.WORDS)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("<Surname>Hill0</Surname>", "<SURNAME>Hill</SURNAME>", "Write it as Surname"),
        ("<Surname>Hill0</Surname>", "<a:Surname>Hill</a:Surname>", "Write it as Surname"),
        ("<Surname>Hill0</Surname>", "<Surname>Hill0</Surname><SENtype>ASD</SENtype>", "It belongs in SENneed"),
        ("<Surname>Hill0</Surname>", "<Surname>Hill0</Surname><Colour/>", mend.MENDS["unknown_element"]),
        ("<Sex>", "<GenderCurrent>1</GenderCurrent><Sex>", "It belongs to the return of 2023"),
        ("<Sex>", "<UPN/><Sex>", "In Person it comes after PersonBirthDate"),
        ("</Persons>", "</Persons><Persons/>", "At most 1 here"),
    ],
    ids=["capitals", "prefix", "misplaced", "unknown", "other year", "order", "too many"],
)
def test_what_to_do_is_said_in_the_names_of_the_return(tmp_path: Path, old: str, new: str, said: str) -> None:
    """Places, names and years by hand from sections 2.1 and 2.2 of the reference."""
    assert old in TWO, "the case has changed"
    reader, _ = taken(tmp_path, TWO.replace(old, new, 1))
    assert mend.one(reader.message, reader.faults[0]) == said


def test_cp1252_that_says_so_is_read(tmp_path: Path) -> None:
    text = '<?xml version="1.0" encoding="windows-1252"?>' + TWO.replace("Ada", "Zoë", 1)
    assert taken(tmp_path, text.encode("cp1252"))[1]["person"][0]["Forename"] == "Zoë"
    assert taken(tmp_path, TWO.replace("Ada", "Zoë", 1).encode("utf-8-sig"))[1]["person"][0]["Forename"] == "Zoë"
