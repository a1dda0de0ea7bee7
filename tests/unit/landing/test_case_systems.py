"""Six systems, one case: a profile that reads a plan, a need or a date otherwise than it was lived changes the return.

The lives of a small county are delivered in our own layout and in the shape of each system, faults included. What
lands has to be the same, row by row, but for what a shape cannot say; that is listed here, with the reason.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from warehouse import landing
from warehouse.cli import CASE_SYSTEMS
from warehouse.landing import encoding, xlsx_reader
from warehouse.profiles import shipped
from warehouse.settings import Home, Settings
from warehouse.specification import Extract, sources
from warehouse.synthetic import case_system, generate

# What every case system has; what a council may do without lands in our own layout beside it.
EXTRACTS = [extract for extract in sources()["ehc"].extracts if not extract.is_optional]
DATES = "['%Y-%m-%d', '%d/%m/%Y', '%d/%m/%Y %H:%M', '%d-%b-%Y', '%Y-%m-%d %H:%M:%S']"
# The standard data set has these columns of ours; of the plan and its needs only those that lead to a request.
SSD = {
    "person": "person_id surname forename birth_date sex ethnicity upn uln upn_unknown_reason",
    "request": "request_id person_id received_date outcome outcome_date",
    "assessment": "assessment_id request_id person_id outcome outcome_date exception_applies",
    "plan": "plan_id person_id request_id start_date cease_date cease_reason",
    "need": "plan_id person_id rank sen_type from_date",
}


@pytest.fixture(scope="module")
def lives(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[duckdb.DuckDBPyConnection, Path]]:
    """The deliveries of a county of 100 plans in our own layout: as tables x_ehc_*, and landed."""
    home = Home(tmp_path_factory.mktemp("ours"))
    settings = replace(Settings.read(home.root), threads=1)
    generate(settings, 100, 800)
    with duckdb.connect() as con:
        for extract in EXTRACTS:
            header, *rows = delivered(home.inbox / "ehc" / f"ehc_{extract.entity}.csv")
            con.execute(f"create table x_ehc_{extract.entity} ({', '.join(f'{name} varchar' for name in header)})")
            marks = ", ".join("?" for _ in header)
            con.executemany(f"insert into x_ehc_{extract.entity} values ({marks})", rows)
        land(settings)
        yield con, home.root


def delivered(file: Path) -> list[list[str | None]]:
    """The cells of a canonical file, blank as null."""
    if file.is_file():
        text = file.read_bytes().decode("utf-16" if encoding.detect("", file).startswith("utf-16") else "utf-8-sig")
        rows = list(csv.reader(text.splitlines()))
    else:
        with xlsx_reader.opened("", file.with_suffix(".xlsx")) as book:
            sheet = book.rows(book.names[0])
        rows = [[xlsx_reader.as_text(cell) for cell in row] for row in sheet]
    return [[cell or None for cell in row] for row in rows]


def land(settings: Settings) -> landing.LandingReport:
    """Only the case system: the other sources are no matter here."""
    off = {name: name == "ehc" for name in sources()}
    return landing.land(replace(settings, sources=off))


def rows(root: Path, extract: Extract, columns: list[str]) -> str:
    """SQL: what staging would keep of an extract, dates and answers written alike."""
    types = {column.name: column.data_type for column in extract.columns}
    written = []
    for name in columns:
        value = f'"{name}"'
        if types[name] == "date":
            value = f"coalesce(try_strptime({value}, {DATES})::date::varchar, {value})"
        elif types[name] == "boolean":
            low = f"lower({value})"
            yes, no = f"{low} in ('y', 'yes', '1')", f"{low} in ('n', 'no', '0')"
            value = f"case when {yes} then 'true' when {no} then 'false' else {value} end"
        written.append(f"{value} as {name}")
    files = root / "raw" / "ehc" / extract.entity / "snapshot_date=*" / "*.parquet"
    return (
        f"select {', '.join(written)} from (select * from read_parquet('{files.as_posix()}') qualify row_number() over "
        f"(partition by {', '.join(extract.key)} order by _source_file desc, _source_row desc) = 1)"
    )


@pytest.mark.parametrize("system", CASE_SYSTEMS)
def test_each_system_leads_to_the_same_rows(
    lives: tuple[duckdb.DuckDBPyConnection, Path], system: str, tmp_path: Path
) -> None:
    con, ours = lives
    case_system.write(con, system, tmp_path / "inbox" / "ehc")
    report = land(Settings(home=Home(tmp_path), threads=1))
    assert not report.quarantined, [receipt.message for receipt in report.quarantined]
    assert all(
        r.rows_received == r.rows_loaded + r.rows_rejected and r.profile.startswith(system) for r in report.receipts
    )
    for extract in EXTRACTS:
        columns = [column.name for column in extract.columns]
        where = "true"
        if system == "ssd":
            if extract.entity not in SSD:
                continue
            columns = SSD[extract.entity].split()
            if extract.entity in ("plan", "need"):
                # It leads from a plan to its child through the assessment, which a plan from another council has not.
                where = "plan_id in (select plan_id from x_ehc_plan inner join x_ehc_assessment using (request_id))"
        if system in ("synergy", "ssd") and extract.entity == "need":
            # A planted fault says two needs of rank 1. A cell ranks by place, and ssd has no date to tell them apart.
            twice = "select plan_id from x_ehc_need where rank = '1' group by 1 having count(*) > 1"
            where += f" and plan_id not in ({twice})"
        mine = f"select * from ({rows(ours, extract, columns)}) where {where}"
        theirs = f"select * from ({rows(tmp_path, extract, columns)}) where {where}"
        lost = con.execute(f"select count(*) from ({mine} except all {theirs})").fetchone()
        made_up = con.execute(f"select count(*) from ({theirs} except all {mine})").fetchone()
        assert (lost, made_up) == ((0,), (0,)), f"{extract.name} from {system}"


def test_shipped_profiles_keep_apart() -> None:
    """No file name of one profile is also one of another or of our own layout; only a workbook is several files."""
    patterns = {(profile.name, file.pattern) for profile in shipped() for file in profile.files.values()}
    patterns |= {(extract.name, extract.file_pattern) for extract in EXTRACTS}
    for name, pattern in patterns:
        example = re.sub(r"\\b|[\^$]", "", pattern).replace("[-_ ]", "_") + ".csv"
        matching = [other for other, others in patterns if re.search(others, example, re.IGNORECASE)]
        assert matching == [name], example


def test_what_is_from_memory_says_so() -> None:
    certainties = {name: "read" if name == "ssd" else "memory" for name in (*CASE_SYSTEMS, "dfe_template")}
    assert {profile.name: profile.certainty for profile in shipped()} == certainties
    assert all(profile.note for profile in shipped())
    assert case_system.systems() == CASE_SYSTEMS
