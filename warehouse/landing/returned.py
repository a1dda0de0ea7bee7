"""SEN2 returns that come back: an XML, COLLECT's nine CSV files or a workbook, read as `countywide check` does.

A return is one delivery, however many files it is made of: its records lead to each other, so it lands whole or not at
all. What the reader passes over is refused with its line; what it tolerates is told in the receipt. Dates stay text
here, as everything in raw does: staging reads them, and counts those that are none.
"""

from __future__ import annotations

import copy
import csv
import re
import shutil
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from warehouse.landing import discover
from warehouse.landing.discover import Delivery
from warehouse.landing.ledger import Reject
from warehouse.landing.quarantine import Quarantine
from warehouse.landing.staged import Staged
from warehouse.returns import layout
from warehouse.returns.check import read, shape, sheets
from warehouse.returns.check.shape import Message, Shape
from warehouse.specification import Extract, Source, rows

HEADER = "header"
# COLLECT writes the day of an export as 03-02-2026.
_EXPORT_DAY = re.compile(r"(?<!\d)(\d\d)-(\d\d)-(20\d\d)(?!\d)")
_YEAR = re.compile(r"(?<!\d)20\d\d(?!\d)")
_MOST_REJECTED = 0.5
_TOLD = 12

# Why a record is left out, in words that follow it.
REFUSED = {
    "no_parent": "it belongs to no record that was read",
    "repeated": "it may stand there once and stands there again; the first was read",
    "misplaced": "it stands where its kind cannot, so nobody can say whose it is",
}


@dataclass(frozen=True)
class Parcel:
    """The files of one return: for each extract the file that holds it. One file may hold them all."""

    name: str
    files: dict[str, Delivery]

    @property
    def deliveries(self) -> tuple[Delivery, ...]:
        """Its files, each once."""
        return tuple({delivery.name: delivery for delivery in self.files.values()}.values())

    @property
    def is_export(self) -> bool:
        """Whether it is an export of COLLECT's, a file for each table."""
        return any(delivery.format == "csv" for delivery in self.files.values())


@dataclass(frozen=True)
class Returned:
    """A return that was read: its collection year, its tables by entity, and what had to be tolerated in each."""

    year: int
    tables: dict[str, Staged]
    told: dict[str, str]


def parcels(source: Source, deliveries: Iterable[Delivery]) -> Iterator[Parcel]:
    """Deliveries put together to returns; a file that can be none is a parcel without an extract."""
    exports: dict[str, dict[str, Delivery]] = defaultdict(dict)
    for delivery in deliveries:
        if delivery.format in ("xml", "xlsx"):
            yield Parcel(delivery.name, {extract.entity: delivery for extract in source.extracts})
            continue
        before, _, table = delivery.name.rpartition("_")
        entity = _entities().get(table.lower().removesuffix(".csv"))
        if entity and table.lower().endswith(".csv"):
            exports[before][entity] = _dated(delivery)
        else:
            yield Parcel(delivery.name, {"": delivery})
    for name, files in sorted(exports.items()):
        yield Parcel(name, files)


def read_parcel(parcel: Parcel, originals: dict[str, Path], source: Source, council: str, scratch: Path) -> Returned:
    """Read a return into one staged table per extract. `originals` has the bytes of each file by its name.

    Raises Quarantine: unreadable, incomplete_return, wrong_header, other_council or too_many_rejects.
    """
    path = _in_one_place(parcel, originals, scratch)
    try:
        is_sheets = sheets.is_sheets(path)
        named = sheets.year_of(path) if is_sheets else read.year_of(path)
        year = named or _year_in(parcel)
        if year is None:
            raise Quarantine(
                "wrong_header",
                f"{parcel.name}: neither a header nor the name says which year's return this is. Put the collection "
                "year into the name of the file or of a folder around it, such as 2026_sen2.xlsx.",
            )
        message = _as_text(shape.message(year))
        with _Tables(source, message, scratch) as tables:
            reader = (_SheetReader if is_sheets else _XmlReader)(message, tables)
            reader.read(path)
            tables.finish_header()
    except read.Unreadable as error:
        raise Quarantine("unreadable", f"{parcel.name}: {error}. Export it again.") from None
    except layout.YearNotKnown as error:
        raise Quarantine("wrong_header", f"{parcel.name}: {error}") from None
    lea = tables.header.get("LEA")
    if lea and lea != council:
        raise Quarantine(
            "other_council",
            f"{parcel.name}: its header names another council ({lea if lea.isdigit() else 'not a code'}) than the "
            f"settings ({council}). Put it into that council's home, or correct council.la_code.",
        )
    tables.refuse_too_many(parcel.name)
    return Returned(year, tables.staged(reader), _told(reader))


