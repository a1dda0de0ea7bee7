"""A return as nine tables instead of XML: COLLECT's "Blade" export of CSV files, and the workbook councils prepare.

Both have a table per module, columns in lower case by the names of the items, and ids that lead from a record to the
one above it: `persontableid`, `requeststableid`, and so on. Which tables and columns there are comes from the rows.
"""

from __future__ import annotations

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from warehouse.returns.check.read import AGAIN, BATCH, LONGEST_TEXT, PLACES, Fault, Unreadable, read_date
from warehouse.returns.check.shape import Message, Place, Shape

if TYPE_CHECKING:
    from warehouse import excel

WORKBOOKS = (".xlsx", ".xlsm")
# What COLLECT adds to each record for itself.
_TECHNICAL = re.compile(r"nativeid|sourceid|\w*orderseqcolumn|\w*tableid")
_HEADER = "sen2"
_SHEETS = {
    "assessments": "assessment",
    "activeplan": "activeplans",
    "senneeds": "senneed",
    "header": _HEADER,
}
_MONTH = re.compile(r"([0-9]{4})-([A-Z][a-z]{2})-([0-9]{2})( [0-9:]+)?")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

# A record of the widest table with every item as long as it may be is shorter.
LONGEST_LINE = 1 << 22
_NO_TEXT = "{} holds bytes that a text in UTF-8 does not have; save it as CSV UTF-8"

# Number of the record in its file (the header is 1), and its values by lower-case column.
Row = tuple[int, dict[str, str | date]]


def is_sheets(path: Path) -> bool:
    """Whether a path is a folder of CSV files or a workbook, and not an XML file."""
    return path.is_dir() or path.suffix.lower() in WORKBOOKS


def year_of(path: Path) -> int | None:
    """The collection year that the header names; a workbook without a header names none."""
    with _tables(path) as tables:
        if _HEADER not in tables:
            return None
        for _, values in tables[_HEADER][1]():
            found = re.match(r"[0-9]{4}", str(values.get("year", "")))
            return int(found[0]) if found else None
    return None


