"""Record tables into XML, and beside it into COLLECT's CSV, streaming: one cursor per table, merged by their ids.

Nothing here knows a field. Order and names come from the layout, values from the columns of the same names. A blank
value is left out, and so is a code that the year's set does not have: one of those would have the whole file refused.
It is counted here, and a rule finds it in the record. The same tables give the same bytes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
from lxml import etree

from warehouse.returns.collect import Export
from warehouse.returns.layout import Item, Module

BATCH = 2_000
BAND = 10_000
_INDENT = "  "
# What XML 1.0 cannot hold: control characters, surrogates, and two code points that are none.
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class RecordsDoNotMeet(ValueError):
    """A record has no parent, or records are out of order: a fault of the mart, never of a council's data."""


class Records:
    """The rows of one record table in the order of their ids, with one row of look-ahead."""

    def __init__(self, module: Module, columns: tuple[str, ...], rows: Iterator[tuple[Any, ...]]):
        self.module = module
        self._width = len(module.key)
        self._columns = columns[self._width :]
        self._rows = rows
        self._last: tuple[str, ...] | None = None
        self._ahead: tuple[Any, ...] | None = None
        self._step()

    def of(self, parent: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
        """The records whose ids begin with the parent's, as (id, values by element)."""
        while self._ahead is not None:
            key = self._ahead[: self._width]
            if key[: len(parent)] != parent:
                if key[: len(parent)] < parent:
                    raise RecordsDoNotMeet(f"a record of {self.module.table} has no parent record")
                return
            values = dict(zip(self._columns, self._ahead[self._width :], strict=True))
            self._step()
            yield key, values

    def finish(self) -> None:
        """Raise RecordsDoNotMeet if any record was not reached."""
        if self._ahead is not None:
            raise RecordsDoNotMeet(f"a record of {self.module.table} has no parent record")

    def _step(self) -> None:
        self._ahead = next(self._rows, None)
        if self._ahead is None:
            return
        key = self._ahead[: self._width]
        if None in key:
            raise RecordsDoNotMeet(f"a record of {self.module.table} has no id")
        if self._width and self._last is not None and key <= self._last:
            raise RecordsDoNotMeet(f"two records of {self.module.table} have one id, or its rows are out of order")
        self._last = key


class Writer:
    """Write one message; `export` takes each record too, if it is given.

    `counts` has the records written per module, `removed` the characters that XML cannot hold and `left_out` the codes
    that the year does not have, both per element.
    """

    def __init__(
        self,
        message: Module,
        open_rows: Callable[[Module, tuple[str, ...]], Iterator[tuple[Any, ...]]],
        export: Export | None = None,
    ):
        self.counts: Counter[str] = Counter({module.name: 0 for module in message.walk() if module.table})
        self.removed: Counter[str] = Counter()
        self.left_out: Counter[str] = Counter()
        self._message = message
        self._export = export
        self._records: dict[str, Records] = {}
        for module in message.walk():
            if module.table:
                columns = (*module.key, *(item.element for item in module.items))
                self._records[module.name] = Records(module, columns, open_rows(module, columns))

    def write(self, file: Path) -> None:
        """Write the message to `file`. Memory does not grow with the number of records."""
        with file.open("wb") as handle, etree.xmlfile(handle, encoding="utf-8") as xml:
            handle.write(b'<?xml version="1.0" encoding="utf-8"?>\n')
            self._stream(xml, self._message, 0)
        with file.open("ab") as handle:
            handle.write(b"\n")
        for records in self._records.values():
            records.finish()

    def _stream(self, xml: Any, module: Module, depth: int) -> None:
        """Write a module that only holds others as it goes, and each record under it as a whole."""
        if module.table:
            for place, (key, values) in enumerate(self._records[module.name].of(()), 1):
                element = self._element(module, key, values, 1, place)
                etree.indent(element, space=_INDENT, level=depth)
                if place > 1:
                    xml.write("\n" + _INDENT * depth)
                xml.write(element)
            return
        with xml.element(module.tag):
            xml.write("\n")
            for part in module.modules:
                xml.write(_INDENT * (depth + 1))
                self._stream(xml, part, depth + 1)
                xml.write("\n")
            xml.write(_INDENT * depth)

    def _element(
        self, module: Module, key: tuple[str, ...], values: dict[str, Any], above: int, place: int
    ) -> etree._Element:
        self.counts[module.name] += 1
        texts = {item.element: self._text(item, values[item.element]) for item in module.items}
        number = self._export.add(module, above, place, texts) if self._export else 0
        element = etree.Element(module.tag)
        for part in module.content:
            if isinstance(part, Item):
                if text := texts[part.element]:
                    etree.SubElement(element, part.tag).text = text
            else:
                for child_place, (child_key, child) in enumerate(self._records[part.name].of(key), 1):
                    element.append(self._element(part, child_key, child, number, child_place))
        return element

    def _text(self, item: Item, value: Any) -> str:
        if value is None:
            return ""
        if isinstance(value, datetime):
            return value.isoformat(timespec="seconds")
        if isinstance(value, date):
            return value.isoformat()
        text, removed = _NOT_XML.subn("", str(value))
        if removed:
            self.removed[item.element] += removed
        text = text.strip()
        if text and item.codes and text not in item.codes:
            self.left_out[item.element] += 1
            return ""
        return text


def rows_of(
    connection: duckdb.DuckDBPyConnection, schema: str, year: int
) -> Callable[[Module, tuple[str, ...]], Iterator[tuple[Any, ...]]]:
    """A reader of the record tables of one collection year: a cursor for each, in the order of its ids.

    A sorted result has to be held somewhere, so the tables are read in bands of the outermost id: memory is that of one
    band, however many there are.
    """
    bands: list[tuple[str | None, str | None]] = []

    def open_rows(module: Module, columns: tuple[str, ...]) -> Iterator[tuple[Any, ...]]:
        cursor = connection.cursor()
        select = f"select {', '.join(_quoted(columns))} from {schema}.{module.table} where collection_year = ?"
        if not module.key:
            yield from cursor.execute(select, [year]).fetchall()
            return
        outermost = _quoted(module.key)[0]
        if not bands:  # the outermost table is the first to be opened
            bands.extend(_bands(cursor, f"{schema}.{module.table}", outermost, year))
        for lower, upper in bands:
            # A record without an id belongs to no band; it is read with the last, so that it is not passed by.
            condition = (f" and ({outermost} > ? or {outermost} is null)" if lower is not None else "") + (
                f" and {outermost} <= ?" if upper is not None else ""
            )
            limits = [limit for limit in (lower, upper) if limit is not None]
            cursor.execute(f"{select}{condition} order by {', '.join(_quoted(module.key))}", [year, *limits])
            while batch := cursor.fetchmany(BATCH):
                yield from batch

    return open_rows


def _bands(
    cursor: duckdb.DuckDBPyConnection, table: str, outermost: str, year: int
) -> Iterator[tuple[str | None, str | None]]:
    """(above, up to) of the outermost id, with BAND records between; open at both ends."""
    found = cursor.execute(
        f"select {outermost} from (select {outermost}, row_number() over (order by {outermost}) as place from {table} "
        f"where collection_year = ?) where place % ? = 0 order by {outermost}",
        [year, BAND],
    ).fetchall()
    limits = [None, *(row[0] for row in found), None]
    yield from pairwise(limits)


def _quoted(names: tuple[str, ...]) -> list[str]:
    return [f'"{name}"' for name in names]
