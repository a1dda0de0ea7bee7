"""Files that are strange without being damaged: names that mislead, lines without end, sheets without end, bombs.

Each is told in a message with the way to mend it, or lands; none costs more than a file of its size may. Resolve: look
at the reason; a new one belongs into warehouse/landing/README.md. test_fuzz.py has the accidents, this page the
intentions and what test_fuzz.py once found.
"""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.unit.test_excel import archived, parts
from warehouse.landing import csv_reader, encoding, geojson_reader, xml_reader
from warehouse.landing.quarantine import Quarantine
from warehouse.settings import REPOSITORY
from warehouse.specification import extract, sources

PLAN = b"plan_id,person_id,start_date\n"
GOOD = PLAN + b"A1,P1,2024-03-01\n"
posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such names")


def reasons(report: Any) -> dict[str, str]:
    return {receipt.file_name: receipt.reason_code or receipt.status for receipt in report.receipts}


# ---- Names ----


@posix
@pytest.mark.parametrize(
    "name", ["ehc_plan\n.csv", "ehc_plan\u202evsc.csv", "ehc_plan\x1b[31m.csv", os.fsdecode(b"ehc_\xff.csv")]
)
def test_a_name_that_cannot_be_printed_is_told_and_not_read(council: Any, name: str) -> None:
    """A line break in a name forges a line of the log; bytes that are no text cannot be written to a receipt."""
    council.deliver(f"ehc/{name}", GOOD)
    report = council.land()
    (note,) = report.notes
    assert not report.receipts and "Rename it" in note
    assert note.isprintable() and note.startswith("inbox/ehc/ehc_")


@pytest.mark.parametrize(
    "name", ["-rf ehc_plan.csv", "ehc_рlan.csv", "CON.csv", "ehc_plan.csv.exe", f"{'a' * 240}.csv"]
)
def test_a_name_that_is_none_of_ours_is_refused(council: Any, name: str) -> None:
    """The second has a Cyrillic letter for its p."""
    council.deliver(f"ehc/{name}", GOOD)
    assert reasons(council.land()) == {name: "unknown_file"}


@posix
def test_the_longest_names_land(council: Any) -> None:
    long, endless = f"ehc_plan {'x' * 240}.csv", f"ehc_plan.{'x' * 240}"
    council.deliver(f"ehc/{long}", GOOD)
    council.deliver(f"ehc/{endless}", GOOD + b"A2,P2,x\n")
    assert reasons(council.land()) == {long: "loaded", endless: "unknown_file"}


@posix
def test_a_long_name_lands_through_a_profile(council: Any) -> None:
    from tests import fuzz
    from tests.unit.landing import test_profiles as layout

    folder = council.home.root / "profiles"
    folder.mkdir()
    (folder / "ours.yml").write_text(layout.CASES, encoding="utf-8")
    csv, people = fuzz.through_a_profile()[0].values()
    council.deliver(f"ehc/cases {'x' * 240}.csv", csv)
    council.deliver("ehc/people.csv", people)
    assert {receipt.status for receipt in council.land().receipts} == {"loaded"}


@posix
def test_what_is_no_file_is_told(council: Any, tmp_path: Path) -> None:
    """A link to somewhere else would copy what it leads to into raw, with the rights of whoever runs this."""
    (tmp_path / "secret.csv").write_bytes(GOOD)
    folder = council.home.inbox / "ehc"
    (folder / "ehc_need.csv").mkdir(parents=True)
    (folder / "ehc_plan.csv").symlink_to(tmp_path / "secret.csv")
    (folder / "ehc_person.csv").symlink_to(tmp_path / "nothing.csv")
    os.mkfifo(folder / "ehc_review.csv")
    report = council.land()
    told = {note.partition(" ")[0]: note for note in report.notes}
    assert not report.receipts and set(told) == {
        "inbox/ehc/ehc_plan.csv",
        "inbox/ehc/ehc_person.csv",
        "inbox/ehc/ehc_review.csv",
    }
    assert all("Put the file itself there" in note for note in told.values())


