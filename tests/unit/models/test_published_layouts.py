"""Releases of other years and publishers reach core with the numbers that they print: figures, indices, boundaries."""

from __future__ import annotations

import csv
import gzip
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from warehouse import build, duck, landing
from warehouse.settings import Settings

pytestmark = pytest.mark.realdata

SETTINGS = """
[council]
la_code = "302"
name = "Barnet"

[dates]
as_at = 2026-06-30
"""
RELEASE_2022 = (
    "sen2_age_caseload",
    "sen2_age_new_plans",
    "sen2_estab_caseload",
    "sen2_estab_new_plans",
    "sen2_mi",
    "sen2_wbp_residential_dmo",
)

REFERENCE = {
    "geography/File_3_IoD2025.csv": "imd2025/File_3_IoD2025_Supplementary_Indices_IDACI_and_IDAOPI.csv.gz",
    "geography/File_3_-_IoD2019.csv": "imd2019/File_3_-_IoD2019_Supplementary_Indices_-_IDACI_and_IDAOPI.csv.gz",
    "geography/lookup_lsoa11_lsoa21_ltla22.csv": "geo-lookups/lookup_lsoa11_lsoa21_ltla22.csv.gz",
    "boundary/lsoa_E08000031_wolverhampton.geojson": "boundaries-3la/lsoa_E08000031_wolverhampton.geojson",
    "boundary/lsoa11_E08000031_wolverhampton.geojson": "boundaries-3la/lsoa11_E08000031_wolverhampton.geojson",
    "boundary/ward_E08000031_wolverhampton.geojson": "boundaries-3la/ward_E08000031_wolverhampton.geojson",
}


def content(file: Path) -> bytes:
    return gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()


