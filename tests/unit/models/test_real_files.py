"""Real open data and synthetic files in real layouts, landed and built for Hertfordshire; figures as published."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from warehouse import build, duck, landing
from warehouse.settings import Settings

pytestmark = pytest.mark.realdata

SETTINGS = """
[council]
la_code = "919"
name = "Hertfordshire"

[dates]
as_at = 2026-06-30
"""
# Name in the inbox -> where it lies.
FILES = {
    "school_census/2024_autumn_pupilonroll.csv": "fake-school-census/samples/2024_autumn_pupilonroll.csv.gz",
    "school_census/2024_autumn_fsmperiodsonroll.csv": "fake-school-census/samples/2024_autumn_fsmperiodsonroll.csv.gz",
    "school_census/2025_spring_pupilonroll.csv": "fake-school-census/samples/2025_spring_pupilonroll.csv.gz",
    "school_census/2025_spring_senneeds.csv": "fake-school-census/samples/2025_spring_senneeds.csv.gz",
    **{
        f"school_census/{name}.csv": f"fake-school-census/samples/{name}.csv{packed}"
        for name, packed in (
            ("2024_autumn_pupilnolongeronroll", ""),
            ("2024_autumn_termlysessiondetailsonroll", ".gz"),
            ("2024_autumn_termlysessiondetailsoffroll", ""),
            ("2024_autumn_termlyexclusionsonroll", ".gz"),
            ("2024_autumn_termlyexclusionsoffroll", ""),
        )
    },
    "ssda903/2020-header.csv": "fake-ssda903/cs_demand_model/2020-header.csv",
    "ssda903/2020-episodes.csv": "fake-ssda903/cs_demand_model/2020-episodes.csv",
    "ssda903/2021-header.csv": "fake-ssda903/cs_demand_model/2021-header.csv",
    "ssda903/2021-episodes.csv": "fake-ssda903/cs_demand_model/2021-episodes.csv",
    **{
        f"ssda903/{year}-{file}.csv": f"fake-ssda903/cs_demand_model/{year}-{file}.csv"
        for year in (2020, 2021)
        for file in ("reviews", "oc2", "oc3", "uasc", "previous_permanence", "missing")
    },
    # The specimens of two layouts say that they are of one year: parts of one return.
    "cin/cin_2021.xml": "fake-cin-census/CIN_Census_2021.xml",
    "cin/cin_2024.xml": "fake-cin-census/CIN_Census_2024.xml",
    "cin/cin_many.xml": "fake-cin-census/fake_CIN_data.xml",
    "gias/edubasealldata20240101.csv": "format-only-ebi-2024/gias.csv",
    "gias/links_edubasealldata20250422.csv": "gias-links-2025/links_edubasealldata20250422.csv.gz",
    "geography/file_3_iod2025.csv": "imd2025/File_3_IoD2025_Supplementary_Indices_IDACI_and_IDAOPI.csv.gz",
    "geography/postcodes_herts.csv": "postcodes-england/postcodes_herts_barnet_wolverhampton.csv.gz",
    "geography/population20_lsoa11.csv": "population-census-lsoa/population20_lsoa11.csv.gz",
    "geography/lookup_lsoa21_ward24_ltla24.csv": "geo-lookups/lookup_lsoa21_ward24_ltla24.csv.gz",
    "geography/lookup_lsoa11_lsoa21_ltla22.csv": "geo-lookups/lookup_lsoa11_lsoa21_ltla22.csv.gz",
    "geography/lookup_ltla23_utla23.csv": "geo-lookups/lookup_ltla23_utla23.csv",
    "geography/la_codes_old_to_gss.csv": "geo-lookups/la_codes_old_to_gss_DERIVED.csv",
}
BUILD = (
    *("build", "--select", "+path:models/core", "+path:models/marts/quality"),
    *("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test"),
)


def content(file: Path) -> bytes:
    return gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()


@pytest.fixture(scope="module")
def warehouse(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    home = tmp_path_factory.mktemp("hertfordshire")
    (home / "countywide.toml").write_text(SETTINGS, encoding="utf-8")
    for name, place in FILES.items():
        file = home / "inbox" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content(shared_data / place))
    settings = Settings.read(home)
    landing.land(settings)
    database = home / "work" / "test" / "warehouse.duckdb"
    build.run(settings, database, BUILD)
    with duck.reader(database) as connection:
        yield connection


def test_no_real_row_is_lost(warehouse: Any) -> None:
    found = warehouse.execute(
        "select count(*) filter (rows_received > 0), max(balance), sum(rows_received) "
        "from quality.rpt_quality__reconciliation"
    ).fetchone()
    assert found[0] == 32, "an extract of the files above did not arrive"
    assert found[1] == 0
    assert found[2] > 200_000


def test_every_event_of_the_real_care_returns_is_in_core(warehouse: Any, shared_data: Path) -> None:
    """Counted here from the files: what is stated twice is one event, and a child without a header row is nobody."""
    expected: dict[str, set[tuple]] = {}
    for name in ("CIN_Census_2021.xml", "CIN_Census_2024.xml"):
        for child in etree.parse(shared_data / "fake-cin-census" / name).iterfind("Children/Child"):
            number = child.findtext("ChildIdentifiers/LAchildID")
            for path, kind, day in (
                ("CINdetails/Assessments", "assessment", "AssessmentActualStartDate"),
                ("CINdetails/CINPlanDates", "child_in_need_plan", "CINPlanStartDate"),
                ("CINdetails/Section47", "section_47", "S47ActualStartDate"),
                ("CINdetails/ChildProtectionPlans/Reviews", "child_protection_review", "CPPreviewDate"),
            ):
                for found in child.iterfind(path):
                    expected.setdefault(kind, set()).add((number, found.findtext(day)))
    folder = shared_data / "fake-ssda903" / "cs_demand_model"
    known = {row["CHILD"] for year in (2020, 2021) for row in rows(folder / f"{year}-header.csv")}
    for file, kind, day in (
        ("reviews", "looked_after_review", "REVIEW"),
        ("missing", "missing", "MIS_START"),
        ("uasc", "unaccompanied", None),
        ("previous_permanence", "previous_permanence", None),
    ):
        for year in (2020, 2021):
            for row in rows(folder / f"{year}-{file}.csv"):
                if row["CHILD"] in known:
                    expected.setdefault(kind, set()).add((row["CHILD"], row[day] if day else None))
    found = dict(warehouse.execute("select kind, count(*) from core.fct_care_event group by kind").fetchall())
    found.pop("assessment_factor")
    assert found == {kind: len(events) for kind, events in expected.items()}
    outcomes = dict(warehouse.execute("select kind, count(*) from core.fct_care_outcome group by kind").fetchall())
    assert outcomes == {
        kind: sum(row["CHILD"] in known for year in (2020, 2021) for row in rows(folder / f"{year}-{file}.csv"))
        for file, kind in (("oc2", "looked_after"), ("oc3", "care_leaver"))
    }


def rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as handle:
        return list(csv.DictReader(handle))


def test_the_county_is_hertfordshire(warehouse: Any) -> None:
    """713 small areas in 10 districts: the boundary files of the same data set."""
    areas = dict(
        warehouse.execute(
            "select area_level, count(*) from core.dim_area where in_county group by area_level"
        ).fetchall()
    )
    assert (areas["lsoa"], areas["district"], areas["county"]) == (713, 10, 1)


def test_small_area_population_adds_up_to_the_published_county(warehouse: Any, shared_data: Path) -> None:
    """Residents aged 0 to 24, mid-2020, carried from 2011 to 2021 small areas: ONS's own county row says as many."""
    text = content(shared_data / "population-census-lsoa" / "population20_utla20.csv.gz").decode("utf-8-sig")
    county = next(row for row in csv.DictReader(io.StringIO(text)) if row["utla20_code"] == "E10000015")
    published = sum(int(float(county[str(age)])) for age in range(25))
    built = warehouse.execute("select sum(persons) from core.fct_population").fetchone()[0]
    assert built == pytest.approx(published, abs=0.5)
    shown = warehouse.execute(
        "select population_0_24 from core.dim_area where area_level = 'county' and in_county"
    ).fetchone()
    assert shown[0] == published


