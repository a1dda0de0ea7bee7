"""A return of any size, made in the database from the rows of its year: every item, every code, every repeat.

What a record holds is drawn by a hash of its id, so that the same return comes out again. Nobody in it is real, and
nothing in it makes sense: a placement may end before it begins. It is for what has to be kept, not for what is right.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from tests.unit.returns import sen2_records
from warehouse.returns import layout

# As people have them and as files break on them; a blank at either end is no part of a value.
TEXTS = (
    "O'Brien",
    "D’Arcy-Ngũgĩ",
    "Zoë Ødegård Șerban",
    "Smith & Sons <Ltd>",
    'the "Grove", unit 2; annexe',
    "=1+1",
    "N/A",
    "null",
    "0007",
    "李小龍",
    "Adjoa " * 60 + "Mensah",
    "]]> -- ; drop",
)
DAYS = (date(2024, 2, 29), date(2000, 2, 29), date(1999, 12, 31), date(2027, 1, 1))
MOST = 4


def generate(file: Path, year: int, people: int, fullness: int = 9) -> Path:
    """A database with the record tables of so many people of a collection year.

    `fullness` of 12 is how often an item, or a record that may be missing, is there. The first hundred people have all
    that they may have.
    """
    sen2_records.database(file, (("header", header(year)),), year)
    with duckdb.connect(str(file)) as connection:
        for module in layout.message(year, demonstration=True).walk():
            if module.key:
                connection.execute(_insert(module, year, people, fullness, _parents(year)[module.name]))
    return file


def header(year: int) -> dict[str, Any]:
    """A header with every item of the year."""
    found: dict[str, Any] = {}
    for module in layout.message(year, demonstration=True).walk():
        if module.table and not module.key:
            for item in module.items:
                found[item.element] = item.fixed_value or (item.codes[-1] if item.codes else "7")
    return found | {
        "Year": str(year),
        "ReferenceDate": date(year, 1, 15),
        "SerialNo": "001",
        "DateTime": f"{year}-02-28T23:59:59",
    }


def _parents(year: int) -> dict[str, layout.Module | None]:
    """Module → the nearest module above it that has records."""
    found: dict[str, layout.Module | None] = {}

    def walk(module: layout.Module, above: layout.Module | None) -> None:
        found[module.name] = above
        for child in module.modules:
            walk(child, module if module.key else above)

    walk(layout.message(year), None)
    return found


def _insert(module: layout.Module, year: int, people: int, fullness: int, parent: layout.Module | None) -> str:
    """Rows of one module under the rows that its parent has: none, or as many as may be."""
    items = "".join(f', {_value(item, fullness)} as "{item.element}"' for item in module.items)
    if parent is None:
        ids = f"select lpad((i + 1)::varchar, 8, '0') as {module.key[0]} from range({people}) t(i)"
    else:
        most = (module.max_occurs or MOST) if len(module.key) > len(parent.key) else 1
        last = f", {parent.key[-1]} || '.' || lpad(place::varchar, 6, '0') as {module.key[-1]}"
        draw = f"hash({parent.key[-1]}, '{module.name}')"
        ids = (
            f"select {', '.join(parent.key)}{last if len(module.key) > len(parent.key) else ''} "
            f"from sen2.{parent.table}, range(1, {most + 1}) t(place) "
            f"where {parent.key[0]} <= '00000100' "
            f"or ({draw} % 12 < {fullness} and place <= 1 + ({draw} // 12) % {most})"
        )
    return (
        f"insert into sen2.{module.table} by name with ids as ({ids}), "
        f"drawn as (select *, hash({module.key[-1]}, '{module.name}') as draw from ids) "
        f"select {year} as collection_year, {', '.join(module.key)}{items} from drawn"
    )


def _value(item: layout.Item, fullness: int) -> str:
    """Now and then none, else a value of the item's kind."""
    draw = f"(hash(draw, '{item.element}') // 12)"
    if item.codes:
        value = f"{list(item.codes)}[1 + ({draw} % {len(item.codes)})::integer]"
    elif item.data_type == "date":
        odd = "[" + ", ".join(f"date '{day}'" for day in DAYS) + "]"
        value = (
            f"case when {draw} % 5 = 0 then {odd}[1 + ({draw} // 5 % {len(DAYS)})::integer] "
            f"else date '1990-01-01' + ({draw} % 13500)::integer end"
        )
    else:
        texts = "[" + ", ".join("'" + text.replace("'", "''") + "'" for text in TEXTS) + "]"
        value = (
            f"case when {draw} % 3 = 0 then {texts}[1 + ({draw} // 3 % {len(TEXTS)})::integer] "
            f"else 'X' || ({draw} % 1000000)::varchar end"
        )
    return f"case when hash(draw, '{item.element}') % 12 < {fullness} then {value} end"
