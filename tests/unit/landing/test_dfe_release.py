"""DfE's release: files of one extract with columns of their own, a column printed twice, a title above the header."""

from __future__ import annotations

from typing import Any

from openpyxl import Workbook

IDENTITY = "time_period,time_identifier,geographic_level,country_code,country_name,region_code,region_name"
COUNCIL = "2024,Calendar year,Local authority,E92000001,England,E12000007,London"
REST = "new_la_code,old_la_code,la_name,breakdown_topic,breakdown"


def test_a_file_lacks_nothing_that_another_file_has(council: Any) -> None:
    """z stays z; the column that DfE prints twice is read once, from the first."""
    council.deliver(
        "dfe_release/annual_reviews.csv",
        f"{IDENTITY},{REST},review_expected,review_meeting_prior_24,review_meeting_prior_24\n"
        f"{COUNCIL},E09000003,302,Barnet,Sex,Female,z,7,8\n",
    )
    receipt = council.only(council.land())
    assert (receipt.is_loaded, receipt.period, receipt.columns_missing) == (True, "annual_reviews", "")
    (row,) = council.rows("dfe_release.figure", "release_table, review_expected, review_meeting_prior_24, ehcplans")
    assert row == {
        "release_table": "annual_reviews",
        "review_expected": "z",
        "review_meeting_prior_24": "7",
        "ehcplans": None,
    }


def test_neighbours_stand_below_their_title(council: Any) -> None:
    book = Workbook()
    sheet = book.active
    sheet.append(["A", "B", "C"])
    sheet.append([1, 2, 3])
    sheet.append(["LA num", "LA Name", "SN1", "SNP", "SN2", "SNP"])
    sheet.append([302, "Barnet", 320, "Close", 870, "Close"])
    place = council.deliver("dfe_release/sn_may_2025.xlsx", b"")
    book.save(place)
    assert council.only(council.land()).is_loaded
    (row,) = council.rows("dfe_release.statistical_neighbour")
    found = (row["la_code"], row["neighbour_1"], row["neighbour_2"], row["vintage"], row["_source_row"])
    assert found == ("302", "320", "870", "may_2025", 4)


def test_the_release_of_2022_is_an_extract_of_the_same_kind(council: Any) -> None:
    """Its files by setting and by age have other words for the breakdown; statements of SEN stand beside plans."""
    council.deliver(
        "dfe_release/sen2_estab_caseload.csv",
        f"{IDENTITY},old_la_code,new_la_code,la_name,establishment_type,establishment_group,Total_st,Total_ehc\n"
        f"{COUNCIL},302,E09000003,Barnet,Mainstream - Academy,Mainstream school,z,46\n",
    )
    council.deliver(
        "dfe_release/sen2_age_caseload.csv",
        f"{IDENTITY},old_la_code,new_la_code,la_name,characteristic_age,Total_st,Total_ehc\n"
        f"{COUNCIL},302,E09000003,Barnet,Under 5,z,7\n",
    )
    assert {receipt.columns_missing for receipt in council.land().receipts} == {""}
    assert council.rows("dfe_release.figure", "release_table, breakdown_topic, breakdown, total_st, total_ehc") == [
        {
            "release_table": "sen2_age_caseload",
            "breakdown_topic": None,
            "breakdown": "Under 5",
            "total_st": "z",
            "total_ehc": "7",
        },
        {
            "release_table": "sen2_estab_caseload",
            "breakdown_topic": "Mainstream school",
            "breakdown": "Mainstream - Academy",
            "total_st": "z",
            "total_ehc": "46",
        },
    ]
