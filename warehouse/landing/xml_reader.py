"""XML returns: one streaming pass per file for all its extracts, no entities, no network, memory of one record."""

from __future__ import annotations

import csv
from collections import Counter
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from xml.parsers import expat

from lxml import etree

from warehouse.landing import encoding
from warehouse.landing.quarantine import Quarantine
from warehouse.landing.staged import Staged
from warehouse.specification import Column, Extract

# libxml2's codes for a document that ends before it is closed, and for bytes that its encoding does not have.
_CUT_OFF = {
    etree.ErrorTypes.ERR_TAG_NOT_FINISHED,
    etree.ErrorTypes.ERR_GT_REQUIRED,
    etree.ErrorTypes.ERR_LTSLASH_REQUIRED,
    etree.ErrorTypes.ERR_DOCUMENT_EMPTY,
}
_NOT_ITS_ENCODING = {
    etree.ErrorTypes.ERR_INVALID_ENCODING,
    etree.ErrorTypes.ERR_INVALID_CHAR,
    etree.ErrorTypes.ERR_UNKNOWN_ENCODING,
    etree.ErrorTypes.ERR_UNSUPPORTED_ENCODING,
}


# And for what is longer or deeper than it is willing to hold.
_WITHOUT_END = {etree.ErrorTypes.ERR_RESOURCE_LIMIT, etree.ErrorTypes.ERR_NAME_TOO_LONG}


# Elements of one record, or held because of where they stand: a record of a child has some hundreds.
MOST_HELD = 100_000
# Letters of a path that are remembered; those that are declared are shorter.
_LONGEST_PATH = 1_000


class _PrologRead(Exception):
    """The first element has been reached: there was no DOCTYPE."""


@dataclass
class _Rows:
    """One extract while the file is read."""

    extract: Extract
    file: Path
    columns: list[Column]
    records: frozenset[str] = frozenset()
    paths: list[tuple[str, ...]] = field(default_factory=list)
    writer: Any = None
    written: int = 0
    wanted: frozenset[int] = frozenset()
    texts: dict[int, str] = field(default_factory=dict)


def read(file: str, path: Path, extracts: list[Extract], scratch: Path) -> dict[str, tuple[Staged, dict[str, str]]]:
    """Stage every extract of one XML file, with the columns that stand once in the file as constants.

    Raises Quarantine: empty_file, not_text, xml_entities, wrong_root, truncated, bad_encoding, not_well_formed,
    wrong_header, no_rows.
    """
    _refuse_unsafe(file, path)
    meta = extracts[0].source_meta
    once = {
        part: ""
        for extract in extracts
        for column in extract.columns
        for part in _parts(column.xpath or "")
        if part.startswith("/")
    }
    counts: Counter[str] = Counter()
    tables = [_rows(extract, scratch / f"{extract.entity}.csv", once) for extract in extracts]
    with ExitStack() as files:
        for table in tables:
            handle = files.enter_context(table.file.open("w", encoding="utf-8", newline=""))
            table.writer = csv.writer(handle, quoting=csv.QUOTE_ALL, lineterminator="\n")
        try:
            _pass(file, path, meta, tables, once, counts)
        except etree.XMLSyntaxError as error:
            raise _broken(file, error) from None
    if "xml_collection" in meta and once[_collection(meta)] != meta["xml_collection"]:
        raise _wrong_root(file, meta)
    if not any(counts[record] for record in _records(meta)):
        wanted = " or ".join(_names(meta["xml_record"]))
        raise Quarantine("no_rows", f"{file}: the return holds no {wanted} element, so no record. Export it again.")
    for extract in extracts:
        _refuse_missing(file, extract, once)
    return {table.extract.entity: (_staged(path, table, counts), _constants(table.extract, once)) for table in tables}


def _rows(extract: Extract, file: Path, once: dict[str, str]) -> _Rows:
    columns = [column for column in extract.columns if column.xpath and column.xpath not in once]
    meta = extract.source_meta
    records = [f"/{meta['xml_root']}/{name}" for name in _names(extract.meta.get("xml_record", meta["xml_record"]))]
    return _Rows(extract, file, columns, frozenset(records), [_parts(column.xpath) for column in columns])


