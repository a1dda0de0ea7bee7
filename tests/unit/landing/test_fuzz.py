"""Damaged files at every reader of landing: refused in words or landed to the last record, whatever they hold.

Resolve: what fails is named by reader, seed and number, and `python -m tests.fuzz` with these does it again (`--keep
DIR` writes the file). Mend the reader, add the three to KEPT in tests/fuzz.py, and the file, as small as it gets, to
test_strange.py.
"""

from __future__ import annotations

import csv
import io
import tempfile
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from tests import fuzz

LANDING = ["csv", "xlsx", "xml", "geojson", "profile", "return"]
WRITTEN = ["settings", "yaml", "draft"]


@pytest.mark.parametrize("reader", LANDING)
def test_sound_files_land(reader: str, tmp_path: Path) -> None:
    """Damage to what would not land anyway shows nothing."""
    from warehouse.landing import ledger
    from warehouse.settings import Home

    sound = dict(enumerate(fuzz.READERS[reader].sound()[:24]))
    assert fuzz.READERS[reader].judge(sound, tmp_path) == {}
    receipts = ledger.read_receipts(Home(tmp_path).ledger)
    assert {(r.file_name, r.reason_code) for r in receipts if r.is_quarantined} <= {
        ("m1/ehc.xlsx", "unknown_sheet"),  # each holds a sheet of notes
        ("m2/ehc_person.xlsx", "unknown_sheet"),
    }
    landed = {receipt.file_name.partition("/")[0] for receipt in receipts if receipt.rows_loaded}
    assert landed == {f"m{number}" for number in sound}


def test_damaged_files() -> None:
    assert fuzz.hunt(LANDING, seed=1, first=0, count=16) == []


def test_damaged_files_that_people_write() -> None:
    assert fuzz.hunt(WRITTEN, seed=1, first=0, count=24) == []


def test_what_was_once_found() -> None:
    assert fuzz.hunt_again([*LANDING, *WRITTEN]) == []


# ---- Files that are odd in one way, by their structure ----

HEADER = ["plan_id", "person_id", "start_date"]
CELL = st.text(st.sampled_from("AB1é\"'\n\r\t,;|= \u00a0\u2028\0\x1a"), max_size=6)
ROWS = st.lists(st.lists(CELL, min_size=1, max_size=5), min_size=1, max_size=6)
HEADERS = st.permutations([*HEADER, "plan_id", "", "Zyxwv"]).map(lambda names: names[:5])
EXCEL = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**17), 10**17),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(["", " ", "=1+1", "=A1", "#REF!", "#N/A", "0012", "1.23E+19", "\u00a0", "é", "x" * 200]),
    st.dates(date(1900, 1, 1), date(2100, 1, 1)),
    st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)),
    st.just(time(9, 30)),
    st.just(timedelta(hours=30)),
)
ODD = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))


def judged(name: str, content: bytes) -> dict[int, str]:
    with tempfile.TemporaryDirectory() as folder:
        return fuzz.landed()({0: {f"ehc/{name}": content}}, Path(folder))


@ODD
@given(
    header=HEADERS,
    rows=ROWS,
    delimiter=st.sampled_from(",;\t|"),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252", "utf-32"]),
)
def test_odd_tables(
    header: list[str], rows: list[list[str]], delimiter: str, end: str, quoting: int, encoding: str
) -> None:
    """Headers twice, blank or unknown; ragged rows; line ends in quotes; every delimiter and encoding."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator=end, quoting=quoting)
    writer.writerows([header, *rows])
    assert judged("ehc_plan.csv", text.getvalue().encode(encoding, errors="replace")) == {}


@ODD
@given(header=HEADERS, rows=st.lists(st.lists(EXCEL, max_size=5), max_size=5), merged=st.booleans())
def test_odd_sheets(header: list[str], rows: list[list[Any]], merged: bool) -> None:
    """Every kind of cell that Excel has, in ragged rows, merged or not."""
    book = Workbook()
    for row in [header, *rows]:
        book.active.append(row)
    if merged:
        book.active.merge_cells("A2:B3")
    buffer = io.BytesIO()
    book.save(buffer)
    assert judged("ehc_plan.xlsx", buffer.getvalue()) == {}
