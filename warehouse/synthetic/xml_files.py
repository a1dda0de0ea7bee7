"""XML as an extract declares it: elements from the xpaths, rows of nested tables inside the record they belong to."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

from lxml import etree

from warehouse import specification
from warehouse.specification import Column, Extract
from warehouse.synthetic.extract_table import table
from warehouse.synthetic.world import World

Row = dict[str, Any]


def write(world: World, source: str, file: str, part: Path, order: str = "_sort") -> None:
    """One document of a source: all its tables whose rows go to `file`. A few thousand records: it is built whole."""
    declared = specification.sources()[source]
    held = [extract for extract in declared.extracts if "record" in extract.meta]
    rows = {extract.entity: _rows(world, extract, file, order) for extract in held}
    root = etree.Element(declared.meta["xml_root"])
    _header(world, root, declared.meta, held, rows)
    for parent in [extract for extract in held if extract.meta["record"] == "."]:
        children = [_Children(extract, parent, rows[extract.entity]) for extract in held if extract is not parent]
        record = parent.meta.get("xml_record", declared.meta["xml_record"])
        for row in rows[parent.entity]:
            element = _append(root, record)
            _fill(element, parent, row)
            for nested in children:
                nested.place(element, row)
    etree.ElementTree(root).write(part, encoding="utf-8", xml_declaration=True, pretty_print=True)


class _Children:
    """Rows of a nested table by what they share with their record: what they read outside their own element."""

    def __init__(self, extract: Extract, parent: Extract, rows: list[Row]) -> None:
        own = {column.name for column in parent.columns}
        self.extract = extract
        self.link = [c.name for c in extract.columns if c.name in own and _is_of_record(c)]
        self.by_record: dict[tuple, list[Row]] = defaultdict(list)
        for row in rows:
            self.by_record[self._key(row)].append(row)

    def place(self, record: Any, row: Row) -> None:
        for nested in self.by_record.get(self._key(row), ()):
            _fill(_append(record, self.extract.meta["record"]), self.extract, nested)

    def _key(self, row: Row) -> tuple:
        return tuple(row[name] for name in self.link)


def _is_of_record(column: Column) -> bool:
    return bool(column.xpath) and (column.xpath.startswith("../") or "record()" in column.xpath)


def _rows(world: World, extract: Extract, file: str, order: str) -> list[Row]:
    result = world.con.execute(
        f"select * from {table(extract.source, extract.entity)} where _file = $file order by {order}", {"file": file}
    )
    names = [column[0] for column in result.description]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def _header(world: World, root: Any, meta: dict[str, Any], held: list[Extract], rows: dict[str, list[Row]]) -> None:
    texts = {}
    if "xml_collection" in meta:
        texts[f"/{meta['xml_root']}/Header/CollectionDetails/Collection"] = meta["xml_collection"]
    council = f"/{meta['xml_root']}/Header/Source/LEA"
    if any(council in (column.xpath or "") for extract in held for column in extract.columns):
        texts[council] = world.settings.la_code
    for extract in held:
        for column in extract.columns:
            if (column.xpath or "").startswith("/") and " + " not in column.xpath and rows[extract.entity]:
                texts[column.xpath] = rows[extract.entity][0][column.name]
    for path, text in texts.items():
        if text is not None:
            _set(root, path.split("/", 2)[2], text)


def _fill(element: Any, extract: Extract, row: Row) -> None:
    for column in extract.columns:
        path = column.xpath or ""
        if path and "(" not in path and not path.startswith("/") and row[column.name] is not None:
            _set(element, path, row[column.name])


def _set(element: Any, path: str, text: str) -> None:
    """Text of the element at a path below this one, or, with ../, beside one above it."""
    while path.startswith("../"):
        element, path = element.getparent(), path[3:]
    if path == ".":
        element.text = text
    elif element.find(path) is None:
        _append(element, path).text = text


def _append(element: Any, path: str) -> Any:
    """A new element at the end of a path; what is missing on the way is made, the last one always."""
    *way, last = path.removeprefix(".//").split("/")
    for name in way:
        found = element.find(name)
        element = etree.SubElement(element, name) if found is None else found
    return etree.SubElement(element, last.partition("[")[0])
