"""Records → XML → records, and records → COLLECT's CSV → records, for returns of 1, 1,000 and 100,000 people.

It matters because what holds for four people may not hold where the writer goes from one band of records to the next,
or the reader from one batch to another. Resolve: the table that differs is named; find its first record that does.
"""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest

from tests.unit.returns import sen2_generated
from tests.unit.returns.sen2_mart import YEARS
from warehouse import duck
from warehouse.returns import collect, layout
from warehouse.returns.check import judge, rules, shape
from warehouse.returns.check.read import BATCH
from warehouse.returns.writer import BAND, Writer, rows_of

# 100,000 people take half a minute in all years together; a change is judged by one of them.
LARGE_YEARS = YEARS if os.environ.get("COUNTYWIDE_ALL_SIZES") else (2026,)
LARGE = 100_000


@pytest.mark.parametrize("year", YEARS)
@pytest.mark.parametrize("people", [1, 1_000])
def test_there_and_back(people: int, year: int, tmp_path: Path) -> None:
    written = write(tmp_path, year, people, fullness=5)
    assert written["person"] == people and all(written.values()), "every module is there"
    assert lost(tmp_path, year, "return.xml") == lost(tmp_path, year, "collect") == {}


@pytest.mark.parametrize("year", LARGE_YEARS)
def test_there_and_back_for_many(year: int, tmp_path: Path) -> None:
    assert LARGE > 5 * BAND and LARGE > BATCH, "it has to cross from band to band, and from batch to batch"
    written = write(tmp_path, year, LARGE, fullness=2)
    assert written["person"] == LARGE and all(written.values())
    assert lost(tmp_path, year, "return.xml") == {}


def test_what_is_lost_is_seen(tmp_path: Path) -> None:
    """A value that is changed in the file is found to differ: the comparison can fail."""
    write(tmp_path, 2026, 3, fullness=9)
    file = tmp_path / "return.xml"
    file.write_text(file.read_text(encoding="utf-8").replace("</Surname>", "s</Surname>", 1), encoding="utf-8")
    assert lost(tmp_path, 2026, "return.xml") == {"person": 2}


def write(folder: Path, year: int, people: int, fullness: int) -> dict[str, int]:
    message = layout.message(year, demonstration=True)
    database = sen2_generated.generate(folder / "made.duckdb", year, people, fullness)
    with duck.reader(database) as connection, collect.Export(message, folder / "collect", date(2027, 1, 21)) as export:
        writer = Writer(message, rows_of(connection, "sen2", year), export)
        writer.write(folder / "return.xml")
    assert not writer.left_out and not writer.removed
    return dict(writer.counts)


def lost(folder: Path, year: int, name: str) -> dict[str, int]:
    """Module → rows that are on one side only, after a file was read back; the header's items count as rows too."""
    columns, tables = judge.program(year, demonstration=True)
    with duck.memory() as connection:
        rules.run(connection, tables["given"])
        reader = judge.load(connection, columns, shape.message(year), folder / name)
        assert not reader.counts, reader.counts
        connection.execute(f"attach '{duck.quoted(folder / 'made.duckdb')}' as made (read_only)")
        found = {}
        for module in layout.message(year, demonstration=True).walk():
            if module.table:
                these = ", ".join(f'"{column}"' for column in (*module.key, *(item.element for item in module.items)))
                made, back = f"from made.sen2.{module.table}", f'from "{module.table}"'
                found[module.name] = connection.execute(
                    f"select count(*) from ((select {these} {made} except all select {these} {back}) "
                    f"union all (select {these} {back} except all select {these} {made}))"
                ).fetchone()[0]
    return {module: count for module, count in found.items() if count}
