"""A delivery is compared with the one before by what is kept of each file; a child's value kept here is shown."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from expectations import measure
from warehouse import duck, landing
from warehouse.landing.ledger import read_receipts
from warehouse.settings import Home, Settings
from warehouse.specification import extract, sources

HEADER = "plan_id,person_id,rank,sen_type,from_date,to_date,local_note\n"


def needs(*types: str, since: str = "2026-01-05") -> str:
    return HEADER + "".join(f"P{n},C{n},1,{kind},{since},,Zxq\n" for n, kind in enumerate(types))


def measured(tmp_path: Path, files: dict[str, str]) -> dict[str, dict[tuple[str, str, str], int]]:
    """File → (measure, column, value) → rows."""
    home = Home(tmp_path)
    for name, content in files.items():
        path = home.inbox / "ehc" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    off = {name: name == "ehc" for name in sources()}
    landing.land(replace(Settings(home=home, threads=1), as_at=date(2027, 1, 21), sources=off))
    receipts = read_receipts(home.ledger)
    with duck.memory(1, "1GB") as connection:
        measure.keep(connection, home, [extract("ehc", "need")], receipts)
    file = home.ledger / "measure" / "measure.parquet"
    rows: list[dict[str, Any]] = pq.read_table(file).to_pylist() if file.is_file() else []
    names = {receipt.receipt_id: receipt.file_name for receipt in receipts}
    found: dict[str, dict[tuple[str, str, str], int]] = {}
    for row in rows:
        key = row["measure"], row["column_name"] or "", row["measured_value"] or ""
        found.setdefault(names[row["receipt_id"]], {})[key] = row["row_count"]
    return found


FIRST, SECOND = "ehc_need_2026-12-01.csv", "ehc_need_2027-01-04.csv"


def test_each_file_is_counted_by_itself_and_no_value_is_kept_but_codes(tmp_path: Path) -> None:
    types = ["ASD"] * 7 + ["Talks late"] * 5 + ["Wobbly"] * 4 + ["Lives with Ada and her grandmother in Ash Road"] * 5
    before = needs(*types, since="5/1/2026").replace(",to_date", ",other_date")
    found = measured(tmp_path, {FIRST: before, SECOND: needs("asd", "", since="soon")})
    first, second = found[FIRST], found[SECOND]
    assert first["rows", "", ""] == 21 and second["rows", "", ""] == 2
    assert (first["filled", "sen_type", ""], second["filled", "sen_type", ""]) == (21, 1)
    assert (first["unparseable", "from_date", ""], second["unparseable", "from_date", ""]) == (0, 2)
    assert first["unknown_code", "sen_type", ""] == 14
    assert first["form", "from_date", "date like 31/12/2026"] == 21 and second["form", "from_date", "text"] == 2
    assert first["form", "rank", "whole number"] == 21
    assert ("missing", "to_date", "") in first and ("missing", "to_date", "") not in second
    assert ("ignored", "other_date", "") in first and ("ignored", "local_note", "") in second
    # A code however rare; of what is none, what stands in five rows and is no longer than a label.
    codes = {key: rows for key, rows in {**first, **second}.items() if key[0].endswith("_code") and key[2]}
    assert codes == {
        ("known_code", "sen_type", "ASD"): 1,
        ("other_code", "sen_type", "TALKS LATE"): 5,
        ("known_code", "rank", "1"): 2,
    }
    assert first["known_code", "sen_type", "ASD"] == 7
    kept = (Home(tmp_path).ledger / "measure" / "measure.parquet").read_bytes()
    assert not any(word in kept for word in (b"WOBBLY", b"Wobbly", b"Ada", b"ADA", b"Zxq", b"soon"))


def test_what_came_once_waits_and_a_measured_file_is_not_read_again(tmp_path: Path, monkeypatch: Any) -> None:
    assert measured(tmp_path, {FIRST: needs("ASD")}) == {}
    assert set(measured(tmp_path, {SECOND: needs("MLD")})) == {FIRST, SECOND}
    file = Home(tmp_path).ledger / "measure" / "measure.parquet"
    stood = file.stat().st_mtime_ns
    monkeypatch.setattr(measure, "_measures", lambda *_: 1 / 0)
    measured(tmp_path, {})
    assert file.stat().st_mtime_ns == stood