class SheetReader:
    """Reads nine tables as `read.Reader` reads XML, with the same attributes afterwards."""

    def __init__(self, message: Message, keep: Callable[[str, list[dict[str, Any]]], None]):
        self.people = 0
        self.faults: list[Fault] = []
        self.counts: Counter[tuple[str, str]] = Counter()
        self.message = message
        self.has_header = False
        self._keep = keep
        # Column of an id → the id's value → the key of its record.
        self._keys: dict[str, dict[str, tuple[str, ...]]] = defaultdict(dict)
        self._numbers: dict[tuple[str, tuple[str, ...]], int] = Counter()
        self._rows: list[dict[str, Any]] = []
        # The file or the sheet that is being read.
        self._file = ""

    def read(self, path: Path) -> None:
        """Read the folder or the workbook. Raises Unreadable."""
        with _tables(path) as tables:
            self._read(tables)

    def _read(self, tables: dict[str, tuple[str, Callable[[], Iterator[Row]]]]) -> None:
        self.has_header = _HEADER in tables
        header: dict[str, dict[str, Any]] = defaultdict(dict)
        for shape in self.message.shapes.values():
            name = shape.tag.lower() if shape.key else _HEADER
            if not shape.table or (name == _HEADER and not self.has_header):
                continue
            self._file = tables[name][0] if name in tables else ""
            if name not in tables:
                self._fault("missing", shape.tag, shape, "", None, 0)
            elif shape.key:
                self._records(shape, tables[name][1])
            else:
                header[shape.table] |= self._single(shape, tables[name][1])
        for table, row in header.items():
            self._keep(table, [row])

    def _records(self, shape: Shape, rows: Callable[[], Iterator[Row]]) -> None:
        first = True
        for number, values in rows():
            if first:
                self._columns(shape, set(_items(shape)), values)
            first = False
            key = self._key(shape, values, number)
            if key is not None:
                row = {"source_file": self._file, "source_row": number} | dict(zip(shape.key, key, strict=True))
                self._rows.append(row | self._values(shape, values, key, number))
            if len(self._rows) >= BATCH:
                self._flush(shape.table)
        self._flush(shape.table)

    def _single(self, shape: Shape, rows: Callable[[], Iterator[Row]]) -> dict[str, Any]:
        """The items of a module that there is once: its first row; the file may hold items of other such modules."""
        number, values = next(rows(), (1, {}))
        others = (other for other in self.message.shapes.values() if other.table == shape.table)
        self._columns(shape, {name for other in others for name in _items(other)}, values)
        return self._values(shape, values, (), number)

    def _values(self, shape: Shape, values: dict[str, Any], key: tuple[str, ...], number: int) -> dict[str, Any]:
        row = {}
        for name, place in _items(shape).items():
            value = values.get(name)
            if value in (None, ""):
                continue
            if place.is_date:
                value, kind = _date(value)
                if kind:
                    self._fault(kind, place.tag, shape, *self._where(shape, key), number)
            row[place.element] = value if place.is_date else _text(value)
        return row

    def _columns(self, shape: Shape, known: set[str], columns: Iterable[str]) -> None:
        if not known & set(columns):
            # What stands there may be a child's, so it is not quoted.
            raise Unreadable(
                f"{self._file} has no headings: its first line names no item of {shape.tag}. "
                "Put the headings first, with commas between them in a CSV file"
            )
        for name in sorted(set(columns) - known):
            if not _TECHNICAL.fullmatch(name):
                kind = "other_year" if name in self.message.other_years else "unknown_element"
                self._fault(kind, name, shape, "", None, 1)
        for name, place in _items(shape).items():
            if name not in columns:
                self._fault("missing", place.tag, shape, "", None, 1)

    def _key(self, shape: Shape, values: dict[str, Any], number: int) -> tuple[str, ...] | None:
        """The ids of a record, or None where it has no record above it or is one too many."""
        above: tuple[str, ...] | None = ()
        if shape.above:
            # The nearest record above whose id the row has: COLLECT gives that of the parent, a workbook the request's.
            columns = [f"{step.tag.lower()}tableid" for step in reversed(shape.path) if step.table and step.key]
            column = next((name for name in columns if values.get(name)), None)
            above = self._keys[column].get(str(values[column])) if column else None
            if above is None or len(above) < len(shape.above):
                self._fault("no_parent", shape.tag, shape, "", None, number)
                return None
        place = self._numbers[shape.name, above] = self._numbers[shape.name, above] + 1
        if not shape.own_id:
            if place > 1:
                self._fault("repeated", shape.tag, shape, *self._where(shape, above), number)
                return None
            key = above
        elif above:
            key = (*above, f"{above[-1]}.{place:06d}")
            if shape.most is not None and place == shape.most + 1:
                self._fault("too_many", shape.tag, shape, *self._where(shape, above), number)
        else:
            self.people = place
            key = (f"{place:08d}",)
        column = f"{shape.tag.lower()}tableid"
        if own := values.get(column):
            if str(own) in self._keys[column]:
                self._fault("same_id", shape.tag, shape, *self._where(shape, key), number)
            self._keys[column].setdefault(str(own), key)
        return key

    def _where(self, shape: Shape, key: tuple[str, ...]) -> tuple[str, int | None]:
        ids = {name: int(one.rpartition(".")[2]) for name, one in zip(shape.key, key, strict=False)}
        return self.message.path(shape.name, ids), int(key[0]) if key else None

    def _fault(self, kind: str, element: str, shape: Shape, path: str, person: int | None, line: int) -> None:
        self.counts[kind, element] += 1
        if self.counts[kind, element] <= PLACES:
            where = path or self.message.path(shape.name, {})
            self.faults.append(Fault(kind, element, shape.name, where, person, line, self._file))

    def _flush(self, table: str) -> None:
        if self._rows:
            self._keep(table, self._rows)
        self._rows = []


def _items(shape: Shape) -> dict[str, Place]:
    return {place.tag.lower(): place for place in shape.parts.values() if place.module is None}


@contextmanager
def _tables(path: Path) -> Iterator[dict[str, tuple[str, Callable[[], Iterator[Row]]]]]:
    """Table name → its file or sheet, and a reader of its rows, while the block is open. Raises Unreadable."""
    if path.is_dir():
        yield _with_people(path, _folder(path))
        return
    from warehouse import excel  # most returns are XML

    try:
        with excel.opened(path) as book:
            yield _with_people(path, _workbook(path, book))
    except excel.Refused as refused:
        raise Unreadable(f"{path.name}: {refused}") from None


def _with_people(path: Path, found: dict[str, Any]) -> dict[str, Any]:
    if not {"person", "requests"} <= set(found):
        raise Unreadable(
            f"{path.name} has no tables of people and requests: COLLECT's export has files such as "
            "Blade-Export_DD-MM-YYYY_person.csv, a workbook has sheets Person and Requests"
        )
    return found


