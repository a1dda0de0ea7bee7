"""Structure, SEN2-H12: files by hand in tests/golden/sen2/structure.csv, in every year that a line names.

It matters because COLLECT refuses a whole file for one element out of its year or place. A line says what is put where
in a sound file, and every fault that the reader should then tell; our schema of the year has to refuse the same files
and no other. Resolve a failure by reading sections 2.1 and 2.2 of the reference: either the rows of element.csv and
module.csv are wrong, or the line is.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.unit.returns import sen2_cases, sen2_files
from tests.unit.returns.sen2_mart import YEARS
from warehouse.returns import layout, xsd
from warehouse.returns.check import shape
from warehouse.returns.check.read import Reader

with (sen2_cases.FOLDER / "structure.csv").open(encoding="utf-8", newline="") as handle:
    LINES = list(csv.DictReader(handle))
SCHEMAS = {year: xsd.schema(layout.message(year, demonstration=True), "cases") for year in YEARS}


def years_of(line: dict[str, str]) -> list[int]:
    return [year for year in YEARS if sen2_cases.in_years(line["years"], year)]


def changed(line: dict[str, str], year: int) -> str:
    """The file of the base record with the line's change, made where `find` first stands."""
    text = sen2_files.xml([sen2_files.case(line["base"])], year)
    found = line["find"].replace("|", "\n")
    assert found in text, f"{line['find']} is not in the file of {year}"
    return text.replace(found, line["put"].replace("{}", found), 1)


@pytest.mark.parametrize("line", LINES, ids=lambda line: f"{line['what']} ({line['years'] or 'every year'})")
def test_line(line: dict[str, str], tmp_path: Path) -> None:
    assert years_of(line), "the line is for no year"
    for year in years_of(line):
        file = sen2_files.write(tmp_path / f"{year}.xml", changed(line, year))
        reader = Reader(shape.message(year), lambda _table, _rows: None)
        reader.read(file)
        told = sorted(f"{fault.kind}:{fault.element}" for fault in reader.faults)
        assert told == sorted(line["expected"].split()), f"in {year}"
        faults, _ = xsd.faults(file, SCHEMAS[year], record_tag="Person")
        assert bool(faults) == bool(line["expected"]), f"the schema of {year} says otherwise"


def test_every_year_has_a_file_that_is_told_and_one_that_is_not() -> None:
    for year in YEARS:
        of_year = [line for line in LINES if year in years_of(line)]
        assert {bool(line["expected"]) for line in of_year} == {True, False}, year