def _pass(
    file: str, path: Path, meta: dict[str, Any], tables: list[_Rows], once: dict[str, str], counts: Counter[str]
) -> None:
    once.setdefault(_collection(meta), "")
    records = set(_records(meta))
    above = _above(tables)
    holders = set(above.values())
    here: list[str] = []  # the path of each element that is open
    depth = max(record.count("/") for record in records)
    number = 0
    events = etree.iterparse(
        str(path),
        events=("start", "end"),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    inside, held = False, 0
    for event, element in events:
        if event == "start":
            held += 1
            if held > MOST_HELD:
                raise Quarantine(
                    "not_well_formed",
                    f"{file}: line {element.sourceline} is in an element that holds more than {MOST_HELD:,} others, as "
                    "no record does. It was not read further. Export it again.",
                )
            tag = _without_prefix(file, element)
            where = f"{here[-1] if here else ''}/{tag}"[:_LONGEST_PATH]
            here.append(where)
            if len(here) == 1:
                if element.getroottree().docinfo.internalDTD is not None:
                    _refuse_doctype(file)
                if tag != meta["xml_root"]:
                    raise _wrong_root(file, meta)
            inside = inside or where in records
            if inside:
                counts[where] += 1
            continue
        where = here.pop()
        if where in once and not once[where]:
            once[where] = (element.text or "").strip()
        if where in records:
            number += 1
            for table in tables:
                if where in table.records:
                    _extract_rows(file, table, element, number, once)
            inside = False
        if not inside and len(here) < depth and where not in above:
            element.clear(keep_tail=False)
            if here and here[-1] in holders:
                continue
            held = 0
            while element.getprevious() is not None:
                del element.getparent()[0]


def _without_prefix(file: str, element: Any) -> str:
    """The tag, which from here on is the element's own: a namespace does not matter; one that nobody declared is
    refused by libxml2 when it has read the file."""
    tag = element.tag
    if "}" not in tag and ":" not in tag:
        return tag
    try:
        element.tag = tag = tag.rpartition("}")[2].rpartition(":")[2]
        return tag
    except ValueError:
        raise Quarantine(
            "not_well_formed",
            f"{file}: line {element.sourceline}: an element has a colon and no name behind it. Export the file again; "
            "undo any edit by hand.",
        ) from None


def _above(tables: list[_Rows]) -> dict[str, str]:
    """What records refer to by ../ outside of themselves, and what holds it: neither goes before they do."""
    found = {}
    for table in tables:
        for base, record in ((_inner(record, nested), record) for record in table.records for nested in _nested(table)):
            for path in (path for paths in table.paths for path in paths if path.startswith("../")):
                holder = base.rsplit("/", path.count("../"))[0]
                if len(holder) < len(record):
                    found[f"{holder}/{path.replace('../', '')}"] = holder
    return found


def _extract_rows(file: str, table: _Rows, record: Any, number: int, once: dict[str, str]) -> None:
    """The rows that one record gives to one extract. Elements may be missing or repeated; text between them is none."""
    for anchor in (found for path in _nested(table) for found in ([record] if path == "." else record.findall(path))):
        table.written += 1
        if table.writer:
            numbers = {"record()": str(number), "position()": str(table.written)}
            values = ["".join(_value(file, anchor, part, numbers, once) for part in parts) for parts in table.paths]
            table.writer.writerow([table.written, *values])
        elif table.written in table.wanted:
            table.texts[table.written] = etree.tostring(anchor, encoding="unicode", with_tail=False)


def _value(file: str, anchor: Any, path: str, numbers: dict[str, str], once: dict[str, str]) -> str:
    if path in numbers:
        return numbers[path]
    if path.startswith("'"):
        return path.strip("'")
    if path.startswith("/"):
        if not once[path]:
            raise _no_header(file, path)
        return once[path]
    while path.startswith("../"):
        anchor, path = anchor.getparent(), path[3:]
    if path == "name()":
        return anchor.tag
    return (anchor.text if path == "." else anchor.findtext(path)) or ""


def _staged(path: Path, table: _Rows, counts: Counter[str]) -> Staged:
    return Staged(
        file=table.file,
        delimiter=",",
        width=len(table.columns),
        fields={column.name: position for position, column in enumerate(table.columns)},
        numbered=True,
        received=sum(counts[_inner(record, nested)] for record in table.records for nested in _nested(table)),
        rejects=(),
        raw_text=lambda wanted: _texts(path, table.extract, wanted),
        encoding="xml",
    )


def _nested(table: _Rows) -> list[str]:
    """The elements of a row inside a record; `.` is the record itself."""
    return _names(table.extract.meta["record"])


def _inner(record: str, nested: str) -> str:
    return record if nested == "." else f"{record}/{nested}"


def _texts(path: Path, extract: Extract, wanted: set[int]) -> dict[int, str]:
    """The XML of some records, from a second pass over the file."""
    table = replace(_rows(extract, path, {}), wanted=frozenset(wanted))
    _pass("", path, extract.source_meta, [table], {}, Counter())
    return table.texts


def _constants(extract: Extract, once: dict[str, str]) -> dict[str, str]:
    return {column.name: once[column.xpath] for column in extract.columns if column.xpath in once}


def _records(meta: dict[str, Any]) -> list[str]:
    return [f"/{meta['xml_root']}/{name}" for name in _names(meta["xml_record"])]


def _names(names: str | list[str]) -> list[str]:
    return [names] if isinstance(names, str) else names


def _parts(xpath: str) -> tuple[str, ...]:
    """What a column is put together from: paths, words in quotes, record() and position()."""
    return tuple(xpath.split(" + "))


def _collection(meta: dict[str, Any]) -> str:
    return f"/{meta['xml_root']}/Header/CollectionDetails/Collection"


def _refuse_unsafe(file: str, path: Path) -> None:
    """Refuse what is no XML, and any document type: it can name outside files and grow without end (entity bomb)."""
    if path.stat().st_size == 0:
        raise Quarantine("empty_file", f"{file}: the file is empty (0 bytes). Export it again.")
    with path.open("rb") as handle:
        start = handle.read(encoding.CHUNK)
    if words := encoding.what_it_is(start):
        raise Quarantine("not_text", f"{file}: this is {words}, whatever its name says. Unpack it and deliver the XML.")
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = lambda *_: _refuse_doctype(file)
    parser.StartElementHandler = lambda *_: _stop()
    # What expat cannot read, lxml refuses next, with entities switched off and a look of its own for a document type.
    with suppress(_PrologRead, expat.ExpatError, LookupError, ValueError):  # the last two: an encoding that is none
        for chunk in encoding.chunks(path):
            parser.Parse(chunk, False)


def _refuse_doctype(file: str) -> None:
    raise Quarantine(
        "xml_entities",
        f"{file}: the file declares a document type or entities (<!DOCTYPE>), which no return has and which can do "
        f"harm. It was not read. Ask its sender for the plain return.",
    )


def _stop() -> None:
    raise _PrologRead


def _refuse_missing(file: str, extract: Extract, once: dict[str, str]) -> None:
    for column in extract.columns:
        if column.required and column.xpath in once and not once[column.xpath]:
            raise Quarantine(
                "wrong_header",
                f"{file}: the element {column.xpath} is missing or blank, so nobody can say which {column.name} "
                f"the return is for. Fill it in and deliver the file again.",
            )


def _no_header(file: str, path: str) -> Quarantine:
    return Quarantine(
        "wrong_header",
        f"{file}: {path} is missing, blank or stands after the first record, so nobody can tell its records from those "
        f"of other files. Fill it in, in the header, and deliver the file again.",
    )


def _wrong_root(file: str, meta: dict[str, Any]) -> Quarantine:
    return Quarantine(
        "wrong_root",
        f"{file}: this is not the {meta['title']} return: it should start with <{meta['xml_root']}>"
        + (
            f" and have Header/CollectionDetails/Collection {meta['xml_collection']}"
            if "xml_collection" in meta
            else ""
        )
        + ". Put it in the folder of its own source.",
    )


def _broken(file: str, error: etree.XMLSyntaxError) -> Quarantine:
    # The parser's own words can quote the file, so only the code of the fault and the line are passed on.
    line = f"line {error.lineno}"
    if error.code in _CUT_OFF:
        return Quarantine(
            "truncated", f"{file}: the XML ends on {line} before it is closed: it was cut off. Export it again."
        )
    if error.code in _NOT_ITS_ENCODING:
        return Quarantine(
            "bad_encoding", f"{file}: {line} holds bytes that are not in the declared encoding. Export it again."
        )
    if error.code in _WITHOUT_END:
        return Quarantine(
            "not_well_formed",
            f"{file}: {line} holds a text, a tag or a nesting longer than any return has. It was not read further. "
            "Export it again.",
        )
    return Quarantine(
        "not_well_formed",
        f"{file}: the XML is broken on {line} (fault {error.code} of libxml2). Export it again; undo any edit by hand.",
    )
