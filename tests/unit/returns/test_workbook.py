"""Workbooks open in Excel, say the same twice, hold no formula and leave nothing behind."""

from __future__ import annotations

import tempfile
import zipfile
from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook

from warehouse.returns import workbook
from warehouse.returns.workbook import Book, Column, Heading

COLUMNS = (Column("Name", 12), Column("What is wrong", 40, wraps=True))


def book(folder: Path, name: str = "book.xlsx", made_at: datetime = datetime(2027, 1, 21)) -> Path:
    made = Book(folder)
    made.add_page("Summary", (10, 20), ((Heading("SEN2 2027"),), ("=1+1", 3)))
    made.add_list("Findings", COLUMNS, [("a", "@b"), ("c\x0b", None)])
    made.save(folder / name, made_at)
    return folder / name


def test_what_is_written_is_read(tmp_path: Path) -> None:
    found = load_workbook(book(tmp_path))
    assert found.sheetnames == ["Summary", "Findings"]
    assert list(found["Summary"].values) == [("SEN2 2027", None), ("'=1+1", 3)]
    assert found["Summary"]["A1"].font.bold
    sheet = found["Findings"]
    assert list(sheet.values) == [("Name", "What is wrong"), ("a", "'@b"), ("c", None)]
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:B3"
    assert sheet.column_dimensions["B"].width == 40
    assert sheet["B2"].alignment.wrap_text
    assert not sheet["A2"].alignment.wrap_text


def test_the_same_bytes_on_another_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = book(tmp_path)
    monkeypatch.setattr("time.time", lambda: 2_000_000_000.0)
    other = book(tmp_path, "other.xlsx")
    assert one.read_bytes() == other.read_bytes()
    assert one.read_bytes() != book(tmp_path, "later.xlsx", datetime(2027, 1, 22)).read_bytes()
    with zipfile.ZipFile(one) as archive:
        assert {entry.date_time[0] for entry in archive.infolist()} == {1980}
        assert b"2027-01-21" in archive.read("docProps/core.xml")


def test_rows_lie_in_the_folder_until_saved_and_nowhere_after(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A child's name in the machine's temporary folder would outlive a killed run."""
    elsewhere, folder = tmp_path / "elsewhere", tmp_path / "folder"
    elsewhere.mkdir()
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(elsewhere))
    made = Book(folder)
    made.add_list("Findings", COLUMNS, [("a", "b")])
    assert len(list(folder.iterdir())) == 1
    assert not list(elsewhere.iterdir())
    made.save(folder / "book.xlsx")
    assert [file.name for file in folder.iterdir()] == ["book.xlsx"]
    assert tempfile.tempdir == str(elsewhere)


def test_more_rows_than_a_sheet_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "ROWS", 4)
    for given, last in ((3, ("2", None)), (4, ("Excel holds no more rows. The CSV has them.", None))):
        made = Book(tmp_path)
        made.add_list("List", COLUMNS, ((str(number), None) for number in range(given)), "The CSV has them.")
        made.save(tmp_path / "book.xlsx")
        rows = list(load_workbook(tmp_path / "book.xlsx")["List"].values)
        assert len(rows) == 4
        assert rows[-1] == last


@pytest.mark.parametrize(
    ("title", "taken", "expected"),
    [
        ("J. Okafor", (), "J. Okafor"),
        ("North/South: [team] *A*?\\", (), "North South team A"),
        ("'quoted'", (), "quoted"),
        ("history", (), "History (sheet)"),
        ("x" * 40, (), "x" * 31),
        ("x" * 40, ("X" * 31,), "x" * 27 + " (2)"),
        ("j. okafor", ("J. Okafor", "J. OKAFOR (2)"), "j. okafor (3)"),
        ("=1+1", (), "=1+1"),
        ("//", (), "Sheet"),
    ],
)
def test_titles_that_excel_takes(title: str, taken: tuple[str, ...], expected: str) -> None:
    assert workbook.free_title(title, taken) == expected
