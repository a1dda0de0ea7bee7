"""Real open data and synthetic files in real layouts, landed and built for Hertfordshire; figures as published."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

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
    "ssda903/2020-header.csv": "fake-ssda903/cs_demand_model/2020-header.csv",
    "ssda903/2020-episodes.csv": "fake-ssda903/cs_demand_model/2020-episodes.csv",
    "ssda903/2021-header.csv": "fake-ssda903/cs_demand_model/2021-header.csv",
    "ssda903/2021-episodes.csv": "fake-ssda903/cs_demand_model/2021-episodes.csv",
    "cin/cin_2021.xml": "fake-cin-census/CIN_Census_2021.xml",
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
    database = home / "work" / "test" / "countywide.duckdb"
    build.run(settings, database, BUILD)
    with duck.reader(database) as connection:
        yield connection


def test_no_real_row_is_lost(warehouse: Any) -> None:
    found = warehouse.execute(
        "select count(*) filter (rows_received > 0), max(balance), sum(rows_received) "
        "from quality.rpt_quality__reconciliation"
    ).fetchone()
    assert found[0] == 18, "an extract of the files above did not arrive"
    assert found[1] == 0
    assert found[2] > 200_000


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
