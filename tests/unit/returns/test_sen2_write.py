"""The return as files: what is written, what the manifest says, and that nothing is half written."""

from __future__ import annotations

import csv
import dataclasses
import hashlib
import json
import time
from datetime import date
from pathlib import Path

import pytest
from lxml import etree

from tests.unit.returns.sen2_mart import Mart
from tests.unit.returns.sen2_world import World
from warehouse import __version__, specification
from warehouse.returns import collect, layout, sen2
from warehouse.settings import Settings

INPUT = ("ehc", "person", "ehc_person.csv", "aa" * 32, "2027-01-21")


@pytest.fixture(scope="module")
def county(mart: Mart, tmp_path_factory: pytest.TempPathFactory) -> World:
    """Two people in the return of 2026, a third who is out of it; one has no ethnicity, another a code of no list."""
    world = World(mart, tmp_path_factory.mktemp("county"))
    for person, ethnicity in (("1", "WBRI"), ("2", ""), ("3", "WBRI")):
        world.person(
            person,
            surname="Hill",
            forename=f"Ada {person}",
            birth_date="2016-05-05",
            sex="F",
            ethnicity_code=ethnicity,
            postcode="AB1 2CD",
            upn_unknown_reason="UN4" if person == "2" else "UN3",
            case_officer="=Officer",
            source_file="ehc_person.csv",
            source_row=int(person) + 1,
        )
    world.plan("1", "plan 1", start_date="2020-01-01", source_file="ehc_plan.csv", source_row=2)
    world.request(
        "2", "request 2", received_date="2025-12-20", outcome="A", source_file="ehc_request.csv", source_row=2
    )
    world.plan(
        "3", "plan 3", start_date="2020-01-01", cease_date="2024-06-01", source_file="ehc_plan.csv", source_row=3
    )
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
    for standing in ("current", "superseded"):
        world.connection.execute(
            "insert into quality.rpt_quality__receipt values (?, ?, ?, ?, ?, ?)",
            [*INPUT[:2], f"{standing}_{INPUT[2]}", *INPUT[3:], standing],
        )
    world.connection.close()
    return world


@pytest.fixture
def settings(mart: Mart) -> Settings:
    return mart.settings


def sheet(folder: Path) -> list[dict[str, str]]:
    with (folder / "findings.csv").open(encoding="utf-8-sig", newline="") as handle:
        return list(csv.DictReader(handle))


