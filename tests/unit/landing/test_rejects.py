"""Received = loaded + rejected, whatever is in the file, and each refused record is named by its number in the file."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from warehouse import landing
from warehouse.landing import csv_reader, ledger, writer
from warehouse.settings import Home, Settings

HEADER = "plan_id,person_id,start_date\n"


def landed(council: Any) -> list[tuple[int, str | None]]:
    return [(row["_source_row"], row["plan_id"]) for row in council.rows("ehc.plan")]


def refused(council: Any) -> list[tuple[int, str, str | None, str]]:
    return [(r["source_row"], r["reason_code"], r["column_name"], r["raw_text"]) for r in council.rejects()]


def balanced(receipt: landing.Receipt, *expected: int) -> None:
    assert (receipt.rows_received, receipt.rows_loaded, receipt.rows_rejected) == expected
    assert receipt.rows_received == receipt.rows_loaded + receipt.rows_rejected


@pytest.mark.parametrize("bad", [{}, {3: "A3,P", 130_000: ",P,2024-01-01", 130_001: "A,P", 300_001: "x,P,2024,x"}])
@pytest.mark.parametrize("quote", ["", '"'])
def test_numbers_hold_in_a_file_of_many_row_groups(council: Any, bad: dict[int, str], quote: str) -> None:
    """Each record names its own line here: raw has it under that number, in that order, whatever runs in parallel."""
    lines = [bad.get(line, f"{quote}A{line}{quote},P{line % 7},2024-01-01") for line in range(2, 300_002)]
    council.deliver("ehc/ehc_plan.csv", HEADER + "\n".join(lines) + "\n")
    balanced(council.only(council.land(threads=4)), 300_000, 300_000 - len(bad), len(bad))
    numbers, names = _column(council.home, "ehc/plan/*", "_source_row"), _column(council.home, "ehc/plan/*", "plan_id")
    assert numbers == [line for line in range(2, 300_002) if line not in bad]
    assert names == [f"A{number}" for number in numbers]
    assert [(number, text) for number, _, _, text in refused(council)] == list(bad.items())


def test_each_kind_of_reject(council: Any) -> None:
    council.deliver(
        "ehc/ehc_plan.csv",
        HEADER
        + "A2,P,2024-01-01\n"
        + "A3,P\n"
        + "A4,P,2024-01-01\n"
        + "A5,P,2024-01-01,extra\n"
        + ",P,2024-01-01\n"
        + "A7,P,2024-01-01\n"
        + "A8,P,2024-01-01\n",
    )
    balanced(council.only(council.land()), 7, 4, 3)
    assert landed(council) == [(2, "A2"), (4, "A4"), (7, "A7"), (8, "A8")]
    assert refused(council) == [
        (3, "too_few_fields", None, "A3,P"),
        (5, "too_many_fields", None, "A5,P,2024-01-01,extra"),
        (6, "blank_key", "plan_id", ",P,2024-01-01"),
    ]
    for reject in council.rejects():
        assert f"Record {reject['source_row']} " in reject["message"]
        assert (reject["source"], reject["entity"], reject["file_name"]) == ("ehc", "plan", "ehc_plan.csv")
        assert reject["receipt_id"] == council.only(council.land()).receipt_id


def test_the_header_again_is_no_record(council: Any) -> None:
    """Files put end to end: the second header would be a child named Surname."""
    header = "Plan ID,person_id,start_date\n"
    council.deliver("ehc/ehc_plan.csv", header + "A2,P,x\nA3,P\nplan_id,P,x\nA5,P,x\n" + header + "A7,person_id,x\n")
    balanced(council.only(council.land()), 6, 3, 3)
    assert landed(council) == [(2, "A2"), (5, "A5"), (7, "A7")]
    assert refused(council) == [
        (3, "too_few_fields", None, "A3,P"),
        (4, "repeated_header", None, "plan_id,P,x"),
        (6, "repeated_header", None, header.strip()),
    ]


def test_numbers_hold_with_neighbouring_rejects(council: Any) -> None:
    """Rejects first, last, in a row and alternating: a source row that is one off sends people to the wrong child."""
    good = "{n},P,x"
    kinds = ["bad", "good", "bad", "bad", "good", "good", "bad", "good", "good", "good", "bad"]
    lines = ["short" if kind == "bad" else good.format(n=n) for n, kind in enumerate(kinds, start=2)]
    council.deliver("ehc/ehc_plan.csv", HEADER + "\n".join(lines) + "\n")
    council.land()
    assert landed(council) == [(n, str(n)) for n, kind in enumerate(kinds, start=2) if kind == "good"]
    assert [number for number, *_ in refused(council)] == [n for n, k in enumerate(kinds, start=2) if k == "bad"]


@pytest.mark.parametrize(
    ("content", "good", "bad"),
    [
        # A blank line is no record, but it is counted, so that the number is the one an editor shows.
        ("A2,P,x\n\nA4,P,x\n\n\nA7,P\nA8,P,x\n", [(2, "A2"), (4, "A4"), (8, "A8")], [(7, "too_few_fields")]),
        ("A2,P,x\r\nA3,P,x\nA4,P,x\r\n", [(2, "A2"), (3, "A3"), (4, "A4")], []),
        ('A2,"P"x,x\nA3,P,x\nA4,P,x\n', [(3, "A3"), (4, "A4")], [(2, "broken_quote")]),
        ('A2,P"x,x\nA3,P,x\n', [(2, "A2"), (3, "A3")], []),
        ('A2,"P\nQ",x\nA3,P\nA4,P,x\n', [(2, "A2"), (4, "A4")], [(3, "too_few_fields")]),
        ("A2,P,x,\nA3,P,x,,\nA4,P,x\n", [(2, "A2"), (3, "A3"), (4, "A4")], []),
        ("A2,P,x\n   \nA4,P,x\n", [(2, "A2"), (4, "A4")], [(3, "too_few_fields")]),
        ("A2,P,x\n,,\nA4,P,x\n", [(2, "A2"), (4, "A4")], [(3, "blank_key")]),
        ("A2,P,x\nA3,P,x", [(2, "A2"), (3, "A3")], []),
    ],
)
def test_odd_files(council: Any, content: str, good: list[tuple], bad: list[tuple]) -> None:
    council.deliver("ehc/ehc_plan.csv", HEADER + content)
    balanced(council.only(council.land()), len(good) + len(bad), len(good), len(bad))
    assert landed(council) == good
    assert [(number, reason) for number, reason, *_ in refused(council)] == bad


def test_blank_lines_at_the_end_are_nothing(council: Any) -> None:
    council.deliver("ehc/ehc_plan.csv", HEADER + "A2,P,x\n\r\n\n")
    balanced(council.only(council.land()), 1, 1, 0)


@pytest.mark.parametrize("row", ["A2,P,x", "A2,P,x,", "A2,P,x,,"])
def test_header_with_blanks_at_its_end(council: Any, row: str) -> None:
    """Spreadsheets write separators after the last column, in the header, in the rows or in both."""
    council.deliver("ehc/ehc_plan.csv", HEADER.replace("\n", ",,\n") + f"{row}\n{row.replace('A2', 'A3')}\n")
    balanced(council.only(council.land()), 2, 2, 0)
    assert landed(council) == [(2, "A2"), (3, "A3")]


def test_any_blank_part_of_the_key(council: Any) -> None:
    """ehc.need: plan_id and rank are required parts of the key, from_date is a part that may be blank."""
    rows = ["A,P,1,ASD,", "A,P,,ASD,", ",P,,ASD,", "A,P,2,ASD,"]
    council.deliver("ehc/ehc_need.csv", "plan_id,person_id,rank,sen_type,from_date\n" + "\n".join(rows) + "\n")
    council.land()
    assert [(number, columns) for number, _, columns, _ in refused(council)] == [(3, "rank"), (4, "plan_id, rank")]


def test_both_readers_agree_on_a_large_file(council: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """DuckDB in parallel and the record-by-record sieve give the same rows, numbers and rejects."""
    lines = []
    for n in range(2, 60_002):
        lines.append(f"A{n},P" if n % 997 == 0 else f",P{n},x" if n % 1999 == 0 else f"A{n},P{n},{'x' * (n % 40)}")
    content = HEADER + "\n".join(lines) + "\n"
    council.deliver("ehc/ehc_plan.csv", content)
    council.land(threads=2)
    fast = landed(council), [reject[:3] for reject in refused(council)]
    assert len(fast[0]) + len(fast[1]) == 60_000

    def not_accounted_for(*_: Any) -> None:
        raise writer.NotAccountedFor

    monkeypatch.setattr(writer, "_refused", not_accounted_for)
    monkeypatch.setattr(landing.run, "LANDING_VERSION", "sieved")
    council.land()
    assert (landed(council), [reject[:3] for reject in refused(council)]) == fast
    assert all((n, f"A{n}") == row for row in fast[0] for n in [row[0]])


def test_records_that_do_not_add_up_are_a_fault(council: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """If loading lost a row, the account kept apart from it says so, and no receipt is written."""
    real = csv_reader.sieve

    def losing(*arguments: Any) -> Any:
        staged = real(*arguments)
        staged.file.write_text(staged.file.read_text().partition("\n")[2])
        return staged

    monkeypatch.setattr(csv_reader, "sieve", losing)
    council.deliver("ehc/ehc_plan.csv", HEADER + "A2,P,x\n\nA4,P,x\n")
    with pytest.raises(landing.LandingFailed, match="NotAccountedFor"):
        council.land()
    assert council.receipts() == [] and landed(council) == []


def test_rejects_of_a_mended_file_stay_with_their_receipt(council: Any) -> None:
    council.deliver("ehc/ehc_plan.csv", HEADER + "A2,P\nA3,P,x\nA4,P,x\n")
    council.land()
    council.deliver("ehc/ehc_plan.csv", HEADER + "A2,P,x\nA3,P,x\nA4,P,x\n")
    now = council.only(council.land())
    balanced(now, 3, 3, 0)
    assert [reject["receipt_id"] for reject in council.rejects()] != [now.receipt_id]


_CELL = st.text(alphabet="Ab1é \t\"'\r\n,;|\u00a0", max_size=6)
_LINE = st.one_of(
    st.lists(_CELL, min_size=0, max_size=5).map(",".join),
    st.lists(_CELL, min_size=3, max_size=3).map(lambda cells: _written(cells)),
    st.just("A,P,x"),
    st.sampled_from(["", " ", ",,", '"', '"A,P', 'A,"P",x', "Total,,3", "A,P,x,", "\x00", "A,P,x\r"]),
)


def _written(cells: list[str]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow(cells)  # so that both line ends are quoted inside values
    return out.getvalue().removesuffix("\r\n")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(lines=st.lists(_LINE, min_size=0, max_size=12), newline=st.sampled_from(["\n", "\r\n"]), ends=st.booleans())
@example(lines=["A,P,x", '"A,P', "A,P,x"], newline="\n", ends=True)
@example(lines=["A,P,x", "", "A,P"], newline="\r\n", ends=False)
def test_nothing_is_lost_from_a_mangled_file(lines: list[str], newline: str, ends: bool) -> None:
    """Random damage: refused whole, or every record is loaded or in the rejects, once, under its own number."""
    body = newline.join(["plan_id,person_id,start_date", *lines]) + (newline if ends else "")
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        file = home.inbox / "ehc" / "ehc_plan.csv"
        file.parent.mkdir(parents=True)
        file.write_bytes(body.encode("utf-8"))
        with patch.object(ledger, "write_layouts"):  # the slow part of a first run, and tested elsewhere
            (receipt,) = landing.land(Settings(home=home, threads=1)).receipts
        assert receipt.rows_received == receipt.rows_loaded + receipt.rows_rejected
        if not receipt.is_loaded:
            assert (receipt.rows_received, bool(receipt.message)) == (0, True)
            return
        numbers = [
            *_column(home, "ehc/plan/snapshot_date=*", "_source_row"),
            *_column(home, "_landing/reject", "source_row"),
        ]
        assert len(numbers) == len(set(numbers)) == receipt.rows_received
        assert min(numbers) >= 2


def _column(home: Home, folder: str, name: str) -> list[int]:
    import pyarrow.parquet as pq

    files = [file for file in home.raw.glob(f"{folder}/*.parquet") if file.name != "_layout.parquet"]
    return [
        value for file in files for value in pq.read_table(file, columns=[name], partitioning=None)[name].to_pylist()
    ]


def test_ledger_has_the_declared_columns(council: Any) -> None:
    """dbt reads the ledger by these names and types."""
    import pyarrow.parquet as pq

    from warehouse.specification import ledger as declared

    council.deliver("ehc/ehc_plan.csv", HEADER + "A2,P\nA3,P,x\nA4,P,x\n")
    council.land()
    for name in ("receipt", "reject"):
        for file in (council.home.ledger / name).glob("*.parquet"):
            schema = pq.read_schema(file)
            assert schema.names == [column.name for column in declared()[name].columns], file.name
    assert ledger.read_receipts(council.home.ledger) == list(council.land().receipts)


_VALUE = st.text(alphabet="Ab1é \t\"'\r\n,;|\u00a0", max_size=8)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@example(rows=[("\r,", "")])  # the file's last line is the end of a value, and looks like a row of numbers
@example(rows=[("P", "\n,,2")])
@given(rows=st.lists(st.tuples(_VALUE, _VALUE), min_size=1, max_size=8))
def test_values_arrive_as_they_were_written(rows: list[tuple[str, str]]) -> None:
    """Whatever a value holds, raw holds the same without the blanks around it."""
    table = [["plan_id", "person_id", "start_date"], *([f"A{n}", *row] for n, row in enumerate(rows))]
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        file = home.inbox / "ehc" / "ehc_plan.csv"
        file.parent.mkdir(parents=True)
        file.write_bytes("".join(_written(row) + "\r\n" for row in table).encode("utf-8"))
        with patch.object(ledger, "write_layouts"):
            (receipt,) = landing.land(Settings(home=home, threads=1)).receipts
        assert (receipt.message, receipt.rows_loaded) == ("", len(rows))
        folders = "ehc/plan/snapshot_date=*"
        found = zip(_column(home, folders, "person_id"), _column(home, folders, "start_date"), strict=True)
        blanks = " \t\r\n\u00a0\ufeff"
        assert list(found) == [(a.strip(blanks) or None, b.strip(blanks) or None) for a, b in rows]
