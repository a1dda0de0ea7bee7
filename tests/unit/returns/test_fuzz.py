"""Damaged returns at the readers of `countywide check`: refused in words, or read the same by both readers.

Resolve: as in tests/unit/landing/test_fuzz.py.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests import fuzz
from tests.unit.returns import test_check_sheets as made
from warehouse.returns.check import shape, sheets
from warehouse.returns.check.read import Unreadable

READERS = ["check", "judge"]


def test_sound_returns_are_read(tmp_path: Path) -> None:
    assert fuzz.checked(dict(enumerate(fuzz.returns())), tmp_path) == {}


def test_damaged_returns() -> None:
    assert fuzz.hunt(READERS, seed=1, first=0, count=32) == []


def test_what_was_once_found() -> None:
    assert fuzz.hunt_again(READERS) == []


# ---- What was found, as small as it gets ----


def read(path: Path) -> sheets.SheetReader:
    reader = sheets.SheetReader(shape.message(2026), lambda _table, _rows: None)
    reader.read(path)
    return reader


def test_a_record_that_leads_to_a_person_and_to_no_request(tmp_path: Path) -> None:
    """A need with the id of its child alone was given half a key, and the reader fell over it."""
    file = made.workbook(tmp_path / "2026_sen2.xlsx", fuzz._return())
    book = load_workbook(file)
    book["SEN Need"]["B2"] = None
    book.save(file)
    assert read(file).counts["no_parent", "SENneed"] == 1


def test_a_workbook_with_a_broken_sheet(tmp_path: Path) -> None:
    from tests.unit.test_excel import archived, saved

    file = made.workbook(tmp_path / "2026_sen2.xlsx", fuzz._return())
    found = saved(load_workbook(file))
    found["xl/worksheets/sheet2.xml"] = found["xl/worksheets/sheet2.xml"].partition(b"</row>")[0]
    with pytest.raises(Unreadable, match=r"2026_sen2\.xlsx: this is no whole Excel workbook"):
        read(archived(file, found))


def test_a_line_without_end(tmp_path: Path) -> None:
    folder = made.export(tmp_path / "export", fuzz._return())
    with (folder / "Blade-Export_05-02-2026_person.csv").open("ab") as handle:
        for _ in range(8):
            handle.write(b"x" * (1 << 20))
    with pytest.raises(Unreadable, match="a line of more than"):
        read(folder)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pipes of this kind")
def test_a_pipe_among_the_files_is_not_waited_for(tmp_path: Path) -> None:
    folder = made.export(tmp_path / "export", fuzz._return())
    (folder / "Blade-Export_05-02-2026_senneed.csv").unlink()
    os.mkfifo(folder / "Blade-Export_05-02-2026_senneed.csv")
    assert read(folder).counts["missing", "SENneed"] == 1
