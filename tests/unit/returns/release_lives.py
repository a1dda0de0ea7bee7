"""Reads tests/golden/sen2/release/lives.csv: one life, and the cells of DfE's tables in which it counts."""

from __future__ import annotations

import csv
from dataclasses import dataclass

from tests.unit.returns.sen2_cases import FOLDER, Case
from warehouse import specification
from warehouse.returns.check import rules
from warehouse.settings import REPOSITORY

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