def test_files_counts_and_validity(county: World, settings: Settings, tmp_path: Path) -> None:
    written = sen2.write(settings, county.database, 2026, tmp_path / "2026")
    folder = tmp_path / "2026"
    names = {file.relative_to(folder).as_posix() for file in written.files}
    assert {name for name in names if "/" not in name} == {
        "findings.csv",
        "findings.xlsx",
        "manifest.json",
        "sen2_999_2026.xml",
        "sen2_999_2026.xsd",
        "signoff.html",
    }
    assert {name.split("/")[0] for name in names if "/" in name} == {"collect", "tables"}
    assert {name for name in names if name.startswith("collect/")} == {
        f"collect/Blade-Export_21-01-2027_{table}.csv" for table in collect.tables(layout.message(2026))
    }
    assert names == {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert (written.counts["person"], written.counts["requests"], written.counts["named_plan"]) == (2, 2, 1)
    assert written.records == sum(written.counts.values())
    assert written.valid
    tree = etree.parse(tmp_path / "2026" / "sen2_999_2026.xml")
    etree.XMLSchema(etree.parse(tmp_path / "2026" / "sen2_999_2026.xsd")).assertValid(tree)
    assert [element.text for element in tree.iter("Forename")] == ["Ada 1", "Ada 2"]
    assert [file.name for file in tmp_path.iterdir()] == ["2026"], "something was left beside the folder"


def test_manifest(county: World, settings: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "2026"
    written = sen2.write(settings, county.database, 2026, folder)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert (manifest["collection_year"], manifest["census_day"], manifest["is_provisional"]) == (
        2026,
        "2026-01-15",
        False,
    )
    assert manifest["code_version"] == __version__
    assert manifest["settings"]["residential_reading"] == "cbds_2023"
    assert manifest["records"] == written.counts
    assert {name: count for name, count in manifest["scope_cases"].items() if count} == {
        "1 Active plan, decided before the year": 1,
        "10 Ongoing, request stage": 1,
    }
    assert len(manifest["scope_cases"]) == 11
    assert manifest["out_of_scope"] == {"plan_ceased_before": 1}
    assert manifest["inputs"] == [
        {
            "source": "ehc",
            "entity": "person",
            "file": "current_ehc_person.csv",
            "sha256": INPUT[3],
            "snapshot_date": "2027-01-21",
        }
    ]
    assert manifest["codes_left_out"] == {"UPNunknown": 1}
    for name, digest in manifest["outputs"].items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
    written_files = {file.relative_to(folder).as_posix() for file in written.files}
    assert set(manifest["outputs"]) == written_files - {"manifest.json"}


def test_findings_sheet(county: World, settings: Settings, tmp_path: Path) -> None:
    written = sen2.write(settings, county.database, 2026, tmp_path / "2026")
    found = sheet(tmp_path / "2026")
    assert len(found) == written.findings == written.errors + written.queries + written.warnings
    assert [row["level"] for row in found] == sorted(row["level"] for row in found)
    (ethnicity,) = (row for row in found if row["printed_id"] == "SEN2-P08")
    assert (ethnicity["ehc_person_id"], ethnicity["source_file"], ethnicity["source_row"]) == (
        "2",
        "ehc_person.csv",
        "3",
    )
    assert ethnicity["collection"] == "2026"
    assert ethnicity["case_officer"] == "'=Officer", "a spreadsheet would run it as a formula"
    assert {row["printed_id"] for row in found if row["person_record_id"] == "1"} >= {
        "SEN2-N09",
        "SEN2-T04",
        "SEN2-T05",
    }


def test_no_name_birthday_or_number_in_the_sheet(county: World, settings: Settings, tmp_path: Path) -> None:
    sen2.write(settings, county.database, 2026, tmp_path / "2026")
    text = (tmp_path / "2026" / "findings.csv").read_text(encoding="utf-8-sig")
    for value in ("Hill", "Ada", "2016-05-05", "AB1 2CD"):
        assert value not in text


def test_the_same_bytes_and_untouched_files_again(county: World, settings: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "2026"
    first = sen2.write(settings, county.database, 2026, folder)
    before = {file: (file.read_bytes(), file.stat().st_mtime_ns) for file in first.files}
    second = sen2.write(settings, county.database, 2026, folder)
    assert {file: (file.read_bytes(), file.stat().st_mtime_ns) for file in second.files} == before


def test_the_same_bytes_elsewhere_and_later(county: World, settings: Settings, tmp_path: Path) -> None:
    """Every file, workbook and page too; a ZIP keeps time by two seconds."""

    def written(name: str) -> dict[str, bytes]:
        files = sen2.write(settings, county.database, 2026, tmp_path / name).files
        return {file.relative_to(tmp_path / name).as_posix(): file.read_bytes() for file in files}

    first = written("first")
    time.sleep(2.1)
    second = written("second")
    assert [name for name in first if first[name] != second[name]] == []
    assert first.keys() == second.keys()


def test_files_of_another_day_do_not_stay_beside(county: World, settings: Settings, tmp_path: Path) -> None:
    """COLLECT's files have the day in their names; two exports in one folder cannot be read."""
    earlier = dataclasses.replace(settings, as_at=date(2027, 1, 20))
    sen2.write(earlier, county.database, 2026, tmp_path)
    assert len(list(tmp_path.glob("collect/Blade-Export_20-01-2027_*.csv"))) == 9
    sen2.write(settings, county.database, 2026, tmp_path)
    assert {file.name[13:23] for file in (tmp_path / "collect").iterdir()} == {"21-01-2027"}


def test_a_stopped_writing_leaves_the_last_return(
    county: World, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "2026"
    before = {file: file.read_bytes() for file in sen2.write(settings, county.database, 2026, folder).files}

    def stop(*_: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(sen2.findings, "write", stop)
    with pytest.raises(OSError, match="disk is full"):
        sen2.write(dataclasses.replace(settings, serial_number=2), county.database, 2026, folder)
    assert {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()} == before
    assert [file.name for file in tmp_path.iterdir()] == ["2026"]


def test_2027_says_that_it_is_provisional(county: World, settings: Settings, tmp_path: Path) -> None:
    said: list[str] = []
    written = sen2.write(settings, county.database, 2027, tmp_path / "2027", said.append)
    assert written.is_provisional
    assert any("PROVISIONAL" in line for line in said)
    assert json.loads((tmp_path / "2027" / "manifest.json").read_text(encoding="utf-8"))["is_provisional"] is True
    assert {row["collection"] for row in sheet(tmp_path / "2027")} == {"2027 PROVISIONAL"}
    assert "PROVISIONAL" in (tmp_path / "2027" / "sen2_999_2027.xsd").read_text(encoding="utf-8")


def test_an_invented_year_opens_with_rows_alone(
    mart: Mart, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """2099 is a row of collection.csv, and the models' row of the same; nothing else knows the year."""
    invented = {
        "collection_year": "2099",
        "census_day": "2099-01-15",
        "deadline": "",
        "is_provisional": "true",
        "note": "Invented",
    }
    read = specification.rows
    monkeypatch.setattr(
        specification, "rows", lambda name: (*read(name), invented) if name == "collection" else read(name)
    )
    world = World(mart, tmp_path)
    world.fact(
        "dim_collection",
        collection_year=2099,
        census_day="2099-01-15",
        year_start="2098-01-01",
        year_end="2098-12-31",
        record_origin="made",
        is_provisional=True,
    )
    world.person("1", surname="Hill", forename="Ada", birth_date="2090-05-05", sex="F", ethnicity_code="WBRI")
    world.plan("1", "plan", start_date="2098-02-01", transferred_from_la_code="302", transferred_in_date="2098-03-01")
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
    written = sen2.write(settings, world.database, 2099, tmp_path / "2099")
    assert written.valid and written.is_provisional
    tree = etree.parse(tmp_path / "2099" / "sen2_999_2099.xml")
    assert [tree.findtext(f".//{tag}") for tag in ("Year", "ReferenceDate", "TransferLA", "AssessmentOutcome")] == [
        "2099",
        "2099-01-15",
        "302",
        "H",
    ]
    assert {row["printed_id"] for row in sheet(tmp_path / "2099")} >= {"SEN2-P13", "SEN2-T04"}


def test_what_is_said_holds_no_child(county: World, settings: Settings, tmp_path: Path) -> None:
    said: list[str] = []
    sen2.write(settings, county.database, 2026, tmp_path / "2026", said.append)
    assert said
    assert not any("Hill" in line or "Ada" in line for line in said)
