"""Workbooks of lists: headings that stay in sight and filter, columns wide enough to read, the same bytes each time."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from os import PathLike
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.writer.excel import ExcelWriter

# What a sheet of Excel holds.
ROWS = 1_048_576
_TITLE = 31
_NOT_IN_A_TITLE = str.maketrans(dict.fromkeys("[]:*?/\\", " "))
# Where the hour of making is not to be seen: the first day that a ZIP archive can name.
_NO_DAY = datetime(1980, 1, 1)


@dataclass(frozen=True)
class Column:
    """A column of a list: its heading, its width in characters, and whether long text goes on below."""

    heading: str
    width: int
    wraps: bool = False


class Heading(str):
    """Text that heads the rows below it on a page."""


class Book:
    """A workbook, a sheet after the other. Rows lie in `folder` until it is saved."""

    def __init__(self, folder: Path):
        self._folder = folder
        self._book = Workbook(write_only=True)

    def add_list(self, title: str, columns: Sequence[Column], rows: Iterable[Iterable[Any]], beyond: str = "") -> None:
        """Add a sheet with a list. `beyond` says where the rest is, should there be more rows than a sheet holds."""
        sheet = self._sheet(title, [column.width for column in columns])
        sheet.freeze_panes = "A2"
        self._begin(sheet, [_heading(sheet, column.heading) for column in columns])
        # One cell per column, used for every row: a write-only sheet has written it before the next row comes.
        cells = [_cell(sheet, column.wraps) for column in columns]
        count, left = 1, iter(rows)
        for row in left:
            count += 1
            if count == ROWS and next(left, None) is not None:
                sheet.append([f"Excel holds no more rows. {beyond}".strip()])
                break
            for cell, value in zip(cells, row, strict=True):
                cell.value = plain(value)
            sheet.append(cells)
        sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{count}"

    def add_page(self, title: str, widths: Sequence[int], rows: Iterable[Sequence[Any]]) -> None:
        """Add a sheet to read from top to bottom. A row that begins with a Heading is printed bold."""
        sheet = self._sheet(title, widths)
        for number, row in enumerate(rows):
            cells = [_cell(sheet, wraps=True) for _ in row]
            for cell, value in zip(cells, row, strict=True):
                cell.value = plain(value)
                if isinstance(row[0], Heading):
                    cell.font = Font(bold=True)
            self._begin(sheet, cells) if number == 0 else sheet.append(cells)

    def save(self, file: Path, made_at: datetime = _NO_DAY) -> None:
        """Write the workbook. The same sheets and the same `made_at` give the same bytes."""
        self._book.properties.creator = "countywide"
        self._book.properties.created = self._book.properties.modified = made_at
        with _Archive(file, "w", zipfile.ZIP_DEFLATED) as archive:
            ExcelWriter(self._book, archive).write_data()

    def _sheet(self, title: str, widths: Sequence[int]) -> Any:
        sheet = self._book.create_sheet(free_title(title, self._book.sheetnames))
        for place, width in enumerate(widths, start=1):
            sheet.column_dimensions[get_column_letter(place)].width = width
        return sheet

    def _begin(self, sheet: Any, row: list[Any]) -> None:
        """Write the first row. With it openpyxl opens a temporary file, which a killed run would leave behind: a sheet
        may name children, so it has to lie where the run is cleared away, and not where the machine keeps such files.
        """
        before, tempfile.tempdir = tempfile.tempdir, str(self._folder)
        try:
            sheet.append(row)
        finally:
            tempfile.tempdir = before


def plain(value: Any) -> Any:
    """A value as a spreadsheet may safely hold it.

    Text that would be taken for a formula gets an apostrophe in front; characters that XML forbids are left out.
    """
    if not isinstance(value, str):
        return value
    text = ILLEGAL_CHARACTERS_RE.sub("", value)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def free_title(title: str, taken: Iterable[str]) -> str:
    """A title that Excel takes: up to 31 characters, none of []:*?/\\, and no other sheet's, whatever its capitals."""
    clean = ILLEGAL_CHARACTERS_RE.sub("", title).translate(_NOT_IN_A_TITLE)
    clean = " ".join(clean.split()).strip("' ") or "Sheet"
    if clean.casefold() == "history":  # Excel keeps this one for itself
        clean = "History (sheet)"
    used = {name.casefold() for name in taken}
    found, number = clean[:_TITLE].strip(" '"), 1
    while found.casefold() in used:
        number += 1
        ending = f" ({number})"
        found = f"{clean[: _TITLE - len(ending)].strip()}{ending}"
    return found


class _Archive(zipfile.ZipFile):
    """A ZIP archive whose entries bear one day, so that it says nothing of when and where it was packed."""

    def writestr(self, name: str, data: str | bytes) -> None:  # type: ignore[override]
        super().writestr(_entry(name), data)

    def write(self, filename: str | PathLike[str], arcname: str) -> None:  # type: ignore[override]
        with Path(filename).open("rb") as source, self.open(_entry(arcname), "w", force_zip64=True) as target:
            shutil.copyfileobj(source, target)


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _NO_DAY.timetuple()[:6])
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system = 3
    return entry


def _heading(sheet: Any, text: str) -> WriteOnlyCell:
    cell = _cell(sheet, wraps=True)
    cell.value = text
    cell.font = Font(bold=True)
    cell.fill = PatternFill("solid", fgColor="E6ECF2")
    return cell


def _cell(sheet: Any, wraps: bool) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet)
    cell.alignment = Alignment(vertical="top", wrap_text=wraps)
    return cell
