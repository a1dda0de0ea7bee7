"""Workbooks that are made to harm, or that Excel makes in good faith: read as values, or refused before they cost.

A workbook that ends the process takes the whole run with it, and no `except` helps. Resolve: `warehouse/excel.py`
measures before it reads; the case shows what it did not measure.
"""

from __future__ import annotations

import io
import subprocess
import sys
import tracemalloc
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.chart import BarChart

from warehouse import excel
from warehouse.settings import REPOSITORY

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SHEET, STRINGS, BOOK = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/workbook.xml"


def saved(book: Workbook) -> dict[str, bytes]:
    """The parts of a workbook, for changing."""
    buffer = io.BytesIO()
    book.save(buffer)
    with zipfile.ZipFile(buffer) as archive:
        return {part.filename: archive.read(part) for part in archive.infolist()}


def parts(sheet: str = "", **changes: bytes) -> dict[str, bytes]:
    """A workbook of one sheet, whose cells are those of `sheet` (XML), or one cell that holds x."""
    book = Workbook()
    book.active.append(["x"])
    found = saved(book)
    if sheet:
        found[SHEET] = f'<worksheet xmlns="{MAIN}"><sheetData>{sheet}</sheetData></worksheet>'.encode()
    return found


def archived(file: Path, found: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in found.items():
            archive.writestr(name, content)
    return file


def read(file: Path) -> list[list[Any]]:
    with excel.opened(file) as workbook:
        return workbook.rows(workbook.names[0])


def refused(file: Path) -> str:
    with pytest.raises(excel.Refused) as refusal:
        read(file)
    return str(refusal.value)


def shared(*texts: str) -> bytes:
    items = "".join(f"<si><t>{text}</t></si>" for text in texts)
    return f'<sst xmlns="{MAIN}">{items}</sst>'.encode()


# ---- What Excel makes ----


def test_formulas_give_the_value_that_excel_last_saw(tmp_path: Path) -> None:
    """By hand: a number, a text, an error (which is no value), one that was never computed, and a truth."""
    cells = (
        '<row r="1"><c r="A1"><f>1+1</f><v>2</v></c><c r="B1" t="str"><f>"a"&amp;"b"</f><v>ab</v></c>'
        '<c r="C1" t="e"><f>A2/0</f><v>#DIV/0!</v></c><c r="D1"><f>HYPERLINK("http://x")</f></c>'
        '<c r="E1" t="b"><f>TRUE</f><v>1</v></c></row>'
    )
    assert read(archived(tmp_path / "f.xlsx", parts(cells))) == [[2.0, "ab", "", "", True]]


def test_a_text_that_looks_like_a_formula_stays_a_text(tmp_path: Path) -> None:
    cells = '<row r="1"><c r="A1" t="inlineStr"><is><t>=cmd|1</t></is></c></row>'
    assert read(archived(tmp_path / "f.xlsx", parts(cells))) == [["=cmd|1"]]


@pytest.mark.parametrize(("epoch", "day"), [("", date(2024, 1, 1)), ("1", date(2028, 1, 2))])
def test_dates_of_both_epochs(tmp_path: Path, epoch: str, day: date) -> None:
    """Excel on old Macs counts from 1 January 1904: 1,462 days later."""
    book = Workbook()
    book.active.append([datetime(2024, 1, 1)])
    found = saved(book)
    if epoch:
        found[BOOK] = found[BOOK].replace(b"<workbookPr", b'<workbookPr date1904="1"')
        assert b"date1904" in found[BOOK]
    (cell,) = read(archived(tmp_path / "d.xlsx", found))[0]
    assert (cell.date() if isinstance(cell, datetime) else cell) == day


def test_what_excel_did_to_a_number_is_not_undone(tmp_path: Path) -> None:
    """A long number has lost its end, and a code its leading nought: the file no longer has them."""
    cells = '<row r="1"><c r="A1"><v>1.23E+19</v></c><c r="B1"><v>12</v></c><c r="C1"><v>0.5</v></c></row>'
    assert read(archived(tmp_path / "n.xlsx", parts(cells))) == [[1.23e19, 12.0, 0.5]]


def test_merged_cells_hold_their_value_once_and_hidden_sheets_count(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["a", "b"])
    book.active.append(["c", "d"])
    book.active.merge_cells("A1:A2")
    hidden = book.create_sheet("Hidden")
    hidden.append(["h"])
    hidden.sheet_state = "veryHidden"
    file = archived(tmp_path / "m.xlsx", saved(book))
    with excel.opened(file) as workbook:
        assert workbook.names == ["Sheet", "Hidden"]
        assert workbook.rows("Sheet") == [["a", "b"], ["", "d"]]


def test_a_sheet_of_a_chart_alone_is_no_table(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["x"])
    book.create_chartsheet("Chart", 0).add_chart(BarChart())
    book.create_sheet("Second").append(["y"])
    with excel.opened(archived(tmp_path / "c.xlsx", saved(book))) as workbook:
        assert (workbook.names, workbook.position("Second")) == (["Sheet", "Second"], 3)


def test_macros_are_not_run_and_their_workbook_is_read(tmp_path: Path) -> None:
    found = parts() | {"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0 nothing that anybody reads"}
    assert read(archived(tmp_path / "m.xlsm", found)) == [["x"]]


def test_names_in_the_archive_lead_nowhere(tmp_path: Path) -> None:
    """Nothing is unpacked to the disk, so a name that climbs out of its folder is a name."""
    evil = {name: b"evil" for name in ("../../evil.txt", "/evil.txt", "C:\\evil.txt", "xl/../../evil.txt")}
    (tmp_path / "in").mkdir()
    assert read(archived(tmp_path / "in" / "p.xlsx", parts() | evil)) == [["x"]]
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["in", "p.xlsx"]


@pytest.mark.parametrize("columns", [1_000, 16_384])
def test_as_wide_as_a_sheet_can_be(tmp_path: Path, columns: int) -> None:
    book = Workbook()
    book.active.append([str(number) for number in range(columns)])
    assert [len(row) for row in read(archived(tmp_path / "w.xlsx", saved(book)))] == [columns]


def test_cells_that_are_formatted_and_empty_are_no_cells(tmp_path: Path) -> None:
    """Excel writes a cell for every row of a column that somebody coloured."""
    empty = "".join(f'<row r="{row}"><c r="XFD{row}" s="1"/></row>' for row in range(2, 20_000))
    cells = f'<row r="1"><c r="A1"><v>1</v></c></row>{empty}'
    rows = read(archived(tmp_path / "e.xlsx", parts(cells)))
    assert rows[0][0] == 1.0 and not any(cell != "" for row in rows[1:] for cell in row)


# ---- What is damaged ----

DAMAGE = {
    "cut off": lambda data: data[:-30],
    "cut in half": lambda data: data[: len(data) // 2],
    "a wrong sum": lambda data: data.replace(b"PK\x01\x02" + data.split(b"PK\x01\x02")[1][:12], b"", 1),
    "noise": lambda data: b"PK\x03\x04" + bytes(range(256)) * 10,
    "an empty archive": lambda data: b"PK\x05\x06" + bytes(18),
}


@pytest.mark.parametrize("how", DAMAGE)
def test_a_damaged_archive_is_refused(tmp_path: Path, how: str) -> None:
    file = archived(tmp_path / "d.xlsx", parts())
    file.write_bytes(DAMAGE[how](file.read_bytes()))
    assert "save it again as .xlsx" in refused(file)


def test_one_wrong_byte_is_found(tmp_path: Path) -> None:
    """The sum of a part does not fit: with a value changed and the XML still sound, nobody would see it."""
    file = tmp_path / "crc.xlsx"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name, content in parts('<row r="1"><c r="A1"><v>41</v></c></row>').items():
            archive.writestr(name, content)
    assert read(file) == [[41.0]]
    file.write_bytes(file.read_bytes().replace(b"<v>41</v>", b"<v>42</v>"))
    assert "damaged" in refused(file)


@pytest.mark.parametrize("part", [SHEET, BOOK, "xl/_rels/workbook.xml.rels"])
def test_a_missing_part_is_refused(tmp_path: Path, part: str) -> None:
    found = parts()
    del found[part]
    assert "Save the table" in (said := refused(archived(tmp_path / "d.xlsx", found))) or "save it again" in said


@pytest.mark.parametrize("content", [b"", b"<worksheet><sheetData><row>", b"\xff\xfe<", b"x" * 100])
def test_a_broken_part_is_refused(tmp_path: Path, content: bytes) -> None:
    file = archived(tmp_path / "d.xlsx", parts() | {SHEET: content})
    try:
        assert read(file) == []
    except excel.Refused as refusal:
        assert "save it again" in str(refusal)


def test_another_archive_is_refused(tmp_path: Path) -> None:
    inner = archived(tmp_path / "inner.zip", {"plan.csv": b"a,b"})
    assert "ZIP archive of something else" in refused(archived(tmp_path / "z.xlsx", {"inner.zip": inner.read_bytes()}))


def test_a_password_is_named(tmp_path: Path) -> None:
    """Excel wraps what it encrypts in an old file; an archiver marks each part."""
    file = tmp_path / "old.xlsx"
    file.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    assert "password" in refused(file)
    data = bytearray(archived(tmp_path / "zip.xlsx", parts()).read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(mark)
        while at >= 0:
            data[at + offset] |= 1
            at = data.find(mark, at + 4)
    file.write_bytes(bytes(data))
    assert "password" in refused(file)


# ---- What is made to harm ----


def test_a_bomb_is_refused_before_it_goes_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(excel, "LARGEST", 1 << 20)
    assert "unpacks to 2 MB" in refused(archived(tmp_path / "b.xlsx", parts() | {SHEET: bytes(2 << 20)}))


def test_a_bomb_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    """The archive says 10 bytes, and 64 MB would come."""
    file = archived(tmp_path / "b.xlsx", parts() | {SHEET: bytes(64 << 20)})
    lying = file.read_bytes().replace((64 << 20).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    assert lying != file.read_bytes()
    file.write_bytes(lying)
    tracemalloc.start()
    assert "damaged" in refused(file)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 8 << 20, "what the archive hides was unpacked"


BOMBS = {
    # 17 billion cells between the first and the last: half a terabyte.
    "a cell in the last corner": (
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        (),
        "far from the table",
    ),
    "a column that no sheet has": (
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="9999999"><c r="ZZZZ9999999"><v>1</v></c></row>',
        (),
        "far from the table",
    ),
    "cells without a place in a far row": (
        '<row r="1"><c r="XFD1"><v>1</v></c></row><row r="4000000000"><c><v>1</v></c></row>',
        (),
        "far from the table",
    ),
    "one column of rows that no sheet has": (
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="4000000000"><c r="A4000000000"><v>1</v></c></row>',
        (),
        "far from the table",
    ),
    "a text without end": ('<row r="1"><c r="A1" t="s"><v>0</v></c></row>', ("y" * (40 << 20),), "Excel takes 32 KB"),
    # A mebibyte of text, and two thousand cells that refer to it: two gigabytes from a file of a few kilobytes.
    "one text many times": (
        "".join(f'<row r="{row}"><c r="A{row}" t="s"><v>0</v></c></row>' for row in range(1, 2_001)),
        ("y" * (1 << 20),),
        "MB of text",
    ),
}
BOMBS["far into its part"] = (
    f"<!--{'x' * (3 << 20)}-->{BOMBS['a cell in the last corner'][0]}",
    (),
    "far from the table",
)
IN_A_PROCESS = """
import resource, sys
from pathlib import Path
from warehouse import excel

before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    with excel.opened(Path(sys.argv[1])) as workbook:
        workbook.rows(workbook.names[0])
    print("read")
except excel.Refused as refusal:
    print(refusal)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="memory is measured with getrusage")
@pytest.mark.parametrize("bomb", BOMBS)
def test_what_is_small_on_the_disk_may_not_be_without_end_in_memory(tmp_path: Path, bomb: str) -> None:
    """In a process of its own, which ends if the reader is let at it."""
    cells, texts, said = BOMBS[bomb]
    found = parts(cells)
    if texts:
        found[STRINGS] = shared(*texts)
    file = archived(tmp_path / "bomb.xlsx", found)
    assert file.stat().st_size < 100_000
    asked = [sys.executable, "-c", IN_A_PROCESS, str(file)]
    told = subprocess.run(asked, cwd=REPOSITORY, capture_output=True, text=True, timeout=60)
    assert told.returncode == 0, told.stderr[-500:]
    *words, kilobytes = told.stdout.splitlines()
    assert said in " ".join(words)
    assert int(kilobytes) < 100_000


def test_numbers_are_no_references(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A column of noughts beside a long first text is no bomb either."""
    monkeypatch.setattr(excel, "MOST_TEXT", 100_000)
    noughts = "".join(f'<row r="{row}"><c r="A{row}"><v>0</v></c></row>' for row in range(2, 200))
    cells = f'<row r="1"><c r="A1" t="s"><v>0</v></c></row>{noughts}'
    found = parts(cells) | {STRINGS: shared("y" * 1_000)}
    assert len(read(archived(tmp_path / "n.xlsx", found))) == 199


def test_a_long_text_that_few_cells_refer_to_is_read(tmp_path: Path) -> None:
    """A long note beside a million short texts is no bomb: only what is referred to counts."""
    book = Workbook()
    for row in range(100):
        book.active.append(["y" * 30_000 if row == 0 else "short", row])
    assert len(read(archived(tmp_path / "t.xlsx", saved(book)))[0][0]) == 30_000
