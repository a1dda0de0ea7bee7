"""Hand-made deliveries, landed and built: every row is in core or in a counted reject, and what is wrong is named.

A dbt unit test stops at one model; these rows go the whole way. Expected counts are counted off the rows below.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from warehouse import build, duck, landing
from warehouse.settings import Settings

SETTINGS = """
[council]
la_code = "302"
name = "A council"

[dates]
as_at = 2026-06-30

[sources]
ssda903 = false
"""
FILES = {
    # An older snapshot of the same table: replaced whole by the one below.
    "ehc/2026-05-31/ehc_person.csv": """
person_id,surname,forename,birth_date,sex,ethnicity,postcode
gone,Old,Row,2014-01-01,F,WBRI,ZC1 1AA
""",
    "ehc/2026-06-30/ehc_person.csv": """
person_id,surname,forename,birth_date,sex,ethnicity,postcode
p1,Smith,Ann,2014-01-01,female,WBRI,zc11aa
p2,Jones,Bob,01/02/2015,M,White British,ZC1 1AA
p3,Khan,Cal,2013-05-05,M,Martian,ZC1 1AA
""",
    "ehc/2026-06-30/ehc_request.csv": """
request_id,person_id,received_date,outcome
r1,p1,2025-01-10,Y
r2,p2,2025-02-10,N
r2,p2,2025-02-10,Y
r3,nobody,2025-03-10,A
r4,p3,10/03/2025,A
r5,p3,31/02/2025,A
""",
    "ehc/2026-06-30/ehc_plan.csv": """
plan_id,person_id,request_id,start_date
c1,p1,r1,2025-05-01
c2,p2,,2020-05-01
""",
    "ehc/2026-06-30/ehc_need.csv": """
plan_id,person_id,rank,sen_type,from_date
c1,p1,1,ASC,2025-05-01
c1,p1,2,MLD,2025-05-01
c9,p9,1,MLD,2025-05-01
""",
    # Landed before the settings switched the source off.
    "ssda903/2026-header.csv": """
CHILD,SEX,DOB,ETHNIC,UPN,MOTHER,MC_DOB
l1,1,01/01/2014,WBRI,UN1,0,
""",
    # The same referral in two months: the later month speaks.
    "csds/RX1_202601_CYP001MPI.csv": """
LocalPatientID,PersonBirthDate,PersonFamilyName,PersonGivenName,Postcode
h1,2014-01-01,SMITH,Ann,ZC1 1AA
""",
    "csds/RX1_202601_CYP101Referral.csv": """
ServiceRequestID,LocalPatientID,ReferralRequestReceivedDate
s1,h1,2026-01-05
s2,unknown,2026-01-06
""",
    "csds/RX1_202602_CYP101Referral.csv": """
ServiceRequestID,LocalPatientID,ReferralRequestReceivedDate,ServiceDischargeDate
s1,h1,2026-01-05,2026-02-20
""",
}


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Core and the quality mart of the files above, without tests."""
    home = tmp_path_factory.mktemp("home")
    (home / "countywide.toml").write_text(SETTINGS, encoding="utf-8")
    for name, text in FILES.items():
        file = home / "inbox" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text.lstrip(), encoding="utf-8")
    settings = Settings.read(home)
    landing.land(replace(settings, sources={}))  # what is switched off now was on when its file came
    database = home / "work" / "test" / "warehouse.duckdb"
    build.run(settings, database, BUILD)
    with duck.reader(database) as connection:
        yield connection


BUILD = (
    *("build", "--select", "+path:models/core", "+path:models/marts/quality"),
    *("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test"),
)


def flow(warehouse: Any, extract: str) -> dict[str, int]:
    source, entity = extract.split(".")
    found = warehouse.execute(
        "select * exclude (source, entity, rests_in) from quality.rpt_quality__reconciliation "
        "where source = ? and entity = ?",
        [source, entity],
    )
    return dict(zip([column[0] for column in found.description], found.fetchone(), strict=True))