class _Tables:
    """The staged files of a return while it is read; open inside `with`."""

    def __init__(self, source: Source, message: Message, scratch: Path):
        self.received: Counter[str] = Counter()
        self.refused: dict[str, list[Reject]] = defaultdict(list)
        self.header: dict[str, Any] = {}
        self._written: Counter[str] = Counter()
        self._files = {extract.entity: scratch / f"{extract.entity}.csv" for extract in source.extracts}
        self._columns = {extract.entity: _columns(extract, message) for extract in source.extracts}
        self._extracts = {extract.entity: extract for extract in source.extracts}
        self._stack = ExitStack()
        self._writers: dict[str, Any] = {}

    def __enter__(self) -> _Tables:
        for entity, file in self._files.items():
            handle = self._stack.enter_context(file.open("w", encoding="utf-8", newline=""))
            self._writers[entity] = csv.writer(handle, quoting=csv.QUOTE_ALL, lineterminator="\n")
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def keep(self, table: str, batch: list[dict[str, Any]]) -> None:
        """Rows of a record table as the reader gives them."""
        entity = _entity(table)
        if entity == HEADER:
            self.header |= batch[0]
            return
        columns = self._columns[entity]
        self._written[entity] += len(batch)
        self._writers[entity].writerows([row["source_row"], *map(row.get, columns)] for row in batch)

    def finish_header(self) -> None:
        """The one row of the header; of a workbook that has none it holds the year alone."""
        self.received[HEADER] = self._written[HEADER] = 1
        self._writers[HEADER].writerow([1, *map(self.header.get, self._columns[HEADER])])

    def refuse(self, its: Shape, number: int, reason: str, text: str = "") -> None:
        """A record that is not read, by its line or number."""
        message = f"{its.tag} {number} was left out: {REFUSED[reason]}."
        self.refused[_entity(its.table)].append(Reject(number, reason, "", message, text))

    def refuse_too_many(self, name: str) -> None:
        """A return of which most of a table is lost is no return."""
        for entity, refused in self.refused.items():
            if len(refused) > self.received[entity] * _MOST_REJECTED:
                raise Quarantine(
                    "too_many_rejects",
                    f"{name}: {len(refused)} of {self.received[entity]} records of {entity} belong to no other "
                    f"(the first is on line {refused[0].source_row}). Export the return again, all of it at once.",
                )

    def staged(self, reader: _XmlReader | _SheetReader) -> dict[str, Staged]:
        """What the writer takes over, by entity."""
        return {
            entity: Staged(
                file=file,
                delimiter=",",
                width=len(self._columns[entity]),
                fields={name: place for place, name in enumerate(self._columns[entity])},
                numbered=True,
                received=self.received[entity],
                rejects=tuple(self.refused[entity]),
                raw_text=lambda wanted: {},
                encoding="xml" if isinstance(reader, _XmlReader) else "",
                missing=_named(reader, entity, "missing"),
                ignored=_named(reader, entity, "unknown_element", "other_year"),
            )
            for entity, file in self._files.items()
        }


class _XmlReader(read.Reader):
    """The checker's reader, counting every record that begins and keeping those that it passes over."""

    def __init__(self, message: Message, tables: _Tables):
        super().__init__(message, tables.keep)
        self._tables = tables

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        before, inside = self._frame, self._skip
        super()._start(tag, attributes)
        its = self.message.modules.get(tag.rpartition(":")[2].lower())
        if its is None or not its.table or not its.key:
            return
        self._tables.received[_entity(its.table)] += 1
        if self._frame is before:
            reason = "no_parent" if inside or before is None else "misplaced"
            if reason == "misplaced" and any(part.module is its for part in before.shape.parts.values()):
                reason = "repeated"
            self._tables.refuse(its, self._parser.CurrentLineNumber, reason)


