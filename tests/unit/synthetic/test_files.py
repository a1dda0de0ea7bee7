"""Every declared extract is written as its publisher writes it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import etree

from warehouse import specification
from warehouse.settings import Home, Settings
from warehouse.synthetic import SyntheticError, generate

from .conftest import County, make, table

Rows = Callable[[str, str], list[dict[str, str]]]
WRITTEN = [e for s in specification.sources().values() if s.is_generated for e in s.extracts]
# Written as XML alone, or as both by a real council and as XML in the demonstration.
XML = [extract for extract in WRITTEN if extract.formats == ("xml",) or extract.source == "ap_census"]
TABULAR = [extract for extract in WRITTEN if "csv" in extract.formats and extract not in XML]


@pytest.mark.parametrize("extract", TABULAR, ids=lambda extract: extract.name)
def test_every_extract_is_written_with_its_headers(county: County, extract: specification.Extract) -> None:
    files = county.files(extract.source, extract.entity)
    assert files, f"no file of {extract.name}"
    for file in files:
        header, *body = table(file)
        assert body, f"{file.name} is empty"
        assert all(len(cells) == len(header) for cells in body)
        for column in extract.columns:
            if not column.is_in_a_table:
                continue
            assert any(column.accepts(name) for name in header), f"{file.name} lacks {column.name}"


@pytest.mark.parametrize(
    "extract",
    [e for e in TABULAR if e.source in ("ehc", "school_census", "ssda903", "gias")],
    ids=lambda extract: extract.name,
)
def test_headers_are_those_printed(county: County, extract: specification.Extract) -> None:
    wanted = [column.printed_header for column in extract.columns if column.is_in_a_table]
    for file in county.files(extract.source, extract.entity):
        assert set(wanted) <= set(table(file)[0])


@pytest.mark.parametrize("extract", XML, ids=lambda extract: extract.name)
def test_xml_holds_every_required_element(county: County, extract: specification.Extract) -> None:
    files = county.files(extract.source, extract.entity)
    declared = specification.sources()[extract.source].meta
    inner = "" if extract.meta["record"] == "." else f"/{extract.meta['record']}"
    found = []
    for file in files:
        root = etree.parse(file).getroot()
        assert root.tag == declared["xml_root"]
        found += root.findall(declared["xml_record"] + inner)
    assert found
    for column in extract.columns:
        is_below = re.match(r"[A-Za-z][^(]*$", column.xpath or "")
        if column.required and is_below:
            assert all(record.findtext(column.xpath) for record in found), column.name


def test_two_years_of_the_cin_census(county: County) -> None:
    assert len(county.files("cin", "child")) == 2


def test_school_register_is_cp1252_with_accents(county: County) -> None:
    raw = county.files("gias", "establishment")[0].read_bytes()
    assert raw.decode("cp1252").encode("utf-8") != raw
    with pytest.raises(UnicodeDecodeError):
        raw.decode("utf-8")


def test_one_file_is_utf_16_and_one_a_workbook(county: County) -> None:
    assert county.files("ehc", "personal_budget")[0].read_bytes()[:2] in (b"\xff\xfe", b"\xfe\xff")
    assert county.files("ehc", "appeal")[0].suffix == ".xlsx"


def test_one_delivery_has_the_dictionary_names(county: County) -> None:
    headers = {file.name: table(file)[0] for file in county.files("csds", "patient_index")}
    drifted = [name for name, header in headers.items() if "NHS NUMBER" in header]
    assert len(drifted) == 1
    assert all("NHSNumber" in header for name, header in headers.items() if name not in drifted)


def test_a_file_ends_in_a_total(county: County) -> None:
    file = next((county.home / "inbox" / "csds").glob("Z9T_*"))
    assert table(file)[-1][0] == "Total"


def test_the_settings_file_names_the_demonstration(county: County) -> None:
    settings = Settings.read(county.home)
    assert (settings.la_code, settings.demonstration, settings.collection_years) == ("999", True, (2026, 2027))
    assert settings.as_at.isoformat() == "2027-01-21"


def hashes(home: Path) -> dict[str, str]:
    return {
        file.relative_to(home).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(home.rglob("*"))
        if file.is_file()
    }


def test_same_seed_same_bytes_and_nothing_rewritten(tmp_path: Path) -> None:
    first = make(tmp_path / "first", 100, 1_500, seed=7)
    written = {file: file.stat().st_mtime_ns for file in first.made.files}
    again = make(tmp_path / "first", 100, 1_500, seed=7)
    assert {file: file.stat().st_mtime_ns for file in again.made.files} == written
    elsewhere = make(tmp_path / "elsewhere", 100, 1_500, seed=7)
    assert hashes(first.home) == hashes(elsewhere.home)
    other = make(tmp_path / "other", 100, 1_500, seed=8)
    differ = {name for name, value in hashes(other.home).items() if hashes(first.home).get(name) != value}
    assert "inbox/ehc/ehc_person.csv" in differ
    assert "countywide.toml" not in differ


def test_nothing_is_left_in_the_work_folder(county: County) -> None:
    assert not (county.home / "work" / "demo").exists()


def test_a_real_council_is_refused(tmp_path: Path) -> None:
    settings = Settings(home=Home(tmp_path), la_code="302", council_name="A council", demonstration=False)
    with pytest.raises(SyntheticError, match="--home"):
        generate(settings, 300, 4_400)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("plans", "pupils"), [(50, 5_000), (1_000, 2_000)])
def test_sizes_that_make_no_county_are_refused(tmp_path: Path, plans: int, pupils: int) -> None:
    with pytest.raises(SyntheticError, match="8 pupils for each plan"):
        generate(Settings.read(tmp_path), plans, pupils)


def test_sizes_are_those_asked_for(county: County, rows: Rows) -> None:
    in_force = [row for row in rows("ehc", "plan") if not row["cease_date"] and row["start_date"] <= "2027-01-21"]
    # One planted fault takes an issued plan away.
    assert len(in_force) == 300 - 1
    pupils = [
        r
        for r in rows("school_census", "pupil_on_roll")
        if r["_file"].startswith("2027") and r["enrolment_status"] != "S"
    ]
    assert 0.9 * 4_400 <= len(pupils) <= 1.1 * 4_400