@pytest.mark.parametrize(
    ("extract", "received", "not_current", "staging", "restated", "core", "in_core"),
    [
        ("ehc.person", 4, 1, 0, 0, 0, 3),
        ("ehc.request", 6, 0, 1, 0, 1, 4),
        ("ehc.plan", 2, 0, 0, 0, 0, 2),
        ("ehc.need", 3, 0, 0, 0, 1, 2),
        ("csds.patient_index", 1, 0, 0, 0, 0, 1),
        ("csds.referral", 3, 0, 0, 1, 1, 1),
        ("cin.child", 0, 0, 0, 0, 0, 0),
        ("ssda903.header", 1, 1, 0, 0, 0, 0),
    ],
)
def test_every_row_is_accounted_for(
    warehouse: Any, extract: str, received: int, not_current: int, staging: int, restated: int, core: int, in_core: int
) -> None:
    rows = flow(warehouse, extract)
    assert (
        rows["rows_received"],
        rows["rows_not_current"],
        rows["rows_rejected_in_staging"],
        rows["rows_restated"],
        rows["rows_rejected_in_core"],
        rows["rows_in_core"],
        rows["balance"],
    ) == (received, not_current, staging, restated, core, in_core, 0)


def test_rejects_say_where_and_why(warehouse: Any) -> None:
    found = warehouse.execute(
        "select layer, source_file, source_row, reason from quality.rpt_quality__reject order by all"
    ).fetchall()
    assert found == [
        ("core", "2026-06-30/ehc_need.csv", 4, "orphan"),
        ("core", "2026-06-30/ehc_request.csv", 5, "orphan"),
        ("core", "RX1_202601_CYP101Referral.csv", 3, "orphan"),
        ("staging", "2026-06-30/ehc_request.csv", 3, "duplicate_key"),
    ]


def test_cells_are_named_without_their_value(warehouse: Any) -> None:
    found = warehouse.execute(
        "select entity, column_name, problem, source_row from quality.rpt_quality__cell_issue order by all"
    ).fetchall()
    assert found == [
        ("person", "ethnicity", "unknown_code", 4),
        ("request", "received_date", "unparseable_date", 7),
    ]


def test_a_value_that_nothing_maps_is_listed_once(warehouse: Any) -> None:
    found = warehouse.execute(
        "select source, entity, column_name, delivered_value, row_count from quality.rpt_quality__unmapped_code"
    ).fetchall()
    assert found == [("ehc", "person", "ethnicity", "Martian", 1)]


def test_crosswalks_and_the_later_row_reach_core(warehouse: Any) -> None:
    needs = warehouse.execute("select sen_type from core.fct_need order by rank").fetchall()
    assert needs == [("ASD",), ("MLD",)]
    outcomes = warehouse.execute("select outcome from core.fct_request where source_row in (3, 4)").fetchall()
    assert outcomes == [("Y",)]
    people = warehouse.execute(
        "select sex, ethnicity_code, postcode from core.dim_person order by ehc_person_id"
    ).fetchall()
    assert people[:2] == [("F", "WBRI", "ZC1 1AA"), ("M", "WBRI", "ZC1 1AA")]


def test_a_child_of_two_sources_is_one(warehouse: Any) -> None:
    found = warehouse.execute(
        "select source, evidence from core.bridge_person_identity where person_key = "
        "(select person_key from core.dim_person where ehc_person_id = 'p1') order by source"
    ).fetchall()
    assert found == [("csds", "name_birth_date_postcode"), ("ehc", "name_birth_date_postcode")]


def test_the_last_statement_of_a_referral_counts(warehouse: Any) -> None:
    found = warehouse.execute("select received_date, discharge_date from core.fct_health_referral").fetchall()
    assert [(str(received), str(discharged)) for received, discharged in found] == [("2026-01-05", "2026-02-20")]
