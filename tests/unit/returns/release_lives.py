"""Reads tests/golden/sen2/release/lives.csv: one life, and the cells of DfE's tables in which it counts."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache

import duckdb

from tests.unit.returns import sen2_case_records, sen2_cases
from tests.unit.returns.sen2_cases import FOLDER, Case
from tests.unit.returns.sen2_mart import YEARS, insert
from warehouse import specification
from warehouse.returns.check import rules
from warehouse.settings import REPOSITORY

MODELS = [f"sen2__release_{row['release_table']}" for row in specification.rows("release_table")] + [
    "sen2__release_headline"
]
BY_LIFE = [
    row["release_table"] for row in specification.rows("release_table") if row["release_table"] != "designated_officers"
]
Cells = dict[tuple[str, str], float | None]


@dataclass(frozen=True)
class Life:
    """One line. `cells` are (table, column) of the total row and what stands there; `rows` (table, topic) → labels."""

    case: Case
    year: int
    cells: Cells
    rows: dict[tuple[str, str], set[str]]

    @property
    def name(self) -> str:
        return f"{self.case.rule_id}: {self.case.what}"


def lives() -> list[Life]:
    """Every life, in order."""
    with (FOLDER / "release" / "lives.csv").open(encoding="utf-8", newline="") as handle:
        lines = {line["life"]: line for line in csv.DictReader(handle)}
    return [_life(line, lines) for line in lines.values()]


def counted(release_table: str) -> list[str]:
    """The columns of a table that are numbers of people."""
    return list(
        dict.fromkeys(
            row["column_name"]
            for row in specification.rows("release_column")
            if row["release_table"] == release_table and row["kind"] == "count" and row["column_name"]
        )
    )


def release_identities() -> str:
    """The SQL of tests/dbt/sen2/release_identity_holds.sql over tables named without a schema."""
    project = rules.Project(rules.variables(2026))
    return project.render_file(REPOSITORY / "tests" / "dbt" / "sen2" / "release_identity_holds.sql")


@dataclass(frozen=True)
class Identity:
    """One sum of release_identities: the name under which a breach is reported, and the comparison as SQL."""

    name: str
    table: str
    left: str
    compared: str


def sums() -> list[Identity]:
    """The columns of a table that add up, or are at least another."""
    found = re.findall(r"'((\w+): ([^':]+?) (=|>=) ([^']+?))'\s+as identity", release_identities())
    return [
        Identity(name, f"sen2__release_{table}", left, f"{left} {sign} {right}")
        for name, table, left, sign, right in found
    ]


def totals() -> list[Identity]:
    """The groups that add up to their total row, and the total rows of two tables that are equal."""
    sql = release_identities()
    groups = re.findall(r"'((\w+): (\w+) of all groups)'\s+as identity", sql)
    equal = re.findall(r"'((\w+)\.(\w+) = [^']+)'\s+as identity", sql)
    return [Identity(name, f"sen2__release_{table}", left, "") for name, table, left in groups + equal]


def _life(line: dict[str, str], lines: dict[str, dict[str, str]]) -> Life:
    rows: dict[tuple[str, str], set[str]] = {}
    for part in _parts(line["rows"]):
        table, topic, label = part.split("/", 2)
        rows.setdefault((table, topic), set()).add(label)
    case = Case(
        rule_id=line["life"],
        what=line["what"],
        base=line["base"],
        changes=tuple(_parts(line["changes"])),
        years=line["years"],
        expected=frozenset(),
        alone=True,
    )
    return Life(case=case, year=int(line["years"]), cells=_cells(line, lines), rows=rows)


def _cells(line: dict[str, str], lines: dict[str, dict[str, str]]) -> Cells:
    """Cells of the life that it is like, and its own: `+` or nothing adds one, `-` takes one away, `=` numbers it."""
    cells = _cells(lines[line["like"]], lines) if line["like"] else {}
    for part in _parts(line["counts"]):
        cell, _, number = part.lstrip("+-").partition("=")
        table, _, column = cell.partition(".")
        if part.startswith("-"):
            del cells[table, column]
        else:
            assert (table, column) not in cells, f"{line['life']}: {cell} is there already"
            cells[table, column] = None if number == "none" else float(number or 1)
    return cells


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]


# None of the register that the rules' cases speak of is a special free school.
FREE_SCHOOL = {"urn": "900060", "type_code": "36", "is_state_mainstream": False}


class Tables:
    """The tables of all lives, together and one by one."""

    def __init__(self, parameters: dict[str, float] | None = None, **variables: object):
        project = rules.Project(rules.variables(2026, demonstration=True) | {"collection_years": YEARS} | variables)
        made = project.tables([*rules.RECORDS, *MODELS])
        self.connection = duckdb.connect()
        rules.run(self.connection, made["given"])
        groups = {row["code"]: row["setting_group"] for row in specification.rows("code_gias_type")}
        register = [*sen2_cases.register(), FREE_SCHOOL]
        insert(
            self.connection,
            rules.REGISTER,
            [school | {"setting_group": groups[school["type_code"]]} for school in register],
        )
        for name, value in (parameters or {}).items():
            self.connection.execute("update release_parameter set value = ? where parameter = ?", [value, name])
        people = [(number, life.case) for number, life in enumerate(LIVES)]
        sen2_case_records.load(self.connection, people, schema="main")
        rules.run(self.connection, made["derived"])
        for table in BY_LIFE:
            (sql,) = (one.sql for one in made["derived"] if one.name == f"sen2__release_{table}")
            self.connection.execute(by_life(sql, f"life_{table}"))

    def rows(self, table: str, where: str, *values: object) -> list[dict[str, object]]:
        found = self.connection.execute(f"select * from {table} where {where}", list(values))
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def by_life(sql: str, name: str) -> str:
    """The SQL of a table, with a row for each life in the place of one for all."""
    sql, times = re.subn(r"(counted as \(\s+select\s+)collection_year", r"\1person_record_id, collection_year", sql)
    sql, more = re.subn(r"group by collection_year", "group by person_record_id, collection_year", sql)
    sql, again = re.subn(
        r"select\s+counted\.collection_year", "select counted.person_record_id, counted.collection_year", sql
    )
    assert (times, more, again) == (1, 1, 1), name
    return re.sub(r"create or replace table \S+", f"create or replace table {name}", sql)


LIVES = lives()


@cache
def tables() -> Tables:
    """The tables of all lives, made once."""
    return Tables()
