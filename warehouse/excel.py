"""The only place that opens an Excel workbook: as values, after a look at what reading it would cost.

A workbook is an archive, and what is small on the disk can be without end in memory: parts that unpack to gigabytes,
one cell in the last column of the last row (a sheet is a full rectangle to its reader), one long text that a million
cells refer to. The reader would end the process, and no `except` helps; so each part is unpacked and measured before.
Formulas give the value that Excel last saw, macros are neither run nor looked at, and nothing is unpacked to the disk.
"""

from __future__ import annotations

import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from python_calamine import CalamineWorkbook, SheetTypeEnum

# Unpacked size above which a workbook is refused: a sheet of a million rows unpacks to less.
LARGEST = 1 << 30
# Cells of the rectangle around all that a sheet holds, and characters that its cells hold together.
MOST_CELLS = 25_000_000
MOST_TEXT = 1 << 30
LONGEST_TEXT = 1 << 22
_CHUNK = 1 << 20
_OVERLAP = 1 << 10  # so that a tag that two chunks share is seen whole
_PLACE = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]*)([0-9]+)["']""")
_FILLED = re.compile(rb"""<(?:\w+:)?c\s[^<]*?\br\s*=\s*["']([A-Za-z]+)([0-9]+)["'][^<]*?(?<!/)>""")
_REFERENCE = re.compile(rb"""\st\s*=\s*["']s["'][^<>]*>\s*<(?:\w+:)?v>\s*([0-9]+)""")
_CSV = "Deliver the table as CSV"


class Refused(ValueError):
    """A workbook that cannot be read, or only at a price; the message says why and how to mend it, without its name."""


class Workbook:
    """An open workbook. `names` are its sheets that have cells, `position` is where one stands among all, from 1."""

    def __init__(self, book: CalamineWorkbook) -> None:
        self._book = book
        kinds = {sheet.name: sheet.typ for sheet in book.sheets_metadata}
        self.names = [name for name in book.sheet_names if kinds.get(name) == SheetTypeEnum.WorkSheet]

    def position(self, sheet: str) -> int:
        """Where a sheet stands among all of the workbook."""
        return self._book.sheet_names.index(sheet) + 1

    def rows(self, sheet: str) -> list[list[Any]]:
        """Every row from the first, every cell from the first column, '' where nothing is. Raises Refused."""
        with _refusing():
            return self._book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)


@contextmanager
def opened(path: Path) -> Iterator[Workbook]:
    """A workbook, closed on exit. Raises Refused."""
    with path.open("rb") as handle:
        start = handle.read(8)
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise Refused(
            "it is protected by a password, or an old Excel file (.xls) under another name. "
            "Open it in Excel and save it as .xlsx without a password"
        )
    with _refusing():
        _measure(path)
        book = CalamineWorkbook.from_path(str(path))
        workbook = Workbook(book)
    try:
        if not workbook.names:
            raise Refused("it holds no sheet with cells. Save the table in a sheet of its own")
        yield workbook
    finally:
        book.close()


@contextmanager
def _refusing() -> Iterator[None]:
    """Whatever a damaged workbook makes the libraries raise means one thing. Their words may quote a cell."""
    try:
        yield
    except Refused:
        raise
    except BaseException as error:
        # A panic in the reader's own code is no Exception.
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        raise Refused(
            "this is no whole Excel workbook: it is cut off or damaged, or a ZIP archive of something else. "
            "Open it in Excel, save it again as .xlsx, and deliver that"
        ) from None


def _measure(path: Path) -> None:
    """Unpack every part to nothing: each is whole, and what its cells come to can be held. Raises Refused."""
    with zipfile.ZipFile(path) as archive:
        parts = archive.infolist()
        if any(part.flag_bits & 1 for part in parts):
            raise Refused("it is protected by a password. Open it and save it as .xlsx without one")
        size = sum(part.file_size for part in parts)
        if size > LARGEST:
            raise Refused(f"it unpacks to {size >> 20} MB. {_CSV}")
        strings = [part for part in parts if part.filename.lower().endswith("sharedstrings.xml")]
        longest = max((len(text) for part in strings for text in _texts(archive, part)), default=0)
        # Which part is a sheet is for the workbook to say, under any name: so all of them are measured. Reading stops
        # at the size that the archive states, and fails where there is more, or another sum.
        for part in parts:
            _measure_sheet(archive, part, strings, longest)


def _measure_sheet(
    archive: zipfile.ZipFile, part: zipfile.ZipInfo, strings: list[zipfile.ZipInfo], longest: int
) -> None:
    """First a quick look that overrates, and only where it finds too much a thorough one."""
    found, references = _bounds(archive, part, _PLACE)
    if found > MOST_CELLS:
        found, _ = _bounds(archive, part, _FILLED)
        if found > MOST_CELLS or _has_cells_without_place(archive, part):
            raise Refused(
                f"the cells that are filled span {found:,} cells, so one stands far from the table. Delete the rows "
                f"below and the columns beside the table, or deliver it as CSV"
            )
    if references * longest > MOST_TEXT and _text(archive, part, strings) > MOST_TEXT:
        raise Refused(f"its cells hold more than {MOST_TEXT >> 20} MB of text. {_CSV}")


def _bounds(archive: zipfile.ZipFile, part: zipfile.ZipInfo, place: re.Pattern[bytes]) -> tuple[int, int]:
    """Cells of the rectangle from the first cell to the last that is named, and how many places were named."""
    columns, rows, count = 0, 0, 0
    for chunk in _chunks(archive, part):
        named = place.findall(chunk)
        count += len(named)
        if named:
            rows = max(rows, max(int(digits[:12]) for digits in {digits for _, digits in named}))
            columns = max(columns, max(map(_column, {letters for letters, _ in named})))
    return rows * max(columns, 1), count


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper()[:4]:  # a sheet ends at XFD
        number = number * 26 + letter - 64
    return number


def _has_cells_without_place(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    without = re.compile(rb"""<(?:\w+:)?c(?:>|\s(?![^<>]*\br\s*=))""")
    return any(without.search(chunk) for chunk in _chunks(archive, part))


def _text(archive: zipfile.ZipFile, part: zipfile.ZipInfo, strings: list[zipfile.ZipInfo]) -> int:
    """Characters of all shared texts that a sheet refers to, each as often as it does."""
    lengths = [len(text) for its in strings for text in _texts(archive, its)]
    referred: Counter[int] = Counter()
    for chunk in _chunks(archive, part, overlap=0):
        referred.update(map(int, _REFERENCE.findall(chunk)))
    return sum(lengths[number] * times for number, times in referred.items() if number < len(lengths))


def _texts(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """The shared texts, each with its tags."""
    rest = b""
    for chunk in _chunks(archive, part, overlap=0):
        *whole, rest = (rest + chunk).split(b"</si>")
        if len(rest) > LONGEST_TEXT:
            raise Refused(f"it holds a text of more than {LONGEST_TEXT >> 20} MB, where Excel takes 32 KB. {_CSV}")
        yield from whole
    yield rest


def _chunks(archive: zipfile.ZipFile, part: zipfile.ZipInfo, overlap: int = _OVERLAP) -> Iterator[bytes]:
    """A part of the archive a mebibyte at a time, each with the end of the one before."""
    handle: IO[bytes]
    with archive.open(part) as handle:
        before = b""
        while chunk := handle.read(_CHUNK):
            yield before + chunk
            before = chunk[-overlap:] if overlap else b""