@posix
def test_a_link_within_the_inbox_is_a_file(council: Any) -> None:
    file = council.deliver("ehc/2026-01-01/ehc_plan.csv", GOOD)
    (council.home.inbox / "ehc" / "ehc_plan_2026-02-01.csv").symlink_to(file)
    assert set(reasons(council.land()).values()) == {"loaded"}


def test_an_archive_is_not_unpacked(council: Any) -> None:
    """So no name in it leads anywhere, and no archive in it grows."""
    path = council.deliver("ehc/ehc_plan.zip", b"")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../../../evil.csv", GOOD)
        archive.writestr("C:\\evil.csv", GOOD)
    receipt = council.only(council.land())
    assert receipt.reason_code == "unknown_file" and "Unpack the file" in receipt.message
    assert not list(council.home.root.rglob("evil*"))


# ---- Nothing in it ----

EMPTY = {
    "ehc/ehc_plan.csv": (b"\xef\xbb\xbf", "wrong_header"),
    "ehc/ehc_need.csv": (b"\xff\xfe", "wrong_header"),
    "ehc/ehc_review.csv": (b" ", "wrong_header"),
    "ehc/ehc_person.csv": (b"\n\n\n", "wrong_header"),
    "ehc/ehc_advice.csv": (b"\xef\xbb\xbf\n", "wrong_header"),
    "ehc/ehc_appeal.csv": (b"\0", "truncated"),  # half a character of UTF-16
    "cin/cin.xml": (b"\xef\xbb\xbf", "truncated"),
    "boundary/wards.geojson": (b"\xef\xbb\xbf", "wrong_root"),
    "sen2_return/2026_sen2.xml": (b"\xef\xbb\xbf", "unreadable"),
    "ehc/ehc_request.csv": (GOOD.splitlines()[0], "wrong_header"),
}


def test_files_of_next_to_nothing(council: Any) -> None:
    for name, (content, _) in EMPTY.items():
        council.deliver(name, content)
    found = {f"{r.source}/{r.file_name}": r.reason_code for r in council.land().receipts}
    assert found == {name: reason for name, (_, reason) in EMPTY.items()}


def test_a_first_row_that_hangs_on_the_header_is_not_quoted(council: Any) -> None:
    """The line end after the header is lost: its last name goes on with a child's, and is near enough to be meant."""
    council.deliver("ehc/ehc_plan.csv", b"plan_id,person_id,start_dateZyx,P1,2024-03-01\nA2,P2,2024-03-02\n")
    message = council.only(council.land()).message
    assert "column 3 may be start_date" in message and "Zyx" not in message


def test_a_value_that_stands_in_a_header_is_not_told(council: Any) -> None:
    """fuzz csv 20 646: a piece of a row in the middle of a name, near enough to be taken for it."""
    council.deliver("ehc/ehc_plan.csv", GOOD.replace(b"start_date", b"start_Zyxwvte", 1))
    (message,) = (receipt.message for receipt in council.land().receipts)
    assert "column 3 may be start_date" in message and "Zyx" not in message


# ---- Without end ----


def refusal(tmp_path: Path, *content: bytes) -> Quarantine:
    file = tmp_path / "ehc_plan.csv"
    with file.open("wb") as handle:
        handle.writelines(content)
    with pytest.raises(Quarantine) as refused:
        csv_reader.read(file.name, file, extract("ehc", "plan"), tmp_path)
    return refused.value


