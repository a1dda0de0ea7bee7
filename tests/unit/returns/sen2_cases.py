"""Reads the cases of tests/golden/sen2: a sound record, what is changed in it, and the rules that should then fire.

Dates are written from the census: REF census day, CS and CE the first and last day of the year before, AUG 31 August of
that year, FEB and MAR 15 February and 31 March of the census year; then days, months or years are added, left to right.
"""

from __future__ import annotations

import copy
import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from warehouse import specification
from warehouse.settings import REPOSITORY

FOLDER = REPOSITORY / "tests" / "golden" / "sen2"
CHILDREN = {
    "person": ("requests",),
    "requests": ("assessment", "named_plan", "active_plans"),
    "named_plan": ("plan_detail",),
    "active_plans": ("placement_detail", "sen_need"),
}
PARENT = {child: parent for parent, children in CHILDREN.items() for child in children}
HEADER = {
    "Collection": "SEN2",
    "Year": "YEAR",
    "ReferenceDate": "REF",
    "SourceLevel": "L",
    "LEA": "999",
    "SoftwareCode": "countywide",
    "Release": "1.0",
    "SerialNo": "001",
    "DateTime": "REFT00:00:00",
    "DMO": "Y",
    "DCO": "Y",
    "DSCO": "Y",
}
_DATE = re.compile(r"(?P<anchor>REF|CS|CE|AUG|FEB|MAR)(?P<steps>([+-]\d+[dmy])*)(?P<time>[T ].*)?")
_NONE: frozenset[str] = frozenset()
_UPN_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"


@dataclass
class Record:
    """One record and the records under it."""

    module: str
    values: dict[str, str] = field(default_factory=dict)
    children: list[Record] = field(default_factory=list)

    def walk(self) -> Iterator[Record]:
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True)
class Case:
    """One line of a case file."""

    rule_id: str
    what: str
    base: str
    changes: tuple[str, ...]
    years: str
    expected: frozenset[str]
    alone: bool

    @property
    def counts(self) -> dict[str, int]:
        """Flag → how many findings of it: `L13*2` is two, `R07:W` and `R07` one."""
        found = {}
        for expected in self.expected:
            flag, _, times = expected.partition("*")
            found[flag.partition(":")[0]] = int(times or 1)
        return found

    @property
    def levels(self) -> dict[str, str]:
        """Flag → its level, of those that name one."""
        return dict(expected.partition("*")[0].split(":") for expected in self.expected if ":" in expected)

    def in_year(self, year: int) -> bool:
        return in_years(self.years, year)

    @property
    def name(self) -> str:
        return f"{self.rule_id}: {self.what} ({self.years or 'every year'})"


@dataclass(frozen=True)
class Pair:
    """One line of last_year.csv: a person in the return of the year before, or in none, and in this one."""

    what: str
    last: Case | None
    this: Case | None
    counts: dict[str, int]
    alone: bool


def in_years(years: str, year: int) -> bool:
    """Whether a year is among those of a line: blank is all, then `2025`, `2025-`, `-2024`."""
    first, _, last = years.partition("-")
    if "-" not in years:
        return not years or int(first) == year
    return int(first or 0) <= year <= int(last or 9999)


def pairs() -> list[Pair]:
    """Every line of last_year.csv, in order."""
    found = []
    for row in _rows(FOLDER / "last_year.csv"):
        of_return = {
            name: Case(
                row["rule_id"], row["what"], row[f"{name}_base"], _changes(row[f"{name}_changes"]), "", _NONE, False
            )
            for name in ("last", "this")
            if row[f"{name}_base"]
        }
        counts = Case("", "", "", (), "", frozenset(row["expected"].split()), False).counts
        what = f"{row['rule_id']}: {row['what']}"
        found.append(Pair(what, of_return.get("last"), of_return.get("this"), counts, row["alone"] == "yes"))
    return found


def cases() -> list[Case]:
    """Every case of every file, in order."""
    return [
        Case(
            rule_id=row["rule_id"],
            what=row["what"],
            base=row["base"],
            changes=_changes(row["changes"]),
            years=row["years"],
            expected=frozenset(row["expected"].split()),
            alone=row["alone"] == "yes",
        )
        for file in sorted((FOLDER / "cases").glob("*.csv"))
        for row in _rows(file)
    ]


def _changes(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(";") if part.strip())