def _folder(path: Path) -> dict[str, tuple[str, Callable[[], Iterator[Row]]]]:
    found: dict[str, tuple[str, Callable[[], Iterator[Row]]]] = {}
    for file in sorted(file for file in path.iterdir() if file.suffix.lower() == ".csv" and file.is_file()):
        name = file.stem.lower().rpartition("_")[2]
        if name in found:
            raise Unreadable(f"{path.name} holds two exports: {found[name][0]} and {file.name}; keep one")
        found[name] = (file.name, lambda file=file: _csv_rows(file))
    return found


def _csv_rows(file: Path) -> Iterator[Row]:
    encoding = _encoding(file)
    with file.open(encoding=encoding, newline="") as handle:
        # The limit is the process's: scipy lifts it when it is imported, so it is set here, whoever came before.
        csv.field_size_limit(LONGEST_TEXT)
        rows = csv.reader(handle, strict=True)
        number = 1
        try:
            header = [name.strip().lower() for name in next(rows, [])]
            for number, row in enumerate(rows, start=2):
                if not any(row):
                    continue
                if len(row) != len(header):
                    raise Unreadable(f"{file.name}, record {number}: {len(row)} values under {len(header)} headings")
                yield number, {name: value.strip() for name, value in zip(header, row, strict=True)}
        except csv.Error:
            raise Unreadable(
                f"{file.name}: what follows record {number} cannot be read as CSV: "
                "look for a quotation mark without its partner, or a very long text"
            ) from None


def _encoding(file: Path) -> str:
    """UTF-8 where all of the file is, else what Windows writes. Raises Unreadable for what is neither, or endless."""
    for encoding in ("utf-8-sig", "cp1252"):
        length = 0
        try:
            with file.open(encoding=encoding) as handle:
                while chunk := handle.read(1 << 20):
                    if "\0" in chunk:
                        raise Unreadable(_NO_TEXT.format(file.name))
                    last = chunk.rfind("\n")
                    length = length + len(chunk) if last < 0 else len(chunk) - last - 1
                    if length > LONGEST_LINE:
                        raise Unreadable(f"{file.name} holds a line of more than {LONGEST_LINE:,} characters; {AGAIN}")
        except UnicodeDecodeError:
            continue
        return encoding
    raise Unreadable(_NO_TEXT.format(file.name))


def _workbook(path: Path, book: excel.Workbook) -> dict[str, tuple[str, Callable[[], Iterator[Row]]]]:
    found: dict[str, tuple[str, Callable[[], Iterator[Row]]]] = {}
    for sheet in book.names:
        name = re.sub(r"[^a-z0-9]", "", sheet.lower())
        name = _SHEETS.get(name, name)
        if name in found:
            raise Unreadable(f"{path.name} has two sheets for one table: {found[name][0]} and {sheet}; keep one")
        found[name] = (sheet, lambda sheet=sheet: _sheet_rows(book, sheet))
    return found


def _sheet_rows(book: excel.Workbook, sheet: str) -> Iterator[Row]:
    rows = iter(book.rows(sheet))
    header = [str(name).strip().lower() for name in next(rows, [])]
    for number, row in enumerate(rows, start=2):
        values = {name: _cell(value) for name, value in zip(header, row, strict=False) if name}
        if any(value not in (None, "") for value in values.values()):
            yield number, values


def _cell(value: Any) -> str | date:
    """A cell as the return would write it: a whole number without a point, midnight as a date."""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value if value.time() else value.date()
    return value if isinstance(value, date) else str(value).strip()


def _date(value: str | date) -> tuple[date | None, str]:
    """A date of a cell, of COLLECT (2025-Jan-31 00:00:00) or as the return writes it, and the kind of its fault."""
    if isinstance(value, date):
        return (value.date() if isinstance(value, datetime) else value), ""
    found, kind = read_date(_text(value))
    return found, "" if found and kind == "date_form" else kind


def _text(value: str | date) -> str:
    """Text as the return writes it: COLLECT's 2025-Jan-31 09:30:00 is 2025-01-31T09:30:00."""
    if isinstance(value, date):
        return value.isoformat()
    found = _MONTH.fullmatch(value)
    if found and found[2] in _MONTHS:
        return f"{found[1]}-{_MONTHS.index(found[2]) + 1:02d}-{found[3]}{(found[4] or '').replace(' ', 'T')}"
    return value
