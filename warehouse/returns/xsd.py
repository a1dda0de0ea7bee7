"""An XML schema made from the layout, and the check of a written file against it.

The schema holds structure, order, occurrence, types and codes. It is ours, made from rows; it is not DfE's. What the
text of a number must look like (UPN, ULN, URN) is left to the rules, which say what to do about it.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from warehouse.returns.layout import Item, Module

_XS = "http://www.w3.org/2001/XMLSchema"
_TYPES = {"text": "xs:string", "code": "xs:string", "date": "xs:date", "date_time": "xs:dateTime", "year": "xs:gYear"}
_FAULTS_KEPT = 100
# A faulty file beyond this size is not read whole again just to learn the lines.
_LOCATED_BYTES = 200_000_000


@dataclass(frozen=True)
class Fault:
    """Where a file breaks the schema: line (0 where not known), element and kind of fault. Never a value."""

    line: int
    element: str
    kind: str


def schema(message: Module, title: str) -> etree._ElementTree:
    """The XML schema of a message; `title` stands in its documentation."""
    root = etree.Element(_xs("schema"), nsmap={"xs": _XS}, elementFormDefault="qualified")
    _documentation(root, title)
    root.append(_module(message, top=True))
    return etree.ElementTree(root)


def to_bytes(tree: etree._ElementTree) -> bytes:
    """The schema as it is written to a file."""
    return etree.tostring(tree, xml_declaration=True, encoding="utf-8", pretty_print=True)


def faults(file: Path, tree: etree._ElementTree, record_tag: str) -> tuple[tuple[Fault, ...], Counter[str]]:
    """Check a file while reading it: the first faults, and the number of faults per kind.

    Each `record_tag` element is let go once read, so that memory does not grow. An ill-formed file is a fault too.
    """
    schema = etree.XMLSchema(tree)
    reader = etree.iterparse(
        file, events=("end",), tag=record_tag, schema=schema, resolve_entities=False, no_network=True
    )
    try:
        for _, element in reader:
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]
    except etree.XMLSyntaxError:
        if not len(reader.error_log):
            raise
    log = list(reader.error_log)
    if log and all(entry.line == 0 for entry in log) and file.stat().st_size < _LOCATED_BYTES:
        log = _located(file, schema) or log
    found = [
        Fault(
            line=entry.line,
            element=(re.search(r"Element '([^']+)'", entry.message) or ["", ""])[1],
            kind=entry.type_name.removeprefix("SCHEMAV_").lower(),
        )
        for entry in log
    ]
    return tuple(found[:_FAULTS_KEPT]), Counter(fault.kind for fault in found)


def _located(file: Path, schema: etree.XMLSchema) -> list[etree._LogEntry]:
    """The same faults with their lines: the streaming check does not know them, so a faulty file is read once more."""
    schema.validate(etree.parse(file, etree.XMLParser(resolve_entities=False, no_network=True)))
    return list(schema.error_log)


def _module(module: Module, top: bool = False) -> etree._Element:
    element = etree.Element(_xs("element"), name=module.tag)
    if not top:
        _occurs(element, module.min_occurs, module.max_occurs)
    sequence = etree.SubElement(etree.SubElement(element, _xs("complexType")), _xs("sequence"))
    for part in module.content:
        sequence.append(_item(part) if isinstance(part, Item) else _module(part))
    return element


def _item(item: Item) -> etree._Element:
    element = etree.Element(_xs("element"), name=item.tag)
    _occurs(element, item.min_occurs, 1)
    restricted = bool(item.codes or item.pattern)
    if not restricted:
        element.set("type", _TYPES[item.data_type])
    if item.fixed_value:
        element.set("fixed", item.fixed_value)
    _documentation(element, " ".join(word for word in (item.item_number, item.title) if word))
    if restricted:
        rule = etree.SubElement(
            etree.SubElement(element, _xs("simpleType")), _xs("restriction"), base=_TYPES[item.data_type]
        )
        if item.codes:
            for code in item.codes:
                etree.SubElement(rule, _xs("enumeration"), value=code)
        else:
            etree.SubElement(rule, _xs("pattern"), value=item.pattern)
    return element


def _occurs(element: etree._Element, least: int, most: int | None) -> None:
    if least != 1:
        element.set("minOccurs", str(least))
    if most != 1:
        element.set("maxOccurs", "unbounded" if most is None else str(most))


def _documentation(element: etree._Element, text: str) -> None:
    note = etree.SubElement(etree.SubElement(element, _xs("annotation")), _xs("documentation"))
    note.text = text


def _xs(name: str) -> str:
    return f"{{{_XS}}}{name}"
