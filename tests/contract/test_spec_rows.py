"""The rows under warehouse/spec are well formed. It matters because two readers trust them: dbt and Python.

Resolve: mend the row that is named.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from itertools import combinations
from pathlib import Path

import pytest

from warehouse.settings import REPOSITORY
from warehouse.specification import SPEC, extracts, in_force, rows

FILES = sorted(SPEC.rglob("*.csv"))
CODE_SETS = [file for file in FILES if file.name.startswith("code_")]
# How we know: docs/glossary.md, "certainty".
CERTAINTY = {"published", "source", "tool", "data", "derived", "memory", "disputed", "ours", "demonstration"}
# Where two readings of one rule are kept side by side, a setting picks one of them.
READING = "reading"


def ids(file: Path) -> str:
    return file.relative_to(SPEC).as_posix()


def read(file: Path) -> list[list[str]]:
    with file.open(encoding="utf-8", newline="") as handle:
        return list(csv.reader(handle))


@pytest.mark.parametrize("file", FILES, ids=ids)
def test_table_is_whole(file: Path) -> None:
    header, *body = read(file)
    assert body, "no rows"
    assert len(set(header)) == len(header), "a column is named twice"
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", name) for name in header), header
    for number, row in enumerate(body, start=2):
        assert len(row) == len(header), f"row {number} has {len(row)} fields, not {len(header)}"
        assert all(value == value.strip() for value in row), f"row {number} has blanks around a value"
    assert len({tuple(row) for row in body}) == len(body), "a row stands twice"


@pytest.mark.parametrize("file", FILES, ids=ids)
def test_years_run_forwards(file: Path) -> None:
    for row in rows(file.stem):
        first, last = row.get("first_year", ""), row.get("last_year", "")
        assert not (first and last) or int(first) <= int(last), f"{row} ends before it starts"


@pytest.mark.parametrize("file", CODE_SETS, ids=ids)
def test_a_code_means_one_thing_in_a_year(file: Path) -> None:
    """Two rows of one code may not hold in the same year: a join would double the child."""
    by_code = defaultdict(list)
    for row in rows(file.stem):
        assert row["code"], "a blank code"
        by_code[row["code"], row.get(READING)].append(row)
    for (code, _), group in by_code.items():
        for one, other in combinations(group, 2):
            both = [year for year in range(2015, 2031) if in_force(one, year) and in_force(other, year)]
            assert not both, f"{code} stands twice in {both[0]}"


@pytest.mark.parametrize("file", CODE_SETS, ids=ids)
def test_a_code_says_where_it_is_from(file: Path) -> None:
    for row in rows(file.stem):
        assert row["label"], f"{row['code']} has no label"
        assert row["source"], f"{row['code']} has no source"
        assert row["certainty"] in CERTAINTY, f"{row['code']}: certainty {row['certainty']!r}"


def test_every_code_set_of_an_extract_exists() -> None:
    names = {file.stem for file in CODE_SETS}
    for extract in extracts():
        for column in extract.columns:
            assert not column.code_set or f"code_{column.code_set}" in names, (
                f"{extract.name}.{column.name}: {column.code_set}"
            )


def test_no_machine_path_or_host_in_committed_text() -> None:
    """A path of somebody's machine tells nobody anything, and breaks elsewhere."""
    private = re.compile("/" + "(?:home|Users|root|tmp|work)" + "/[a-z]")
    for file in [
        *REPOSITORY.glob("*.*"),
        *(REPOSITORY / "docs").rglob("*.md"),
        *(REPOSITORY / "warehouse").rglob("*.py"),
    ]:
        if file.is_file() and file.suffix in (".md", ".toml", ".yml", ".py"):
            assert not private.search(file.read_text(encoding="utf-8")), file.name
