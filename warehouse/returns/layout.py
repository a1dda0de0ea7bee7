"""The shape of a return in one collection year, from the rows in `warehouse/spec/returns/<return>`.

The writer, the schema and the documentation walk this tree; none of them knows the name of a field.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from warehouse import specification


@dataclass(frozen=True)
class Item:
    """One data item: `element` is its column in the record table, `tag` its name in the XML."""

    element: str
    tag: str
    title: str
    item_number: str
    data_type: str
    codes: tuple[str, ...]
    pattern: str
    fixed_value: str
    min_occurs: int
    requirement: str
    condition: str


@dataclass(frozen=True)
class Module:
    """One XML element that holds items and modules, in the order in which they are written.

    `table` is the record table, '' for an element that only holds others; `key` its id columns, which begin with
    those of the parent's table. `max_occurs` None means any number.
    """

    name: str
    tag: str
    table: str
    key: tuple[str, ...]
    min_occurs: int
    max_occurs: int | None
    content: tuple[Item | Module, ...]

    @property
    def items(self) -> tuple[Item, ...]:
        return tuple(part for part in self.content if isinstance(part, Item))

    @property
    def modules(self) -> tuple[Module, ...]:
        return tuple(part for part in self.content if isinstance(part, Module))

    def walk(self) -> Iterator[Module]:
        """This module and every module under it, parents first."""
        yield self
        for module in self.modules:
            yield from module.walk()


class YearNotKnown(ValueError):
    """No row opens the collection year; the message says which years there are."""


def collection(year: int) -> dict[str, str]:
    """The row of a collection year. Raises YearNotKnown."""
    known = {int(row["collection_year"]): row for row in specification.rows("collection")}
    if year not in known:
        raise YearNotKnown(
            f"There is no collection {year}: collection.csv has {', '.join(map(str, sorted(known)))}. "
            "docs/guides/open-a-new-collection-year.md says how to open one."
        )
    return known[year]


def message(year: int, demonstration: bool = False) -> Module:
    """The whole message of a collection year. Codes that exist for the demonstration count only when it is one."""
    collection(year)
    modules = [row for row in specification.rows("module") if specification.in_force(row, year)]
    root = next(row for row in modules if not row["parent"])
    elements = [row for row in specification.rows("element") if specification.in_force(row, year)]
    return _module(root, modules, elements, year, demonstration)


def root_tag() -> str:
    """The outermost element of the return, the same in every year."""
    return next(row["element"] for row in specification.rows("module") if not row["parent"])


def _module(
    row: dict[str, str],
    modules: list[dict[str, str]],
    elements: list[dict[str, str]],
    year: int,
    demonstration: bool,
) -> Module:
    parts: list[tuple[int, Item | Module]] = [
        (int(part["sort_order"]), _item(part, year, demonstration))
        for part in elements
        if part["module"] == row["module"]
    ]
    parts += [
        (int(part["sort_order"]), _module(part, modules, elements, year, demonstration))
        for part in modules
        if part["parent"] == row["module"]
    ]
    return Module(
        name=row["module"],
        tag=row["element"],
        table=row["table_name"],
        key=tuple(row["key_columns"].split()),
        min_occurs=int(row["schema_min_occurs"]),
        max_occurs=int(row["max_occurs"]) if row["max_occurs"] else None,
        content=tuple(part for _, part in sorted(parts, key=lambda pair: pair[0])),
    )


def _item(row: dict[str, str], year: int, demonstration: bool) -> Item:
    return Item(
        element=row["element"],
        tag=row["tag"] or row["element"],
        title=row["title"],
        item_number=row["item_number"],
        data_type=row["data_type"],
        codes=codes(row["code_set"], row["pattern"], year, demonstration),
        pattern=row["pattern"],
        fixed_value=row["fixed_value"],
        min_occurs=int(row["min_occurs"]),
        requirement=row["requirement"],
        condition=row["condition"],
    )


def codes(code_set: str, pattern: str, year: int, demonstration: bool) -> tuple[str, ...]:
    """The codes of a set in a year, in the set's order; a pattern narrows them. Empty where there is no set."""
    if not code_set:
        return ()
    return tuple(
        dict.fromkeys(
            row["code"]
            for row in specification.rows(f"code_{code_set}")
            if specification.in_force(row, year)
            and (demonstration or row["certainty"] != "demonstration")
            and (not pattern or re.fullmatch(pattern, row["code"]))
        )
    )
