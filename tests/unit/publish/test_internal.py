"""The tables of the council's own analysts: every line in a file that a spreadsheet can hold."""

from __future__ import annotations

import csv
from pathlib import Path

import duckdb
import pytest

from warehouse.publish import internal
from warehouse.publish.catalogue import TableCard

COLUMNS = ("metric_id", "family", "breakdown", "subgroup_label", "value", "base")
ROWS = (
    ("TM05", "timeliness", "all", "All", 0.5, "Council"),
    ("TM05", "timeliness", "district", "=Aford", 0.25, "Council"),
    ("TM05", "timeliness", None, "Aford, Girls", 0.75, "Council"),
    ("TM04", "timeliness", "all", "All", None, "Council"),
    ("PL02", "placement", "ward", "Çwm", 1.0, "Home"),
)


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """Five lines into files of two at most."""
    database = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.execute("create schema equity")
        connection.execute(
            "create table equity.t (metric_id varchar, family varchar, breakdown varchar, subgroup_label varchar, "
            "value double, base varchar)"
        )
        connection.executemany("insert into equity.t values (?, ?, ?, ?, ?, ?)", ROWS)
    card = TableCard("equity", "t", "model", "internal", COLUMNS, frozenset(), ("metric_id", "breakdown"))
    assert internal.write(database, card, tmp_path / "internal", most_rows=2) == 5
    return tmp_path / "internal"


def read(file: Path) -> list[list[str]]:
    with file.open(encoding="utf-8-sig", newline="") as handle:
        return list(csv.reader(handle))


def test_each_family_has_a_file_that_a_sheet_can_hold(written: Path) -> None:
    """Three lines of timeliness are no group within an area; two are the most here."""
    assert sorted(file.name for file in written.iterdir()) == [
        "equity.parquet",
        "placement.csv",
        "timeliness.csv",
        "timeliness_2.csv",
    ]
    header = ["metric_id", "family", "breakdown", "subgroup_label", "value"]
    assert read(written / "timeliness.csv") == [
        header,
        ["TM04", "timeliness", "all", "All", ""],
        ["TM05", "timeliness", "all", "All", "0.5"],
    ]
    assert read(written / "timeliness_2.csv") == [header, ["TM05", "timeliness", "district", "'=Aford", "0.25"]]


def test_excel_reads_the_letters(written: Path) -> None:
    """As in the public files: without the mark it takes UTF-8 for the letters of the machine's own code page."""
    assert (written / "placement.csv").read_bytes().startswith(b"\xef\xbb\xbfmetric_id,family,")
    assert read(written / "placement.csv")[1][3] == "Çwm"


def test_a_sheet_has_so_many_rows() -> None:
    assert internal.MOST_ROWS + 1 == 2**20