@pytest.fixture(scope="module")
def warehouse(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    home = tmp_path_factory.mktemp("published")
    (home / "countywide.toml").write_text(SETTINGS, encoding="utf-8")
    inbox = home / "inbox" / "dfe_release"
    inbox.mkdir(parents=True)
    for name in RELEASE_2022:
        file = next((shared_data / "ees-ehcp-2022").glob(f"{name}.csv*"))
        (inbox / f"{name}.csv").write_bytes(content(file))
    gap = shared_data / "attendance-sen-2026" / "la_send_gap_long.csv.gz"
    (inbox / "la_send_gap_long.csv").write_bytes(content(gap))
    for name, file in REFERENCE.items():
        (home / "inbox" / name).parent.mkdir(exist_ok=True)
        (home / "inbox" / name).write_bytes(content(shared_data / file))
    # The tool keeps its long table as Parquet; as CSV it lands, here for three councils and England.
    lait = duck.quoted(shared_data / "lait-2026" / "bds_long_0.parquet")
    with duckdb.connect() as connection:
        target = duck.quoted(inbox / "bds_long_0.csv")
        areas = '"LA Number" in (302, 336, 919, 970)'
        connection.execute(f"copy (from '{lait}' where {areas}) to '{target}' (format csv, header)").fetchall()
    settings = Settings.read(home)
    report = landing.land(settings)
    assert report.quarantined == ()
    database = home / "try" / "warehouse.duckdb"
    database.parent.mkdir()
    models = "+fct_published_figure +dim_deprivation +dim_boundary"
    select = ("build", "--select", models, "--exclude-resource-type", "unit_test")
    build.run(settings, database, (*select, "--indirect-selection", "cautious"))
    with duck.reader(database) as connection:
        yield connection


def one(warehouse: Any, condition: str) -> Any:
    rows = warehouse.execute(f"select value, status, collection_year from core.fct_published_figure where {condition}")
    (row,) = rows.fetchall()
    return row


def test_figures_of_2022(warehouse: Any) -> None:
    """National totals as printed in the first rows of the files, for all of England."""
    england = "geographic_level = 'National' and is_total"
    at = f"{england} and time_period = '2022' and measure = 'total_ehc' and release_table"
    assert one(warehouse, f"{at} = 'sen2_age_caseload'") == (473_255, None, 2022)
    assert one(warehouse, f"{at} = 'sen2_estab_caseload'") == (473_255, None, 2022)
    new = f"{england} and time_period = '2021' and measure = 'total_new_ehc' and release_table = 'sen2_age_new_plans'"
    assert one(warehouse, new) == (62_180, None, 2022)
    mi = f"{england} and time_period = '2021' and release_table = 'sen2_mi' and measure"
    assert one(warehouse, f"{mi} = 'noexc20weekrate'") == (59.9, None, 2022)
    assert one(warehouse, f"{mi} = 'assnone'") == (None, "z", 2022)
    interns = (
        f"{england} and time_period = '2022' and release_table = 'sen2_wbp_residential_dmo' and measure = 'msuppintehc'"
    )
    assert one(warehouse, interns) == (2_477, None, 2022)
    academy = (
        "release_table = 'sen2_estab_caseload' and la_code = '941' and time_period = '2022' and measure = 'total_ehc'"
        " and breakdown_topic = 'Mainstream school' and breakdown = 'Mainstream - Free school'"
    )
    assert one(warehouse, academy) == (46, None, 2022)


def test_the_tool_and_absence(warehouse: Any) -> None:
    """Hertfordshire, as read in the files: plans in 20 weeks of 2016, persistent absence in primary schools."""
    lait = "release_table = 'lait' and measure = 'SEN_EHC_Excpt_20wks' and time_period = '2016' and la_code = '919'"
    assert one(warehouse, lait) == (96, None, None)
    (count,) = warehouse.execute(
        "select count(*) from core.fct_published_figure where release_table = 'lait'"
    ).fetchone()
    assert count == 4 * 641_070 // 170  # the README of the data; 170 areas
    (dashes,) = warehouse.execute(
        "select count(*) from core.fct_published_figure where release_table = 'lait' and status = '-' and value is null"
    ).fetchone()
    assert dashes > 0
    absence = (
        "release_table = 'attendance_gap' and area_code = 'E10000015' and time_period = '202425 Academic year'"
        " and breakdown_topic = 'EHC plan' and breakdown = 'State-funded primary'"
        " and measure = 'enrolments_pa_10_exact_percent{}'"
    )
    assert one(warehouse, absence.format(""))[0] == 33.286908
    assert one(warehouse, absence.format("_no_sen"))[0] == 8.715898
    assert one(warehouse, absence.format("_gap_to_no_sen"))[0] == 24.57101


def test_every_row_of_2022_landed(warehouse: Any, shared_data: Path) -> None:
    for name in RELEASE_2022:
        file = next((shared_data / "ees-ehcp-2022").glob(f"{name}.csv*"))
        written = sum(1 for _ in csv.reader(content(file).decode("utf-8-sig").splitlines())) - 1
        (staged,) = warehouse.execute(
            "select count(*) from staging.stg_dfe_release__figure where release_table = ?", [name]
        ).fetchone()
        assert staged == written, name


def test_both_indices_stand_on_the_areas_of_2021(warehouse: Any, shared_data: Path) -> None:
    """What became of each area is counted here from the look-up, by Python; ranks of the City of London as printed."""
    changes = content(shared_data / REFERENCE["geography/lookup_lsoa11_lsoa21_ltla22.csv"]).decode()
    rows = csv.DictReader(changes.splitlines())
    before = defaultdict(set)
    for row in rows:
        if row["lsoa21_code"].startswith("E"):
            before[row["lsoa21_code"]].add((row["lsoa11_code"], row["change_code"]))
    known = {area for area, parts in before.items() if len(parts) == 1 and min(parts)[1] in "US"}
    found = warehouse.execute(
        "select lsoa21_code from core.dim_deprivation where index_year = 2019 and imd_rank is not null"
    ).fetchall()
    assert {area for (area,) in found} == known
    (areas,) = warehouse.execute("select count(*) from core.dim_deprivation where index_year = 2019").fetchone()
    assert areas == len(before) == 33_755
    city = "select imd_rank, idaci_rank from core.dim_deprivation where index_year = 2019 and lsoa21_code = 'E01000001'"
    assert warehouse.execute(city).fetchall() == [(29_199, 32_806)]


def test_boundaries_say_their_year(warehouse: Any) -> None:
    """Numbers of areas from the README of the data, and 158 small areas of 2011 as counted in the file."""
    found = warehouse.execute(
        "select area_level, boundary_year, count(*), count(geometry) from core.dim_boundary group by all order by all"
    ).fetchall()
    assert found == [("lsoa", 2011, 158, 158), ("lsoa", 2021, 161, 161), ("ward", 2025, 20, 20)]