def register() -> list[dict[str, Any]]:
    """The schools that the cases speak of, as the register has them now."""
    return [
        {name: value or None for name, value in row.items() if name != "what" and not name.endswith("_then")}
        for row in _rows(FOLDER / "register.csv")
    ]


def register_then(years: tuple[int, ...]) -> list[dict[str, Any]]:
    """What the register had on census day of some of them: register.csv, columns sen_unit_then and resourced_then."""
    return [
        {
            "collection_year": year,
            "establishment_key": row["urn"],
            "has_sen_unit": row["sen_unit_then"],
            "has_resourced_provision": row["resourced_then"],
        }
        for row in _rows(FOLDER / "register.csv")
        for year in years
        if row["sen_unit_then"]
    ]


def build(case: Case, number: int) -> tuple[dict[str, str], list[Record]]:
    """The header and the people of a case; `number` makes names and numbers of its own."""
    header = dict(HEADER)
    people = [_base(case.base)]
    for change in case.changes:
        if change.startswith(("drop ", "add ", "copy ")):
            _reshape(people, change)
            continue
        target, _, value = (part.strip() for part in change.partition("="))
        module, _, element = target.partition(".")
        if module in ("collection_details", "source"):
            header[element] = value
            continue
        module, _, place = module.partition("#")
        records = [record for person in people for record in person.walk() if record.module == module]
        chosen = records[int(place or 1) - 1]
        chosen.values[element] = value
    for place, person in enumerate(people):
        serial = number * 20 + place
        for element, text in list(person.values.items()):
            if text == "auto":
                person.values[element] = upn(serial) if element == "UPN" else f"Hill{serial}"
            elif text == "same":
                person.values[element] = people[0].values[element]
    return header, people


def value(text: str, year: int, is_date: bool) -> Any:
    """A value as the record table holds it: None for blank, a date for a date item, else text."""
    if not text:
        return None
    if text == "YEAR":
        return str(year)
    found = _DATE.fullmatch(text)
    if not found:
        return date.fromisoformat(text) if is_date else text
    day = _anchor(found["anchor"], year)
    for sign, amount, unit in re.findall(r"([+-])(\d+)([dmy])", found["steps"]):
        day = _step(day, int(sign + amount), unit)
    return day.isoformat() + found["time"] if found["time"] else day


def upn(serial: int) -> str:
    """A permanent UPN of council 201, its check letter worked out as section 4.1 of the reference says."""
    digits = f"201{serial:09d}"
    total = sum(place * int(digit) for place, digit in enumerate(digits, start=2))
    return _UPN_LETTERS[total % 23] + digits


def _anchor(name: str, year: int) -> date:
    if name == "REF":
        row = next(row for row in specification.rows("collection") if row["collection_year"] == str(year))
        return date.fromisoformat(row["census_day"])
    return {
        "CS": date(year - 1, 1, 1),
        "CE": date(year - 1, 12, 31),
        "AUG": date(year - 1, 8, 31),
        "FEB": date(year, 2, 15),
        "MAR": date(year, 3, 31),
    }[name]


def _step(day: date, amount: int, unit: str) -> date:
    if unit == "d":
        return day + timedelta(days=amount)
    months = day.month - 1 + amount * (12 if unit == "y" else 1)
    return day.replace(year=day.year + months // 12, month=months % 12 + 1)


def _base(name: str) -> Record:
    found: dict[str, Record] = {}
    for row in _rows(FOLDER / "base.csv"):
        if row["base"] != name:
            continue
        module = row["module"]
        if module not in found:
            found[module] = Record(module)
            if module != "person":
                found[PARENT[module]].children.append(found[module])
        if row["value"]:
            found[module].values[row["element"]] = row["value"]
    return found["person"]


def _reshape(people: list[Record], change: str) -> None:
    verb, module, *times = change.split()
    if verb == "copy" and module == "person":
        people.extend(copy.deepcopy(people[0]) for _ in range(int(times[0])))
    elif verb == "drop" and module == "person":
        people.clear()
    else:
        module, _, place = {"request": "requests"}.get(module, module).partition("#")
        seen = 0
        for person in people:
            for record in list(person.walk()):
                mine = [child for child in record.children if child.module == module]
                if verb == "drop":
                    gone = [child for number, child in enumerate(mine, seen + 1) if not place or number == int(place)]
                    record.children = [child for child in record.children if not any(child is one for one in gone)]
                    seen += len(mine)
                elif mine:
                    record.children.append(copy.deepcopy(mine[-1]))


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))
