"""The sign-off sheet: what forbids signing, and that the page says what the return is, without a child in it.

It matters because somebody puts a name under it. Resolve: warehouse/returns/signoff.py; an open error or a file that
breaks its own schema forbids signing, nothing else does.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest
from lxml import html

from tests.unit.returns.sen2_mart import Mart
from tests.unit.returns.sen2_world import World
from warehouse.returns import headline, sen2, signoff
from warehouse.settings import Settings

CHILD = {
    "surname": "Quillfeather",
    "forename": "Ottoline",
    "birth_date": "2016-05-09",
    "postcode": "ZC7 0EA",
    "upn": "C201200126001",
}
PERSON = "EHC-77123"


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("create schema sen2")
        connection.execute(
            "create table sen2.sen2__finding "
            "(collection_year integer, printed_id varchar, level varchar, message varchar, is_explained boolean)"
        )
        yield connection


def find(connection: duckdb.DuckDBPyConnection, *findings: tuple[str, str, bool], year: int = 2026) -> None:
    for rule, level, explained in findings:
        connection.execute("insert into sen2.sen2__finding values (?, ?, ?, '', ?)", [year, rule, level, explained])


def test_nothing_forbids_a_clean_return(connection: duckdb.DuckDBPyConnection) -> None:
    assert signoff.blockers(connection, 2026) == ()


def test_queries_and_warnings_do_not_forbid(connection: duckdb.DuckDBPyConnection) -> None:
    find(connection, ("SEN2-P11", "Q", False), ("SEN2-R15", "W", False))
    assert signoff.blockers(connection, 2026) == ()


def test_an_open_error_forbids(connection: duckdb.DuckDBPyConnection) -> None:
    find(connection, ("SEN2-P01", "E", False))
    (said,) = signoff.blockers(connection, 2026)
    assert said.startswith("1 open error: SEN2-P01 (1). ")


def test_errors_of_another_year_do_not(connection: duckdb.DuckDBPyConnection) -> None:
    find(connection, ("SEN2-P01", "E", False), year=2025)
    assert signoff.blockers(connection, 2026) == ()


def test_an_error_that_is_explained_does_not(connection: duckdb.DuckDBPyConnection) -> None:
    find(connection, ("SEN2-T04", "E", True), ("SEN2-P01", "E", False), ("SEN2-P01", "E", False))
    assert signoff.blockers(connection, 2026)[0].startswith("2 open errors: SEN2-P01 (2). ")


def test_many_rules_are_counted_not_listed(connection: duckdb.DuckDBPyConnection) -> None:
    find(connection, *((f"SEN2-P{number:02d}", "E", False) for number in range(1, 9)), ("SEN2-P08", "E", False))
    (said,) = signoff.blockers(connection, 2026)
    assert said.startswith(
        "9 open errors: SEN2-P08 (2), SEN2-P01 (1), SEN2-P02 (1), SEN2-P03 (1), SEN2-P04 (1), SEN2-P05 (1) "
        "and 2 more rules. "
    )


def test_a_file_that_breaks_its_schema_forbids(connection: duckdb.DuckDBPyConnection) -> None:
    (said,) = signoff.blockers(connection, 2026, {"cvc_enumeration_valid": 3})
    assert "does not hold to its own schema: cvc_enumeration_valid (3)" in said


def test_a_refused_extract_behind_the_return_forbids(connection: duckdb.DuckDBPyConnection) -> None:
    """Late or absent is said beside the return; refused at the door means that a newer file is known. An extract that
    only helps to say who is who forbids nothing, but one of the case system does."""
    connection.execute("create schema if not exists quality")
    connection.execute(
        "create or replace table quality.rpt_quality__degraded as select * from (values "
        "('sen2', 'sen2__case', 'ehc', 'plan', 'refused', 'rows'), "
        "('sen2', 'sen2__person', 'ehc', 'person', 'refused', 'people'), "
        "('sen2', 'sen2__case', 'gias', 'establishment', 'refused', 'rows'), "
        "('sen2', 'sen2__case', 'gias', 'link', 'late', 'rows'), "
        "('sen2', 'sen2__person', 'equipment', 'episode', 'refused', 'people'), "
        "('core', 'fct_transport', 'transport', 'run', 'refused', 'rows')"
        ") as degraded (table_schema, table_name, source, entity, standing, rests_by)"
    )
    (said,) = signoff.refused_inputs(connection)
    assert said.startswith("The door refused the last delivery of ehc.person, ehc.plan, gias.establishment, so")
    connection.execute("delete from quality.rpt_quality__degraded where source in ('ehc', 'gias')")
    assert signoff.refused_inputs(connection) == ()


@pytest.fixture(scope="module")
def county(mart: Mart, tmp_path_factory: pytest.TempPathFactory) -> World:
    """One child in the return, whose every value would be known again; one who is out of it."""
    world = World(mart, tmp_path_factory.mktemp("county"))
    world.person(PERSON, **CHILD, sex="F", ethnicity_code="WBRI", case_officer="Officer 12")
    world.person("2", surname="Hill", forename="Ada", birth_date="2010-01-01", sex="F", ethnicity_code="WBRI")
    world.plan(PERSON, "plan 1", start_date="2020-01-01", residential_weeks=45, personal_budget=False)
    world.plan("2", "plan 2", start_date="2020-01-01", cease_date="2024-06-01")
    world.build()
    world.judge()
    world.connection.execute("create schema quality")
    world.connection.execute(
        "create table quality.rpt_quality__receipt "
        "(source varchar, entity varchar, file_name varchar, file_hash varchar, snapshot_date date, standing varchar)"
    )
    world.connection.execute(
        "create table quality.rpt_quality__degraded "
        "(table_schema varchar, table_name varchar, source varchar, entity varchar, standing varchar, rests_by varchar)"
    )
    world.connection.close()
    return world


def sheet(
    county: World, settings: Settings, folder: Path, year: int, **other: Any
) -> tuple[sen2.Written, html.HtmlElement]:
    written = sen2.write(replace(settings, **other), county.database, year, folder)
    return written, html.fromstring((folder / "signoff.html").read_text(encoding="utf-8"))


def text(page: html.HtmlElement) -> str:
    return " ".join(" ".join(page.itertext()).split())


def test_what_the_sheet_says(county: World, mart: Mart, tmp_path: Path) -> None:
    written, page = sheet(county, mart.settings, tmp_path, 2026, council_name="Somewhere & <Sons>")
    said = text(page)
    xml = tmp_path / "sen2_999_2026.xml"
    assert "Somewhere & <Sons> (999)" in said
    assert hashlib.sha256(xml.read_bytes()).hexdigest() in said
    assert "sen2_999_2026.xml" in said
    assert "15 January 2026" in said and "12 March 2026" in said
    assert "21 January 2027, from what was known on 21 January 2027" in said
    assert "1 Active plan, decided before the year 1" in said
    assert "11 Moved away during the process 0" in said
    assert "The plan ended before the year 1" in said
    assert "Person 1" in said
    assert "PROVISIONAL" not in said
    assert "ours, not the Department for Education's" in said or "NOT READY" in said
    assert written.blockers and written.blockers[0] in said
    for number in ("O1", "O2", "O19", "C1"):
        assert page.xpath(f"//td[text()='{number}']"), number
    for label in ("Name", "Role", "Date", "Signature"):
        assert page.xpath(f"//table[@class='sign']//th[text()='{label}']")


def test_headline_figures_beside_others(
    county: World, mart: Mart, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    figures = [
        headline.Row("Plans in force", "149", "136", "", "", "", "718,838", "tested"),
        headline.Row("New plans", "25", "", "", "", "", "", "tested"),
    ]
    monkeypatch.setattr(headline, "rows", lambda *_: figures)
    _, page = sheet(county, mart.settings, tmp_path, 2026)
    (table,) = page.find_class("figures")
    assert [[cell.text_content() for cell in row] for row in table.iter("tr")] == [
        ["Figure", "This return", "Own last year", "England", "Definition"],
        ["Plans in force", "149", "136", "718,838", "tested"],
        ["New plans", "25", "–", "–", "tested"],
    ]


def test_2027_says_that_it_is_provisional(county: World, mart: Mart, tmp_path: Path) -> None:
    assert "PROVISIONAL" in text(sheet(county, mart.settings, tmp_path, 2027)[1])


def test_ready_and_not_ready(county: World, mart: Mart, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written, page = sheet(county, mart.settings, tmp_path, 2026)
    manifest = json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["not_ready"] == list(written.blockers)
    assert "NOT READY to sign" in text(page)
    monkeypatch.setattr(signoff, "blockers", lambda *_: ())
    written, page = sheet(county, mart.settings, tmp_path, 2026)
    assert written.blockers == ()
    assert "Nothing forbids signing" in text(page) and "NOT READY" not in text(page)


@pytest.mark.parametrize(
    ("year", "reading", "code", "meaning"),
    [
        (2025, "cbds_2023", "A", "A: Residential, 38 to 51 weeks a year;"),
        (2026, "cbds_2023", "A", "A: Residential, 38 to 51 weeks a year;"),
        (2025, "rfc_1299", "A", "A: Residential, 38 to 51 weeks a year (to 2025);"),
        (2026, "rfc_1299", "B", "A: Residential, up to 38 weeks a year;"),
    ],
)
def test_the_residential_reading_in_force(
    mart: Mart, tmp_path: Path, year: int, reading: str, code: str, meaning: str
) -> None:
    """45 weeks a year are A by the one reading and, from 2026, B by the other (section 3.1); the sheet says which."""
    world = World(mart, tmp_path)
    world.person("1", surname="Hill", forename="Ada", birth_date="2010-01-01", sex="F", ethnicity_code="WBRI")
    world.plan("1", "plan", start_date="2020-01-01", residential_weeks=45)
    world.build(cbds_2023=reading)
    world.judge()
    world.connection.execute("create schema quality")
    world.connection.execute(
        "create table quality.rpt_quality__receipt "
        "(source varchar, entity varchar, file_name varchar, file_hash varchar, snapshot_date date, standing varchar)"
    )
    world.connection.execute(
        "create table quality.rpt_quality__degraded "
        "(table_schema varchar, table_name varchar, source varchar, entity varchar, standing varchar, rests_by varchar)"
    )
    assert world.one("named_plan", year)["PlanRes"] == code
    world.connection.close()
    _, page = sheet(world, mart.settings, tmp_path / "out", year, residential_reading=reading)
    assert meaning in text(page)
    assert f"Reading {reading} of cbds_2023 and rfc_1299" in text(page)
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["settings"]["residential_reading"] == reading


def test_thresholds_that_the_council_set_are_named(county: World, mart: Mart, tmp_path: Path) -> None:
    """On the sheet and the workbook, each beside the usual one (section 5.2); of an unchanged one nothing is said."""
    _, page = sheet(county, mart.settings, tmp_path / "as it is", 2026)
    assert "Thresholds of rules" not in text(page)
    _, page = sheet(county, mart.settings, tmp_path / "own", 2026, thresholds={"N20.share": 0.1, "R15.days": 35})
    assert "SEN2-R15 days 35 (else 42), SEN2-N20 share 0.1 (else 0.05)" in text(page)
    book = openpyxl.load_workbook(tmp_path / "own" / "findings.xlsx", read_only=True)
    said = {row[0]: row[1:3] for row in book["Summary"].iter_rows(values_only=True) if row}
    assert said["SEN2-N20 share"] == (0.1, 0.05)
    manifest = json.loads((tmp_path / "own" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["settings"]["thresholds"] == {"N20.share": 0.1, "R15.days": 35}


def test_no_child_is_on_the_sheet_or_in_the_manifest(county: World, mart: Mart, tmp_path: Path) -> None:
    sheet(county, mart.settings, tmp_path, 2026)
    assert "Quillfeather" in (tmp_path / "sen2_999_2026.xml").read_text(encoding="utf-8"), "the child is in the return"
    for name in ("signoff.html", "manifest.json"):
        said = (tmp_path / name).read_text(encoding="utf-8")
        for value in (*CHILD.values(), PERSON, "9 May 2016", "Officer 12"):
            assert value not in said, name
