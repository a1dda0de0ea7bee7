"""Rules between two returns, over records by hand: tests/golden/sen2/last_year.csv, in every year that has one before.

It matters because a record that vanishes is a child whom nobody counts. A line says what the return of the year before
held and what this one holds; the README of the folder has the grammar. Resolve a failure by reading both, and section
5.2 of the reference, X03 to X06. That `countywide check` reads two files is tested in test_sen2_last_year.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import duckdb
import pytest

from tests.unit.returns import sen2_case_records, sen2_cases
from tests.unit.returns.sen2_case_records import Batch
from tests.unit.returns.sen2_mart import YEARS
from warehouse import specification
from warehouse.returns.check import rules

PAIRS = sen2_cases.pairs()
MODEL = "sen2__last_year_flags"
FLAGS = ("x03", "x04", "x05", "x06")
Found = dict[tuple[int, int], Counter[str]]


def returns(numbers: list[int], year: int) -> dict[int, Batch]:
    """The two returns of these lines."""
    of_years: dict[int, Batch] = {year - 1: [], year: []}
    for number in numbers:
        for of_year, case in ((year - 1, PAIRS[number].last), (year, PAIRS[number].this)):
            if case is not None:
                of_years[of_year].append((number, case))
    return of_years


def batches() -> Iterator[list[int]]:
    """Lines that can share two returns, and each of those that cannot."""
    yield [number for number, pair in enumerate(PAIRS) if not pair.alone]
    yield from ([number] for number, pair in enumerate(PAIRS) if pair.alone)


def project(year: int) -> rules.Project:
    """The rules for that year and the one before it."""
    return rules.Project(rules.variables(year, demonstration=True) | {"collection_years": [year - 1, year]})


def findings(connection: duckdb.DuckDBPyConnection, numbers: list[int], flags: str = MODEL) -> dict[int, Counter[str]]:
    """Number of the line → how often each rule fires, by the model of that name. What a return as a whole breaks is no
    line's own where several share it."""
    found: dict[int, Counter[str]] = {number: Counter() for number in numbers}
    for flag in FLAGS:
        for person, count in connection.execute(
            f"select person_record_id, count(*) from {flags} where {flag} group by all"
        ).fetchall():
            if person is not None or len(numbers) == 1:
                found[numbers[0] if person is None else int(person.split("/")[0])][flag.upper()] += count
    return found


@pytest.fixture(scope="module")
def found() -> Found:
    """(number of the line, year) → how often each rule fires."""
    found: Found = {}
    for year in YEARS[1:]:
        tables = project(year).tables((*rules.RECORDS, MODEL))
        with duckdb.connect() as connection:
            rules.run(connection, tables["given"])
            for numbers in batches():
                sen2_case_records.load_years(connection, returns(numbers, year), "main")
                rules.run(connection, tables["derived"])
                found |= {(number, year): counts for number, counts in findings(connection, numbers).items()}
    return found


@pytest.mark.parametrize("number", range(len(PAIRS)), ids=lambda number: PAIRS[number].what)
def test_pair(found: Found, number: int) -> None:
    for year in YEARS[1:]:
        assert found[number, year] == PAIRS[number].counts, f"in {year}"


def test_the_first_year_has_none_before_it() -> None:
    """The first statutory return was of 2023."""
    windows = {(row["first_year"], row["last_year"]) for row in specification.rows("rule") if row["flag"] in FLAGS}
    assert windows == {("2024", "")}


def test_every_rule_fires_and_stays_silent_somewhere() -> None:
    for flag in FLAGS:
        mine = [pair for pair in PAIRS if pair.what.startswith(flag.upper())]
        assert {flag.upper() in pair.counts for pair in mine} == {True, False}, flag