@pytest.mark.parametrize("before", [b"A1,P1,", b'A1,P1,"'], ids=["bare", "in quotes"])
def test_a_line_without_end(tmp_path: Path, before: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred times as long in the test of memory, below."""
    monkeypatch.setattr(encoding, "LONGEST_LINE", 1 << 16)
    monkeypatch.setattr(encoding, "CHUNK", 1 << 12)
    refused = refusal(tmp_path, GOOD, before, b"x" * (1 << 17), b"\n")
    assert (refused.reason, "line 3 is longer" in refused.message) == ("endless_line", True)


def test_a_value_without_end_that_has_lines(council: Any) -> None:
    """A quote that is opened and closed a megabyte later: no line is long, and the record is."""
    council.deliver(
        "ehc/ehc_plan.csv", GOOD + b'\nA2,P2,"' + b"x" * 99_999 + b"\n" * 1 + (b"y" * 99 + b"\n") * 20_000 + b'"\n'
    )
    receipt = council.only(council.land())
    assert receipt.reason_code == "endless_line" and "line 4" in receipt.message and not council.rows("ehc.plan")


def test_a_thousand_columns_land(council: Any) -> None:
    names, values = (",".join(f"{kind}{n}" for n in range(1_000)).encode() for kind in "cv")
    council.deliver("ehc/ehc_plan.csv", PLAN.strip() + b"," + names + b"\nA1,P1,x," + values + b"\n")
    receipt = council.only(council.land())
    assert (receipt.rows_loaded, receipt.columns_ignored.count(",")) == (1, 999)


@pytest.mark.parametrize(
    "header",
    [b",".join(b"c%d" % n for n in range(100_000)), PLAN.strip() + b"," * 20_000, b"x" * 300_000, b'"' * 300_000],
    ids=["columns", "commas", "a word", "quotes"],
)
def test_a_header_without_end(tmp_path: Path, header: bytes) -> None:
    refused = refusal(tmp_path, header, b"\nA1,P1,x\n")
    assert (refused.reason, "16,384 columns" in refused.message) == ("wrong_header", True)


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_blank_lines_without_end(tmp_path: Path, end: bytes) -> None:
    assert refusal(tmp_path, PLAN.strip(), end * 3_000_000).reason == "no_rows"


def test_blanks_without_end(tmp_path: Path) -> None:
    from tests import fuzz

    (text,) = fuzz.areas()[0].values()
    file = tmp_path / "wards.geojson"
    file.write_bytes(text.replace(b"{", b"{" + b" \n" * 5_000_000, 1))
    assert geojson_reader.read(file.name, file, extract("boundary", "area"), tmp_path).received == 3


def test_json_behind_the_json_is_not_lost(council: Any) -> None:
    """Two collections put end to end: the second was passed over in silence."""
    from tests import fuzz

    (text,) = fuzz.areas()[0].values()
    council.deliver("boundary/wards.geojson", text + b"\n \n")
    council.deliver("boundary/other.geojson", text + text)
    assert reasons(council.land()) == {"wards.geojson": "loaded", "other.geojson": "not_well_formed"}


IN_A_PROCESS = """
import os, resource, sys, time
from pathlib import Path
from unittest.mock import patch
from warehouse import landing
from warehouse.landing import ledger
from warehouse.settings import Home, Settings

home = Home(Path(sys.argv[1]))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
with patch.object(ledger, "write_layouts"):
    report = landing.land(Settings(home=home, threads=1, memory="500MB"))
for receipt in report.receipts:
    print(receipt.file_name, receipt.entity, receipt.reason_code or receipt.status, sep="|")
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""
LONG = 100 << 20
CIN = (
    b"<Message><Header><CollectionDetails><Collection>CIN</Collection><Year>2026</Year></CollectionDetails></Header>"
    b"<Children><Child%s><ChildIdentifiers><LAchildID>%s</LAchildID></ChildIdentifiers></Child></Children></Message>"
)
AREA = (
    b'{"type": "FeatureCollection", "features": '
    b'[{"type": "Feature", "properties": {"WD24CD": "%s"}, "geometry": null}]}'
)
# What stands before and behind a hundred million times the same, the bar being where it is; and the reason.
ENDLESS = {
    "ehc/ehc_plan.csv": (GOOD + b"A2,P2,|\n", b"x", "endless_line"),
    "ehc/ehc_need.csv": (PLAN + b"|", b"\0", "not_text"),
    "cin/text.xml": (CIN % (b"", b"|"), b"x", "not_well_formed"),
    "cin/attribute.xml": (CIN % (b" a='|'", b"1"), b"x", "not_well_formed"),
    "boundary/wards.geojson": (AREA % b"|", b"x", "unsafe_json"),
    "sen2_return/2026_sen2.xml": (b"<Message><Header><CollectionDetails><Year>2026|</Year>", b"x", "unreadable"),
}


@pytest.mark.skipif(sys.platform == "win32", reason="memory is measured with getrusage")
def test_a_line_of_a_hundred_megabytes_is_not_held(tmp_path: Path) -> None:
    """All of them in one process, which may not grow by what two of them would take: DuckDB and Arrow need some."""
    for name, (text, piece, _) in ENDLESS.items():
        file = tmp_path / "inbox" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        before, _, after = text.partition(b"|")
        with file.open("wb") as handle:
            handle.write(before)
            if piece == b"\0":
                handle.truncate(len(before) + LONG)  # a hole, which takes no room on the disk
            for _ in range(LONG >> 20 if piece != b"\0" else 0):
                handle.write(piece * (1 << 20))
            handle.write(after)
    asked = [sys.executable, "-c", IN_A_PROCESS, str(tmp_path)]
    told = subprocess.run(asked, cwd=REPOSITORY, capture_output=True, text=True, timeout=300)
    assert told.returncode == 0, told.stderr[-800:]
    *lines, kilobytes = told.stdout.splitlines()
    found = {line.split("|")[0]: line.split("|")[2] for line in lines}
    assert found == {name.partition("/")[2]: reason for name, (_, _, reason) in ENDLESS.items()}
    assert int(kilobytes) < 200_000


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"<ChildIdentifiers>", b"<a/>" * 200_000 + b"<ChildIdentifiers>"),
        (b"<Children>", b"<o><a><b><c>" + b"<d/>" * 200_000 + b"</c></b></a></o><Children>"),
    ],
    ids=["a record", "an element outside"],
)
def test_an_element_of_elements_without_end(tmp_path: Path, old: bytes, new: bytes) -> None:
    """It is held as long as it is open: a record of ten million elements took gigabytes."""
    file = tmp_path / "cin.xml"
    file.write_bytes((CIN % (b"", b"1")).replace(old, new, 1))
    with pytest.raises(Quarantine, match="more than 100,000 others"):
        xml_reader.read("cin.xml", file, list(sources()["cin"].extracts), tmp_path)


