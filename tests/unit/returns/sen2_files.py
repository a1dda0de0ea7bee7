"""SEN2 files by hand: records of the cases as XML text, as any system might write it, right or wrong."""

from __future__ import annotations

from pathlib import Path
from xml.sax.saxutils import escape

from tests.unit.returns import sen2_cases
from tests.unit.returns.sen2_cases import Case, Record
from warehouse.returns import layout


def case(base: str = "issued", changes: str = "") -> Case:
    """A case of the golden folder's language, by itself."""
    parts = tuple(part.strip() for part in changes.split(";") if part.strip())
    return Case("", "", base, parts, "", frozenset(), False)


def xml(cases: list[Case], year: int, first: int = 0) -> str:
    """One file with the people of the cases in order, one element a line, the values as they are."""
    header = dict(sen2_cases.HEADER)
    people: list[Record] = []
    for number, one in enumerate(cases, first):
        header, found = sen2_cases.build(one, number)
        people += found
    message = layout.message(year, demonstration=True)
    lines = ["<Message>", "<Header>"]
    for module in message.modules[0].modules:
        lines += [f"<{module.tag}>", *_items(module, header, year), f"</{module.tag}>"]
    lines += ["</Header>", "<Persons>"]
    for person in people:
        lines += _record(message.modules[1].modules[0], person, year)
    return "\n".join([*lines, "</Persons>", "</Message>", ""])


def write(file: Path, text: str) -> Path:
    """The text as a file in UTF-8."""
    file.write_text(text, encoding="utf-8", newline="\n")
    return file


def line_of(text: str, part: str) -> int:
    """The line, from 1, on which a part of the text first stands."""
    return text[: text.index(part)].count("\n") + 1


def _record(module: layout.Module, record: Record, year: int, beside: tuple[Record, ...] = ()) -> list[str]:
    """`beside` are the request's other records: a plan stands beside its assessment here, and inside it in a file."""
    lines = [f"<{module.tag}>"]
    pool = (*record.children, *beside)
    for part in module.content:
        if isinstance(part, layout.Item):
            lines += _item(part, record.values, year)
        else:
            for child in (child for child in pool if child.module == part.name):
                lines += _record(part, child, year, tuple(record.children) if module.name == "requests" else ())
    return [*lines, f"</{module.tag}>"]


def _items(module: layout.Module, values: dict[str, str], year: int) -> list[str]:
    return [line for item in module.items for line in _item(item, values, year)]


def _item(item: layout.Item, values: dict[str, str], year: int) -> list[str]:
    value = sen2_cases.value(values.get(item.element, ""), year, item.data_type == "date")
    return [] if value is None else [f"<{item.tag}>{escape(str(value))}</{item.tag}>"]
