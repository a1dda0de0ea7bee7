"""The data dictionary of the return: a page per collection year and one to choose from, made from the rows.

Public: it holds no data, only what the rows of `warehouse/spec` say of items, codes, rules and years, and how sure each
of them is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2

from warehouse import __version__, specification
from warehouse.returns import layout

TEMPLATES = Path(__file__).parent
# Longer lists of codes stand once, at the end of the page.
LISTED = 15
TYPES = {
    "text": "text",
    "code": "code",
    "date": "date, year-month-day",
    "date_time": "date and time",
    "year": "year",
}
REQUIREMENTS = {
    "mandatory": "mandatory",
    "conditional": "conditional",
    "optional": "optional",
    "voluntary": "voluntary this year",
}
LEVELS = {"E": "error", "Q": "query", "W": "warning"}

Row = Mapping[str, str]


@dataclass(frozen=True)
class Rule:
    """A rule that names an item. Ours, never the department's."""

    printed_id: str
    level: str
    message: str


@dataclass(frozen=True)
class Entry:
    """An item of the year as the dictionary shows it: its row, its codes (row of the code set) and its rules."""

    row: Row
    tag: str
    codes: tuple[Row, ...]
    rules: tuple[Rule, ...]
    changes: tuple[str, ...]

    @property
    def anchor(self) -> str:
        return f"{self.row['module']}-{self.row['element']}"


@dataclass(frozen=True)
class Chapter:
    """A module of the year, with what stands in it in order: items, and modules by their tag."""

    row: Row
    depth: int
    path: str
    occurs: str
    parts: tuple[Entry | Row, ...]

    @property
    def entries(self) -> tuple[Entry, ...]:
        return tuple(part for part in self.parts if isinstance(part, Entry))


def write(folder: Path) -> tuple[Path, ...]:
    """Write index.html and <year>.html for every collection year into `folder`, made if absent."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    folder.mkdir(parents=True, exist_ok=True)
    years = [int(row["collection_year"]) for row in specification.rows("collection")]
    pages: dict[str, dict[str, Any]] = {
        "index.html": {
            "year": None,
            "counts": {year: counts(year) for year in years},
            "questions": specification.rows("open_question"),
        }
    }
    for year in years:
        before = _year_before(year)
        pages[f"{year}.html"] = {
            "year": year,
            "collection": layout.collection(year),
            "before": before,
            "tags": {row["module"]: row["element"] for row in specification.rows("module")},
            "chapters": chapters(year),
            "changes": changes(before, year) if before else (),
            "said": [row for row in specification.rows("collection_change") if row["collection_year"] == str(year)],
            "rules": _rules_of_no_item(year),
            "listed": LISTED,
        }
    written = []
    for name, values in pages.items():
        page = environment.get_template("dictionary.html.jinja").render(
            years=[layout.collection(each) for each in years],
            types=TYPES,
            requirements=REQUIREMENTS,
            levels=LEVELS,
            version=__version__,
            **values,
        )
        (folder / name).write_text(page, encoding="utf-8", newline="\n")
        written.append(folder / name)
    return tuple(written)


def counts(year: int) -> dict[str, int]:
    """Items of each module of a year that has any, by its tag."""
    return {module.tag: len(module.items) for module in layout.message(year).walk() if module.items}


def chapters(year: int) -> tuple[Chapter, ...]:
    """Every module of a year with what stands in it, parents first."""
    modules = [row for row in specification.rows("module") if specification.in_force(row, year)]
    by_name = {row["module"]: row for row in modules}
    changed = _changed(year)

    def path(row: Row) -> tuple[str, ...]:
        above = path(by_name[row["parent"]]) if row["parent"] else ()
        return (*above, row["element"])

    found = []
    for module in layout.message(year).walk():
        row = by_name[module.name]
        steps = path(row)
        parts: list[tuple[int, Entry | Row]] = [
            (int(item["sort_order"]), _entry(item, year, changed))
            for item in specification.rows("element")
            if item["module"] == module.name and specification.in_force(item, year)
        ]
        parts += [(int(child["sort_order"]), child) for child in modules if child["parent"] == module.name]
        ordered = tuple(part for _, part in sorted(parts, key=lambda pair: pair[0]))
        found.append(Chapter(row, len(steps) - 1, "/".join(steps), occurrence(row), ordered))
    return tuple(found)


def occurrence(row: Row) -> str:
    """How often a module may stand in the one above it, in words."""
    least, most = row["min_occurs"], row["max_occurs"]
    if not most:
        return f"{least} or more times"
    return {("1", "1"): "once", ("0", "1"): "at most once"}.get((least, most), f"{least} to {most} times")


def changes(before: int, year: int) -> tuple[str, ...]:
    """What the rows of two years do not share, a sentence each: items, order, numbers, requirements, tags, codes."""
    return tuple(sentence for _, sentence in _differences(before, year))


def _differences(before: int, year: int) -> Iterator[tuple[tuple[str, str], str]]:
    """((module, element), sentence); the module alone where no item is meant."""
    old, new = _by_item(before), _by_item(year)
    for key in [key for key in old if key not in new]:
        yield key, f"{_name(key, old[key])} is no longer asked."
    for key in [key for key in new if key not in old]:
        yield key, f"{_name(key, new[key])} is new."
    for key in [key for key in new if key in old]:
        then, now = old[key], new[key]
        name = _name(key, now)
        for column, word in (
            ("item_number", "number"),
            ("title", "title"),
            ("data_type", "type"),
            ("max_length", "greatest length"),
            ("condition", "condition"),
            ("fixed_value", "fixed value"),
            ("code_set", "code set"),
        ):
            if then[column] != now[column]:
                yield key, f"{name}: {word} was {then[column] or 'none'}, is {now[column] or 'none'}."
        if then["requirement"] != now["requirement"]:
            yield key, f"{name}: was {then['requirement']}, is {now['requirement']}."
        if (then["tag"] or then["element"]) != (now["tag"] or now["element"]):
            yield key, f"{name}: its tag was {then['tag'] or then['element']}, is {now['tag'] or now['element']}."
        if then["code_set"] and then["code_set"] == now["code_set"]:
            yield from ((key, f"{name}: {said}") for said in _code_changes(now, before, year))
    for module in layout.message(year).walk():
        then_order = _order(before, module.name)
        now_order = [tag for tag in _order(year, module.name) if tag in then_order]
        if [tag for tag in then_order if tag in now_order] != now_order:
            yield (module.name, ""), f"{module.tag}: the order is now {', '.join(now_order)}."
    rows = {
        at: {row["module"]: row for row in specification.rows("module") if specification.in_force(row, at)}
        for at in (before, year)
    }
    for name in sorted(set(rows[before]) | set(rows[year])):
        if name not in rows[year]:
            yield (name, ""), f"The module {rows[before][name]['element']} is gone."
        elif name not in rows[before]:
            yield (name, ""), f"The module {rows[year][name]['element']} is new."
        elif occurrence(rows[before][name]) != occurrence(rows[year][name]):
            stood, stands = (occurrence(rows[at][name]) for at in (before, year))
            yield (name, ""), f"{rows[year][name]['element']}: stood {stood}, stands {stands}."


def _code_changes(item: Row, before: int, year: int) -> Iterator[str]:
    """Codes that come, go or are read otherwise; where there are two readings, each by itself."""
    old, new = ({(row.get("reading", ""), row["code"]): row for row in _codes(item, at)} for at in (before, year))
    for reading, code in dict.fromkeys((*old, *new)):
        then, now = old.get((reading, code)), new.get((reading, code))
        by = f" by the reading {reading}" if reading else ""
        if now is None:
            yield f"code {code} is no longer in the list{by}."
        elif then is None:
            yield f"code {code} ({now['label']}) is new{by}."
        elif then["label"] != now["label"]:
            yield f"code {code} was {then['label']}, is {now['label']}{by}."


def _changed(year: int) -> dict[tuple[str, str], list[str]]:
    """Item → what changed of it from the year before, by the rows and in words."""
    found: dict[tuple[str, str], list[str]] = {}
    before = _year_before(year)
    if before:
        for key, sentence in _differences(before, year):
            found.setdefault(key, []).append(sentence)
    for row in specification.rows("collection_change"):
        if row["collection_year"] == str(year) and row["element"]:
            code = f"code {row['code']}: " if row["code"] else ""
            found.setdefault((row["module"], row["element"]), []).append(f"{code}{row['change']} ({row['certainty']}).")
    return found


def _entry(row: Row, year: int, changed: Mapping[tuple[str, str], list[str]]) -> Entry:
    return Entry(
        row=row,
        tag=row["tag"] or row["element"],
        codes=tuple(_codes(row, year)),
        rules=tuple(_rules(row["module"], row["element"], year)),
        changes=tuple(changed.get((row["module"], row["element"]), ())),
    )


def _codes(item: Row, year: int) -> Iterator[Row]:
    """The rows of an item's codes in a year, in their order, of every reading where there are two."""
    if not item["code_set"]:
        return
    for row in specification.rows(f"code_{item['code_set']}"):
        fits = not item["pattern"] or re.fullmatch(item["pattern"], row["code"])
        if fits and row["certainty"] != "demonstration" and specification.in_force(row, year):
            yield row


