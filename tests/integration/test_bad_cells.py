"""A county with one unreadable cell in each column of every CSV file, through the command: nothing stops or is lost.

A cell that cannot be read is blank and told where it stands; a build that ends there would take everybody's figures
away for one slip of one hand.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from warehouse import cli, duck
from warehouse.settings import Settings

# No date, number, code or identifier, and a word that somebody could write into any cell.
UNREADABLE = "ten"
FIRST, LAST = 2, 4
# Of the registers that councils keep by hand, and of what is nobody's: a cell that stopped the build before.
TOLD = {
    ("term_dates", "day_range", "to_date"),
    ("resource_base", "commissioned_place", "places_commissioned"),
    ("resource_base", "base", "designated_need"),
    ("inclusion", "exclusion", "start_date"),
    ("inclusion", "elective_home_education", "birth_date"),
    ("transport", "run", "from_date"),
    ("finance", "commitment", "amount"),
}


def spoil(file: Path) -> int:
    """One cell of each column, each in a row of its own as far as there are rows. How many."""
    content = file.read_bytes()
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return 0
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    if len(rows) < FIRST + LAST:
        return 0
    spoiled = 0
    step = max(1, (len(rows) - LAST) // len(rows[0]))
    for place in range(len(rows[0])):
        row = rows[min(FIRST + place * step, len(rows) - 2)]
        if len(row) == len(rows[0]) and row[place]:
            row[place] = UNREADABLE
            spoiled += 1
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    mark = b"\xef\xbb\xbf" if content.startswith(b"\xef\xbb\xbf") else b""
    file.write_bytes(mark + text.getvalue().encode())
    return spoiled


@pytest.fixture(scope="module")
def spoiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("spoiled")
    assert cli.main(["demo", "--plans", "100", "--pupils", "1500", "--home", str(home)]) == 0
    inbox = Settings.read(home).home.inbox
    # GIAS, geography and CSDS are others' files: a council cannot slip in them.
    others = ("gias", "geography", "boundary", "csds", "sen2_return")
    files = [file for file in inbox.rglob("*.csv") if file.relative_to(inbox).parts[0] not in others]
    assert sum(spoil(file) for file in files) > 500
    return home


def test_it_goes_through_and_every_row_and_cell_is_told(spoiled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Endangered: one slip of one hand takes everybody's figures away. Resolve: the message names the model; a column
    that a person fills in may be blank in core, and a code may be outside its set."""
    code = cli.main(["run", "--home", str(spoiled)])
    said = capsys.readouterr()
    assert "nothing was published" not in said.err and "did not expect" not in said.err, said.err
    with duck.reader(Settings.read(spoiled).home.database) as connection:
        lost = connection.sql(
            "select source, entity, balance from quality.rpt_quality__reconciliation where balance <> 0"
        ).fetchall()
        told = connection.sql(
            "select distinct source, entity, column_name from quality.rpt_quality__cell_issue"
        ).fetchall()
        # A row whose key cannot be read is nobody's: it is left out, and told by its place.
        keyless = connection.sql(
            "select count(*) from quality.rpt_quality__reject where source = 'term_dates' and reason = 'missing_key'"
        ).fetchall()
    assert lost == []
    assert keyless == [(2,)], "the year of one row, the first day of another"
    assert set(told) >= TOLD
    assert code == 0