def test_deprivation_is_the_published_rank(warehouse: Any) -> None:
    """33,755 small areas of England, ranked once each; decile 1 is the most deprived."""
    ranks = warehouse.execute(
        "select count(*), min(imd_rank), max(imd_rank), count(distinct idaci_rank) > 33000 "
        "from core.dim_area where area_level = 'lsoa' and imd_rank is not null"
    ).fetchone()
    # The ward look-up of 2024 and the index of 2025 have the same small areas.
    assert ranks == (33_755, 1, 33_755, True)
    wrong = warehouse.execute(
        "select count(*) from core.dim_area where area_level = 'lsoa' and imd_rank <= 3375 and imd_decile <> 1"
    ).fetchone()
    assert wrong == (0,)


def test_every_real_pupil_row_is_a_pupil_term(warehouse: Any) -> None:
    found = warehouse.execute(
        "select census_year, census_term, count(*) from core.fct_pupil_term group by all order by all"
    ).fetchall()
    assert found == [(2024, "autumn", 9_088), (2025, "spring", 9_498)]


def test_invented_children_of_many_sources_stay_themselves(warehouse: Any) -> None:
    """Values of these files are random, so two sources hold a child in common by chance alone: nothing breaks, every
    child has a key, and hardly any is joined by the weight of evidence."""
    children, persons, by_weight = warehouse.execute(
        "select count(*), count(distinct person_key), count(*) filter (evidence = 'weight_of_evidence') "
        "from core.bridge_person_identity"
    ).fetchone()
    assert children > 10_000
    assert persons > 0.9 * children
    assert by_weight < 0.005 * children