class _SheetReader(sheets.SheetReader):
    """The same of tables: every row counts, and one that leads to no other is kept as it stands."""

    def __init__(self, message: Message, tables: _Tables):
        super().__init__(message, tables.keep)
        self._tables = tables

    def _key(self, its: Shape, values: dict[str, Any], number: int) -> tuple[str, ...] | None:
        orphans = self.counts["no_parent", its.tag]
        key = super()._key(its, values, number)
        self._tables.received[_entity(its.table)] += 1
        if key is None:
            reason = "no_parent" if self.counts["no_parent", its.tag] > orphans else "repeated"
            self._tables.refuse(its, number, reason, ",".join(f"{value}" for value in values.values()))
        return key


def _in_one_place(parcel: Parcel, originals: dict[str, Path], scratch: Path) -> Path:
    """The file to read, or a folder with the tables of an export under the names that tell them apart."""
    if not parcel.is_export:
        (delivery,) = parcel.deliveries
        return originals[delivery.name]
    missing = sorted(table for table, entity in _entities().items() if entity not in parcel.files)
    if missing:
        raise Quarantine(
            "incomplete_return",
            f"{parcel.name}: the nine files of an export belong together, and {', '.join(missing)} is missing. "
            "Put the whole export into one folder.",
        )
    folder = scratch / "export"
    folder.mkdir()
    for table, entity in _entities().items():
        shutil.copyfile(originals[parcel.files[entity].name], folder / f"return_{table}.csv")
    return folder


def _as_text(message: Message) -> Message:
    """The same shape with every item taken as text."""
    message = copy.deepcopy(message)
    for each in message.shapes.values():
        each.parts.update({tag: replace(place, is_date=False) for tag, place in each.parts.items()})
    return message


def _columns(extract: Extract, message: Message) -> list[str]:
    """Declared columns but the year, which is the same in all rows, and items of the year that are not declared yet."""
    names = [column.name for column in extract.columns if column.name != "collection_year"]
    table = f"sen2__{extract.entity}"
    items = (p.element for s in message.shapes.values() if s.table == table for p in s.parts.values() if not p.module)
    return list(dict.fromkeys([*names, *items]))


def _entity(table: str) -> str:
    return table.removeprefix("sen2__")


def _entities() -> dict[str, str]:
    """COLLECT's table → the extract that it is, such as namedplan → named_plan."""
    return {
        row["element"].lower() if row["key_columns"] else "sen2": _entity(row["table_name"])
        for row in rows("module")
        if row["table_name"]
    }


def _dated(delivery: Delivery) -> Delivery:
    """The day of COLLECT's export is the day of the delivery, where the name has no other."""
    found = _EXPORT_DAY.search(delivery.path.name)
    if delivery.is_dated or not found:
        return delivery
    try:
        day = date(int(found[3]), int(found[2]), int(found[1]))
    except ValueError:
        return delivery
    return replace(delivery, snapshot_date=day, is_dated=True)


def _year_in(parcel: Parcel) -> int | None:
    """The year that stands in a name by itself; a date in it is another matter."""
    bare = discover.undated(_EXPORT_DAY.sub("", parcel.name), keep_months=True)
    found = _YEAR.findall(bare)
    return int(found[-1]) if found else None


def _faults(reader: _XmlReader | _SheetReader, entity: str) -> Iterator[tuple[str, str, int]]:
    """Kind, element and first line of each fault of structure in the modules of an extract."""
    seen = set()
    for fault in reader.faults:
        its = reader.message.shapes.get(fault.module)
        mine = _entity(its.table) if its and its.table else HEADER
        if mine == entity and (fault.kind, fault.element) not in seen:
            seen.add((fault.kind, fault.element))
            yield fault.kind, fault.element, fault.line


def _named(reader: _XmlReader | _SheetReader, entity: str, *kinds: str) -> tuple[str, ...]:
    return tuple(element for kind, element, _ in _faults(reader, entity) if kind in kinds)


def _told(reader: _XmlReader | _SheetReader) -> dict[str, str]:
    """What was not as it should be and was read all the same, in words, by entity. It names elements, never values."""
    told = {}
    for entity in {_entity(its.table) for its in reader.message.shapes.values() if its.table}:
        found = [
            f"{element}: {read.WORDS[kind]} ({reader.counts[kind, element]:,} times, first on line {line})"
            for kind, element, line in _faults(reader, entity)
        ]
        if found:
            more = f"; and {len(found) - _TOLD} more kinds of fault" if len(found) > _TOLD else ""
            told[entity] = f"{'; '.join(found[:_TOLD])}{more}. countywide check says more of this file."
    return told
