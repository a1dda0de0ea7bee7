"""Areas of one year are not taken for those of another, and a directory is read under old names and new ones."""

from __future__ import annotations

from typing import Any

import pytest

RANKS = (
    "Index of Multiple Deprivation (IMD) Rank (where 1 is most deprived),"
    "Index of Multiple Deprivation (IMD) Decile (where 1 is most deprived 10% of LSOAs),"
    "Income Deprivation Affecting Children Index (IDACI) Rank (where 1 is most deprived),"
    "Income Deprivation Affecting Children Index (IDACI) Decile (where 1 is most deprived 10% of LSOAs)"
)
ROW = "E01000001,29199.00,9.00,32806.00,10.00"


@pytest.mark.parametrize(
    ("name", "year"),
    [
        ("File_3_IoD2025_Supplementary_Indices_IDACI_and_IDAOPI.csv", 2011),
        ("File_7_IoD2025_All_Ranks_Scores_Deciles_Population_Denominators.csv", 2011),
        ("File_7_-_All_IoD2019_Scores__Ranks__Deciles_and_Population_Denominators_3.csv", 2021),
    ],
)
def test_indices_of_other_areas_are_refused(council: Any, name: str, year: int) -> None:
    """Danger: a rank of 2019 on an area of 2021 that shares only the code. Resolve: other_vintage as declared."""
    council.deliver(f"geography/{name}", f"LSOA code ({year}),{RANKS}\n{ROW}\n")
    receipt = council.only(council.land())
    assert (receipt.status, receipt.reason_code) == ("quarantined", "wrong_vintage")
    assert f"LSOA code ({year})" in receipt.message
    assert f"LSOA code ({2021 if year == 2011 else 2011})" in receipt.message
    assert "E01000001" not in receipt.message


@pytest.mark.parametrize(
    ("name", "header", "extract"),
    [
        ("File_7_IoD2025_All.csv", "LSOA code (2021)", "deprivation"),
        ("File_7_IoD2025_All_v2.csv", "LSOA Code (2021)", "deprivation"),
        ("File_3_-_IoD2019_Supplementary_Indices.csv", "LSOA code (2011)", "deprivation_2019"),
        ("File_7_-_All_IoD2019_Scores.csv", "LSOA code (2011)", "deprivation_2019"),
    ],
)
def test_each_edition_has_an_extract(council: Any, name: str, header: str, extract: str) -> None:
    council.deliver(f"geography/{name}", f"\ufeff{header},{RANKS}\n{ROW}\n")
    receipt = council.only(council.land())
    assert (receipt.entity, receipt.rows_loaded) == (extract, 1), receipt.message


def test_localities_by_areas_of_2011_are_refused(council: Any) -> None:
    council.deliver("local_area/locality.csv", "LSOA11CD,locality_code,locality_name\nE01000001,A,Hill\n")
    receipt = council.only(council.land())
    assert (receipt.status, receipt.reason_code) == ("quarantined", "wrong_vintage")
    assert "LSOA11CD" in receipt.message and "E01000001" not in receipt.message


# Names of the reference, source-extracts 14: the directory until 2024, and that of February 2026.
OLD = (
    "pcd,pcd2,pcds,dointr,doterm,oscty,ced,oslaua,osward,parish,usertype,oseast1m,osnrth1m,osgrdind,oa11,lsoa11,msoa11,"
    "imd,lat,long,oa21,lsoa21,msoa21"
)
NEW = (
    "pcd7,pcd8,pcds,dointr,doterm,cty25cd,ced25cd,lad25cd,wd25cd,east1m,north1m,gridind,hlth19cd,nhser24cd,ctry25cd,rgn25cd,"
    "pcon24cd,ttwa15cd,itl25cd,npark16cd,lsoa01cd,msoa01cd,oa11cd,lsoa11cd,msoa11cd,wz11cd,sicbl24cd,bua24cd,ruc11ind,"
    "oac11ind,lat,long,lep21cd1,lep21cd2,pfa23cd,imd20ind,cal24cd,icb23cd,oa21cd,lsoa21cd,msoa21cd,ruc21ind"
)
SAID = {
    "pcds": "ZC1 1AA",
    "dointr": "199501",
    "doterm": "202001",
    "oslaua": "E07000095",
    "lad25cd": "E07000095",
    "osward": "E05009018",
    "wd25cd": "E05009018",
    "oseast1m": "535000",
    "east1m": "535000",
    "osnrth1m": "202000",
    "north1m": "202000",
    "lsoa11": "E01023289",
    "lsoa11cd": "E01023289",
    "lsoa21": "E01023290",
    "lsoa21cd": "E01023290",
    "lat": "51.7",
    "long": "-0.05",
}


@pytest.mark.parametrize("names", [OLD, NEW], ids=["until 2024", "from 2025"])
def test_a_directory_of_postcodes_is_read_by_both_sets_of_names(council: Any, names: str) -> None:
    values = ",".join(SAID.get(name, "") for name in names.split(","))
    council.deliver("geography/ONSPD_FEB_2026_UK.csv", f"{names}\n{values}\n")
    receipt = council.only(council.land())
    assert (receipt.status, receipt.columns_missing) == ("loaded", ""), receipt.message
    (row,) = council.rows("geography.postcode", "* exclude (_receipt_id, _source_file, _file_hash, _landed_at)")
    assert {name: value for name, value in row.items() if not name.startswith("_")} == {
        "postcode": "ZC1 1AA",
        "introduced": "199501",
        "terminated": "202001",
        "district_code": "E07000095",
        "ward_code": "E05009018",
        "easting": "535000",
        "northing": "202000",
        "lsoa11_code": "E01023289",
        "lsoa21_code": "E01023290",
        "latitude": "51.7",
        "longitude": "-0.05",
    }