def test_many_small_records_and_elements_land(tmp_path: Path) -> None:
    text = (CIN % (b"", b"1")).replace(b"<Children>", b"<a/>" * 150_000 + b"<Children>")
    child = text.partition(b"<Child>")[2].partition(b"</Child>")[0]
    file = tmp_path / "cin.xml"
    file.write_bytes(text.replace(b"</Children>", (b"<Child>" + child + b"</Child>") * 60_000 + b"</Children>"))
    staged, _ = xml_reader.read("cin.xml", file, list(sources()["cin"].extracts), tmp_path)["child"]
    assert staged.received == 60_001


# ---- Workbooks, as landing tells of them: tests/unit/test_excel.py has the rest ----


def test_a_workbook_that_harms_is_refused_and_the_next_file_lands(council: Any) -> None:
    corner = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    archived(council.deliver("ehc/ehc_plan.xlsx", b""), parts(corner))
    council.deliver("ehc/ehc_need.csv", b"plan_id,person_id,sen_type,rank\nA1,P1,ASD,1\n")
    report = council.land()
    assert reasons(report) == {"ehc_plan.xlsx": "not_xlsx", "ehc_need.csv": "loaded"}
    (message,) = (receipt.message for receipt in report.quarantined)
    assert message.startswith("ehc_plan.xlsx (sheet 1): ") or message.startswith("ehc_plan.xlsx: ")
    assert "Delete the rows" in message


