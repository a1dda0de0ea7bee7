"""DfE's tables as files: its headings and signs, and beside them what each figure means.

It matters because an analyst lays these files beside DfE's own: a column that moved, or an x read as 0, is a wrong
figure. Expected values are those of the release of 2025, of its preview of 2026, and of the lives worked on paper.
Resolve: rows of warehouse/spec/returns/sen2/release_column.csv, else warehouse/returns/tables.py.
"""

from __future__ import annotations

import csv
from pathlib import Path

import duckdb
import pytest

from tests.unit.returns import release_lives
from tests.unit.returns.release_lives import LIVES, MODELS
from warehouse import specification
from warehouse.returns import tables


@pytest.fixture(scope="module")
def warehouse_of_lives() -> duckdb.DuckDBPyConnection:
    """The tables of all lives, under the schema in which a warehouse has them."""
    connection = release_lives.tables().connection
    connection.execute("create schema if not exists sen2")
    for model in MODELS:
        connection.execute(f"create or replace view sen2.{model} as select * from main.{model}")
    return connection


def read(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as handle:
        return list(csv.DictReader(handle))


@pytest.mark.parametrize(
    ("year", "more", "not_yet"),
    [
        (2023, set(), {"annual_reviews", "phase_transfers"}),
        (2024, {"annual_reviews"}, {"phase_transfers"}),
        (2026, {"annual_reviews", "phase_transfers"}, set()),
    ],
)
def test_files_of_a_year(
    warehouse_of_lives: duckdb.DuckDBPyConnection, tmp_path: Path, year: int, more: set[str], not_yet: set[str]
) -> None:
    written = tables.write(warehouse_of_lives, year, tmp_path)
    names = {file.stem for file in written}
    always = {"caseload", "newplans", "sen_needs_all_plans", "sen_need_newplans", "requests", "assessments"}
    always |= {"timeliness_20_week", "personal_budgets", "residential_settings", "work_based_placements"}
    assert names == always | {"ceased_plans", "sen2_dmo_dco", "definitions"} | more
    assert not names & not_yet
    assert sorted(written) == sorted((tmp_path / "tables").iterdir())


def test_the_same_figures_give_the_same_bytes(warehouse_of_lives: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    one = tables.write(warehouse_of_lives, 2026, tmp_path / "one")
    two = tables.write(warehouse_of_lives, 2026, tmp_path / "two")
    assert [file.read_bytes() for file in one] == [file.read_bytes() for file in two]


def test_cells(warehouse_of_lives: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    files = {
        file.stem: read(file) for file in tables.write(warehouse_of_lives, 2026, tmp_path) if file.suffix == ".csv"
    }
    total = {
        name: rows[[row.get("breakdown_topic") == row.get("breakdown") for row in rows].index(True)]
        for name, rows in files.items()
        if name != "definitions"
    }
    in_force = sum("caseload" in {table for table, _ in life.cells} for life in LIVES if life.year == 2026)
    assert total["caseload"]["ehcplans"] == str(in_force)
    # What is not asked any more, and what DfE does not print of new plans, is x; nothing else is.
    assert [column for column, value in total["caseload"].items() if value == "x"] == [
        "await_prov_2022",
        "perm_ex_2022",
    ]
    assert [column for column, value in total["newplans"].items() if value == "x"] == [
        "online_provider",
        "w_settings",
        "other_schools",
        "await_prov_2022",
        "perm_ex_2022",
    ]
    assert (total["caseload"]["time_period"], total["caseload"]["time_identifier"]) == ("202526", "Academic year")
    assert (total["requests"]["time_period"], total["requests"]["time_identifier"]) == ("2025", "Calendar year")
    assert total["sen2_dmo_dco"]["time_period"] == "2026"
    # Neither a council's code of the statistics office nor a region is known of the invented council.
    assert (total["requests"]["old_la_code"], total["requests"]["new_la_code"]) == ("999", "")
    # A part of 0 is x in reviews alone, and a base of 0 everywhere; a whole number has no decimals.
    (unfinished,) = [row for row in files["annual_reviews"] if row["breakdown"] == "Aged 2 and under"]
    assert unfinished["pc_decsion_4weeks"] == "x"
    (ten,) = [row for row in files["requests"] if row["breakdown"] == "Aged 2 and under"]
    assert (ten["request_outstanding_pc"], ten["request_withdrawn_pc"]) == ("100", "0")
    assert (ten["request_outcome_six_weeks_pc"], ten["requests_received_in_year"]) == ("x", "1")


def test_rows_are_sorted_as_in_the_release(warehouse_of_lives: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    for file in tables.write(warehouse_of_lives, 2025, tmp_path):
        if file.stem not in ("definitions", "sen2_dmo_dco", "phase_transfers"):
            rows = [(row["breakdown_topic"].lower(), row["breakdown"].lower()) for row in read(file)]
            assert rows == sorted(rows), file.name


def test_names_follow_the_release(warehouse_of_lives: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    headings = {}
    for year in (2025, 2026, 2027):
        for file in tables.write(warehouse_of_lives, year, tmp_path / str(year)):
            headings[file.stem, year] = file.read_text(encoding="utf-8-sig").splitlines()[0].split(",")
    assert {"special_academy_free", "AP_PRU_total_pc"} <= set(headings["caseload", 2025])
    assert {"special_academy", "special_free_school", "ap_pru_total_pc"} <= set(headings["caseload", 2026])
    assert "special_academy_free" not in headings["caseload", 2026]
    assert (
        "number_ds" in headings["sen_needs_all_plans", 2025],
        "number_ds" in headings["sen_needs_all_plans", 2026],
    ) == (
        False,
        True,
    )
    assert headings["annual_reviews", 2025][13:18] == [
        "review_expected",
        "review_not_expected",
        "review_meeting_25",
        "review_meeting_24",
        "review_meeting_prior_24",
    ]
    assert headings["annual_reviews", 2026][13] == "review_expected_2025"
    assert headings["annual_reviews", 2027][15:18] == [
        "review_meeting_27",
        "review_completed_2026",
        "review_meeting_prior_26",
    ]
    assert headings["phase_transfers", 2026][-4:] == ["due_25", "due_26", "final_25", "final_26"]


@pytest.mark.parametrize("year", [2025, 2027])
def test_everything_is_defined(warehouse_of_lives: duckdb.DuckDBPyConnection, tmp_path: Path, year: int) -> None:
    """Each printed column, each choice of the year and how sure it is; a layout that nobody saw says so."""
    written = tables.write(warehouse_of_lives, year, tmp_path)
    lines = read(written[-1])
    for file in written[:-1]:
        printed = file.read_text(encoding="utf-8-sig").splitlines()[0].split(",")
        defined = {line["column"] for line in lines if line["file"] == file.name and line["about"] == "column"}
        assert defined == set(printed[10:]) - {"breakdown_topic", "breakdown"}, file.name
    assert all(line["definition"] and line["status"] and line["class"].startswith("internal") for line in lines)
    (caseload,) = [line for line in lines if line["about"] == "table" and line["file"] == "caseload.csv"]
    seen = "Columns of the release of 2025" if year == 2025 else "Columns carried over from the release of 2026"
    assert caseload["definition"].endswith(seen)
    named = {line["column"] for line in lines if line["about"] == "parameter"}
    assert named == {row["parameter"] for row in specification.rows("release_parameter")}
