"""What a file's name says: which extract, which period, which day."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest

from warehouse.landing import discover, header
from warehouse.specification import Extract, extracts, sources


@pytest.mark.parametrize(
    ("source", "name", "entity", "constants"),
    [
        ("ehc", "ehc_person.csv", "person", {}),
        ("ehc", "EHC_Person.CSV", "person", {}),
        ("ehc", "ehc_person_2027-01-21.csv", "person", {}),
        ("ehc", "ehc_person 20270121.csv", "person", {}),
        ("ehc", "2027-01-21/ehc_personal_budget.csv", "personal_budget", {}),
        ("ehc", "ehc_person_Sep26.csv", "person", {}),
        ("ehc", "2026_09 ehc_person.csv", "person", {}),
        ("gias", "edubasealldata20250422.csv", "establishment", {}),
        ("gias", "links_edubasealldata20250422.csv", "link", {}),
        ("ssda903", "2021-header.csv", "header", {"return_year": "2021"}),
        ("ssda903", "2021_ssda903_episodes.csv", "episodes", {"return_year": "2021"}),
        (
            "school_census",
            "2025_Spring_pupilonroll.csv",
            "pupil_on_roll",
            {"census_year": "2025", "census_term": "spring"},
        ),
        (
            "school_census",
            "2024_autumn_fsmperiodsonroll.csv",
            "fsm_period",
            {"census_year": "2024", "census_term": "autumn"},
        ),
        ("csds", "RY4_202610_CYP001MPI.csv", "patient_index", {"provider": "RY4", "reporting_period": "202610"}),
        ("csds", "202610_CYP201CareContact.csv", "care_contact", {"provider": "", "reporting_period": "202610"}),
        ("csds", "RY4_202610_CYP002GP.csv", "practice", {"provider": "RY4", "reporting_period": "202610"}),
        ("waiting_list", "Waiting List SLT 20270121.csv", "waiting", {"service": "slt", "list_date": "20270121"}),
        ("ssda903", "2026-sw_episodes.csv", "social_worker", {"return_year": "2026"}),
        ("ssda903", "2026_PrevPerm.csv", "previous_permanence", {"return_year": "2026"}),
        ("geography", "lookup_lsoa21_ward24_ltla24.csv", "lsoa_ward", {}),
        ("geography", "OA21_LSOA21_MSOA21_LAD22_LU.csv", "lsoa_msoa", {}),
        ("geography", "OA_LSOA_MSOA_EW_DEC_2021_LU_v3.csv", "lsoa_msoa", {}),
        ("geography", "MSOA-Names-2.2.csv", "msoa_name", {}),
        ("geography", "ONSPD_FEB_2026_UK.csv", "postcode", {}),
        ("local_area", "Localities 2026-09-01.csv", "locality", {}),
        ("local_area", "planning_area.xlsx", "planning_area", {}),
        ("geography", "File_7_IoD2025_All_Ranks.csv", "deprivation", {}),
    ],
)
def test_extract_and_period(source: str, name: str, entity: str, constants: dict[str, str]) -> None:
    (target,) = discover.targets(sources()[source], name)
    assert (target.extract.entity, target.constants) == (entity, constants)


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("ehc_plan_2026-10-01.csv", date(2026, 10, 1)),
        ("ehc_plan_20261001.csv", date(2026, 10, 1)),
        ("2026-10-01/ehc_plan.csv", date(2026, 10, 1)),
        ("20261001/ehc_plan.csv", date(2026, 10, 1)),
        ("2026-10-01/ehc_plan_2026-10-02.csv", date(2026, 10, 2)),
        ("ehc_plan.csv", None),
        ("2026/ehc_plan.csv", None),
        ("ehc_plan_20261340.csv", None),
        ("ehc_plan_123420261001.csv", None),
        ("ehc_plan 30.09.2026.csv", date(2026, 9, 30)),
        ("ehc_plan_30-09-2026.csv", date(2026, 9, 30)),
        ("ehc_plan 30th Sept 26.csv", date(2026, 9, 30)),
        ("ehc_plan_260930.csv", date(2026, 9, 30)),
        ("ehc_plan_30-09-26.csv", date(2026, 9, 30)),
        # A month is its last day: February of a leap year has 29.
        ("ehc_plan_Sep26.csv", date(2026, 9, 30)),
        ("ehc_plan September 2026.csv", date(2026, 9, 30)),
        ("ehc_plan_Feb_2024.csv", date(2024, 2, 29)),
        ("ehc_plan_2026_09.csv", date(2026, 9, 30)),
        ("ehc_plan_09-2026.csv", date(2026, 9, 30)),
        ("Oct 2026/ehc_plan.csv", date(2026, 10, 31)),
        ("Oct 2026/ehc_plan_2026-10-02.csv", date(2026, 10, 2)),
        ("2026-10-02/ehc_plan_Sep26.csv", date(2026, 10, 2)),
        # The month of the as-at date, 21 January 2027, is not over.
        ("ehc_plan_Jan27.csv", None),
        # A week, a term and a year say no day.
        ("ehc_plan wk 38.csv", None),
        ("ehc_plan Autumn 2026.csv", None),
        ("ehc_plan 2026-27.csv", None),
        # These look like dates: there is no 31 September; a school's year; a URN; an area code; 24 October 2025 is as
        # likely as 25 October 2024; a school's name; a version.
        ("ehc_plan 31.09.2026.csv", None),
        ("ehc_plan_2011-12.csv", None),
        ("ehc_plan_120315.csv", None),
        ("ehc_plan_LSOA21.csv", None),
        ("ehc_plan_241025.csv", None),
        ("ehc_plan Marchmont 26.csv", None),
        ("ehc_plan_1.26.09.30.csv", None),
    ],
)
def test_snapshot_date(council: Any, name: str, day: date | None) -> None:
    council.deliver(f"ehc/{name}", "x")
    (delivery,) = discover.deliveries(sources()["ehc"], council.home.inbox / "ehc", date(2027, 1, 21))
    assert (delivery.snapshot_date, delivery.is_dated) == (day or date(2027, 1, 21), day is not None)


@pytest.mark.parametrize(
    ("source", "name", "day"),
    [
        ("nccis", "nccis_2026-09.csv", None),
        ("nccis", "Oct 2026/nccis_2026-09.csv", date(2026, 10, 31)),
        ("csds", "RY4_202609_CYP101Referral.csv", None),
        ("geography", "ONSPD_FEB_2026_UK.csv", date(2026, 2, 28)),
    ],
)
def test_a_month_that_an_extract_takes_as_its_period_is_no_snapshot_date(source: str, name: str, day: date) -> None:
    """What happened in September may be told in any later month."""
    assert discover.day_of(sources()[source], name, date(2027, 1, 21)) == day


@pytest.mark.parametrize(
    ("name", "left"),
    [
        *(
            (f"SEND_open_cases{period}.csv", "SEND_open_cases.csv")
            for period in (
                *("_Sep26", " 30.09.2026", "_30-09-2026", " September 2026", "_Sep_2026", "_2026_09", "_260930"),
                *("_30-09-26", " wk 38", "_week_38", " 2026-27", "_2026-2027", " Autumn 2026", " Autumn Term", "_T1"),
                *("_HT2", " Q3", " (Sep 2026)", " wk 38 Sep 2026", " 2026", " September", "_202609", "_20260930"),
            )
        ),
        ("2026-09 SEND open cases.csv", "SEND open cases.csv"),
        ("SEND_Sep26_open_cases.csv", "SEND_open_cases.csv"),
        *(
            (name, name)
            for name in (
                *("SEND_LSOA21.csv", "school_120315.csv", "RY4_cases.csv", "Marchmont.csv", "ages 05-11-16.csv"),
                *("cases_142035.csv", "SEND 31.09.2026.csv", "Tier1.csv", "2026-09.csv", "cases 2026-28-1.csv"),
            )
        ),
    ],
)
def test_a_name_without_its_period(name: str, left: str) -> None:
    assert discover.without_period(name) == left


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("RY4_202610_CYP000Header.csv", "headers"),
        ("202610_CYP403ChildProtectionPlan.csv", "safeguarding"),
        ("RY4_202610_CYP611Obs.csv", "screening"),
        ("202610_CYP201CareContct.csv", ""),
        ("202610_CYP999New.csv", ""),
    ],
)
def test_a_table_of_csds_that_nobody_reads_is_known_by_its_number(name: str, why: str) -> None:
    """One that is read, and whose name is misspelt, stays unknown: its rows are missed."""
    assert discover.targets(sources()["csds"], name) == []
    assert discover.known_not_used(sources()["csds"], name).startswith(why)
    assert bool(discover.known_not_used(sources()["csds"], name)) == bool(why)


def test_expected_names_are_printed_as_people_write_them() -> None:
    """The message about an unknown file lists what was expected: a person has to be able to read it."""
    for extract in extracts():
        name = discover.plain_pattern(extract)
        assert not set(name) & set("^$()?|\\"), f"{extract.name}: not how people write a file name: {name}"
    assert discover.plain_pattern(extract_of("csds.referral")) == "[<provider>_]<reporting_period>_CYP101Referral"
    assert discover.plain_pattern(extract_of("ssda903.header")) == "<return_year>_[ssda903_]header"
    assert discover.plain_pattern(extract_of("geography.postcode")) == "onspd"


def extract_of(name: str) -> Extract:
    return next(extract for extract in extracts() if extract.name == name)


def test_no_name_fits_two_extracts() -> None:
    """If a file could be two extracts, it would go to whichever is declared first."""
    for source in sources().values():
        if "xml" not in source.meta["formats"]:
            for extract in source.extracts:
                name = re.sub(r"[<>\[\]]", "", discover.plain_pattern(extract)) + ".csv"
                name = re.sub(
                    r"(reporting_period|(census|return|collection|academic)_year|census_term|provider|release_table|vintage|service_list_date"
                    r"|(?:term|month)(?=\.csv))",
                    _example,
                    name,
                )
                fits = [other.entity for other in source.extracts if re.search(other.file_pattern, name, re.IGNORECASE)]
                assert fits == [extract.entity], name


def _example(match: re.Match[str]) -> str:
    examples = {
        "reporting_period": "202610",
        "census_term": "autumn",
        "provider": "RY4",
        "term": "autumn",
        "month": "2026-11",
    }
    return (examples | {"release_table": "caseload", "vintage": "may_2025", "service_list_date": "SLT_2027-01-21"}).get(
        match[0], "2026"
    )


def test_no_header_belongs_to_two_columns() -> None:
    """A header that two columns accept would fill both: one of them wrongly."""
    for extract in extracts():
        in_file = [column for column in extract.columns if column.is_in_a_table]
        for column in in_file:
            for name in (column.name, column.printed_header, *column.aliases):
                claimed = [other.name for other in in_file if other.accepts(name)]
                assert claimed in ([column.name], []) or column.header_pattern, f"{extract.name}: {name} -> {claimed}"
                assert len(claimed) <= 1, f"{extract.name}: {name} -> {claimed}"


def test_newest_boundary_vintage_wins(council: Any) -> None:
    """lad22cd and lad25cd both mean the district; two names that differ in more than the year are a quarrel."""
    council.deliver("geography/postcodes.csv", "pcds,lad25cd,lad22cd,lsoa21cd\nAL1 1AA,E25,E22,E01\n")
    receipt = council.only(council.land())
    assert council.rows("geography.postcode", "district_code") == [{"district_code": "E25"}]
    assert receipt.columns_ignored == "lad22cd"
    council.deliver("geography/onspd.csv", "pcds,lad25cd,oslaua\nAL1 1AA,E25,E22\n")
    (bad,) = council.land().quarantined
    assert bad.reason_code == "duplicate_header" and "'lad25cd' and 'oslaua'" in bad.message


def test_many_columns_keep_their_number(council: Any) -> None:
    ages = [str(age) for age in range(90)] + ["90+"]
    council.deliver(
        "geography/population_2020.csv",
        ",".join(["lsoa11_code", "total_population", *ages])
        + "\n"
        + ",".join(["E01", "9", *map(str, range(91))])
        + "\n",
    )
    assert council.only(council.land()).is_loaded
    (row,) = council.rows("geography.population")
    assert [row[f"persons_{age}"] for age in range(91)] == [str(age) for age in range(91)]


def test_every_declared_extract_has_a_layout(council: Any) -> None:
    """dbt finds every source, whatever has arrived."""
    council.land()
    for extract in extracts():
        assert council.rows(f"{extract.source}.{extract.entity}") == []
        with_layout = council._table(
            f"describe select * from read_parquet('{council._glob(extract.source, extract.entity)}')"
        )
        names = [row["column_name"] for row in with_layout]
        assert names == [
            *header.raw_columns(extract),
            "_receipt_id",
            "_source_file",
            "_source_row",
            "_file_hash",
            "_snapshot_date",
            "_landed_at",
        ]