def test_a_workbook_with_macros_lands(council: Any) -> None:
    cells = "".join(
        f'<row r="{row}">'
        + "".join(f'<c r="{c}{row}" t="inlineStr"><is><t>{v}</t></is></c>' for c, v in zip("ABC", values, strict=True))
        + "</row>"
        for row, values in enumerate([("plan_id", "person_id", "start_date"), ("A1", "=P1", "2024-03-01")], 1)
    )
    found = parts(cells) | {"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0 macros"}
    archived(council.deliver("ehc/ehc_plan.xlsm", b""), found)
    assert council.only(council.land()).is_loaded
    (row,) = council.rows("ehc.plan", "plan_id, person_id, start_date")
    assert tuple(row.values()) == ("A1", "=P1", "2024-03-01")


# ---- What test_fuzz.py once found ----


def test_a_sheet_that_cannot_be_read_is_a_quarantine(council: Any) -> None:
    """The error of a sheet came when it was read, past those that were expected when the workbook was opened."""
    found = parts()
    found["xl/worksheets/sheet1.xml"] = found["xl/worksheets/sheet1.xml"].partition(b"</row>")[0]
    archived(council.deliver("ehc/ehc_plan.xlsx", b""), found)
    assert council.only(council.land()).reason_code == "not_xlsx"


def test_xml_in_an_encoding_that_does_not_exist(council: Any) -> None:
    council.deliver("cin/cin.xml", b'<?xml version="1.0" encoding="utf-8x"?>' + CIN % (b"", b"1"))
    assert {receipt.reason_code for receipt in council.land().receipts} == {"bad_encoding"}


@pytest.mark.parametrize("tag", ["x:Child", "a:b:Child", "x:1"])
def test_a_prefix_that_nobody_declared_is_refused(council: Any, tag: str) -> None:
    text = (CIN % (b"", b"1")).replace(b"<Child>", f"<{tag}>".encode()).replace(b"</Child>", f"</{tag}>".encode())
    council.deliver("cin/cin.xml", text)
    assert {receipt.reason_code for receipt in council.land().receipts} == {"not_well_formed"}


def test_the_early_years_census_as_xml(council: Any) -> None:
    """What a record refers to above itself was cleared before the record was read: every child was refused."""
    from tests import fuzz

    council.deliver("early_years_census/e.xml", fuzz._xml("EYC", "Message", "<Year>2026</Year>", fuzz.EARLY))
    assert council.only(council.land()).is_loaded
    (row,) = council.rows("early_years_census.child", "collection_year, setting_urn, forename")
    assert tuple(row.values()) == ("2026", "EY1", "A")


def test_settings_before_and_behind_their_children(tmp_path: Path) -> None:
    """Each child has its own setting, and memory is that of one."""
    settings = "".join(
        f"<Setting><SettingURN>EY{n}</SettingURN><Children><Child><Surname>{n}</Surname></Child></Children></Setting>"
        for n in range(3)
    )
    header = "<Header><CollectionDetails><Collection>EYC</Collection><Year>2026</Year></CollectionDetails></Header>"
    file = tmp_path / "e.xml"
    file.write_text(f"<Message>{header}<Settings>{settings}</Settings></Message>", encoding="utf-8")
    read = xml_reader.read("e.xml", file, list(sources()["early_years_census"].extracts), tmp_path)
    staged, _ = read["child"]
    place = staged.fields["setting_urn"] + 1
    lines = staged.file.read_text(encoding="utf-8").splitlines()
    assert [line.split(",")[place] for line in lines] == ['"EY0"', '"EY1"', '"EY2"']