def _rules(module: str, element: str, year: int) -> Iterator[Rule]:
    """The rules of a year that look at an item. Of items of one name, a rule means the one in or under its module."""
    homes = {name for name, item in _by_item(year) if item == element}
    for row in specification.rows("rule"):
        if element in row["elements"].split() and specification.in_force(row, year):
            meant = homes & {row["module"]} or homes & set(_under(row["module"], year)) or homes
            if module in meant:
                yield _rule(row)


def _rule(row: Row) -> Rule:
    return Rule(row["printed_id"], LEVELS[row["level"]], row["message"])


def _under(module: str, year: int) -> Iterator[str]:
    for row in specification.rows("module"):
        if row["parent"] == module and specification.in_force(row, year):
            yield row["module"]
            yield from _under(row["module"], year)


def _rules_of_no_item(year: int) -> list[Rule]:
    """The rules of a year that look at whole records and not at an item."""
    items = {row["element"] for row in specification.rows("element") if specification.in_force(row, year)}
    return [
        _rule(row)
        for row in specification.rows("rule")
        if specification.in_force(row, year) and not items & set(row["elements"].split())
    ]


def _year_before(year: int) -> int | None:
    """The collection year before, which is seldom any but the last."""
    return max(
        (int(r["collection_year"]) for r in specification.rows("collection") if int(r["collection_year"]) < year),
        default=None,
    )


def _by_item(year: int) -> dict[tuple[str, str], Row]:
    return {
        (row["module"], row["element"]): row
        for row in specification.rows("element")
        if specification.in_force(row, year)
    }


def _order(year: int, module: str) -> list[str]:
    found = next((part for part in layout.message(year).walk() if part.name == module), None)
    return [part.tag for part in found.content] if found else []


def _name(key: tuple[str, str], row: Row) -> str:
    tags = {module["module"]: module["element"] for module in specification.rows("module")}
    return f"{row['item_number'] + ' ' if row['item_number'] else ''}{tags[key[0]]}/{row['element']}"
