"""Hand-made deliveries of health and care, landed and built: what core says of them, and that no row is lost.

Expected values are worked out from the rows below; cut-offs of ASQ-3 are those of its summary sheets.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from warehouse import build, duck, landing
from warehouse.settings import Settings

SETTINGS = """
[council]
la_code = "302"
name = "A council"

[dates]
as_at = 2026-07-31
"""
LIST = "Patient ID,NHS No,Surname,Forename,DOB,Postcode,Referral Date,Clinic,Weeks Waiting,Status\n"
IDENTITY = "Surname,Forename,DOB,Postcode,NHS No"
CHILD = """<Child><ChildIdentifiers><LAchildID>L1</LAchildID><PersonBirthDate>2014-01-01</PersonBirthDate>
</ChildIdentifiers><CINdetails><CINreferralDate>2025-01-10</CINreferralDate>{within}</CINdetails></Child>"""
ASSESSED = """<Assessments><AssessmentActualStartDate>2025-01-12</AssessmentActualStartDate>{authorised}
<FactorsIdentifiedAtAssessment><AssessmentFactors>2B</AssessmentFactors><AssessmentFactors>4B</AssessmentFactors>
</FactorsIdentifiedAtAssessment></Assessments>"""
LATER = """<CINPlanDates><CINPlanStartDate>2025-03-01</CINPlanStartDate></CINPlanDates>
<Section47><S47ActualStartDate>2025-04-01</S47ActualStartDate><DateOfInitialCPC>2025-04-20</DateOfInitialCPC></Section47>
<ChildProtectionPlans><CPPstartDate>2025-04-20</CPPstartDate><Reviews><CPPreviewDate>2025-07-10</CPPreviewDate></Reviews>
<Reviews><CPPreviewDate>2025-12-10</CPPreviewDate></Reviews></ChildProtectionPlans>
<PreProceedings><PPStartDate>2025-10-01</PPStartDate><PPOutcome>1</PPOutcome></PreProceedings>"""
CENSUS = """<Message><Header><CollectionDetails><Collection>CIN</Collection><Year>{year}</Year></CollectionDetails>
</Header><Children>{children}</Children></Message>"""


def census(year: int, within: str) -> str:
    return CENSUS.format(year=year, children=CHILD.format(within=within))


FILES = {
    # Ann waits at two clinics, Bob is gone from the last list, Cal from the middle one, Dee was seen.
    "waiting_list/waiting_list_SLT_2026-06-04.csv": LIST
    + """w1,943 476 5919,Smith,Ann,01/01/2020,ZC1 1AA,01/01/2026,A,12+ wks,Waiting
w1,943 476 5919,Smith,Ann,01/01/2020,ZC1 1AA,01/01/2026,B,12+ wks,Waiting
w2,,Jones,Bob,01/02/2019,ZC1 1AA,46023,A,12+ wks,Waiting
w3,,Khan,Cal,01/03/2018,ZC1 1AA,02/02/2026,A,17 wks,Waiting
w4,,Lowe,Dee,01/04/2018,ZC1 1AA,03/03/2026,A,13 wks,Booked
""",
    "waiting_list/waiting_list_SLT_2026-06-11.csv": LIST
    + """w1,9434765919,Smith,Ann,01/01/2020,ZC1 1AA,01/01/2026,A,12+ wks,Waiting
w1,9434765919,Smith,Ann,01/01/2020,ZC1 1AA,01/01/2026,B,12+ wks,Booked
w2,,Jones,Bob,01/02/2019,ZC1 1AA,46023.0,A,12+ wks,Waiting
w4,,Lowe,Dee,01/04/2018,ZC1 1AA,03/03/2026,A,14 wks,Seen
""",
    # The trust gave Ann another number.
    "waiting_list/waiting_list_SLT_2026-06-18.csv": LIST
    + """m1,9434765919,Smith,Ann,01/01/2020,ZC1 1AA,01/01/2026,A,12+ wks,Booked
w3,,Khan,Cal,01/03/2018,ZC1 1AA,02/02/2026,A,19 wks,Waiting
""",
    "health_visiting/health_visiting_reviews.csv": f"""Patient ID,{IDENTITY},Review,Due Date,Review Date,ASQ Month,\
ASQ Communication,ASQ Gross Motor,ASQ Fine Motor,ASQ Problem Solving,ASQ Personal Social
v1,Moss,Eva,01/01/2024,ZC1 1AA,,2_years,,20/06/2026,30,30,40,20,27,35
v2,Nash,Fay,01/01/2024,ZC1 1AA,,2_years,,,,,,,,
v3,Odell,Gus,01/12/2023,ZC1 1AA,,2_years,01/06/2026,11/06/2026,33,60,60,10,60,60
""",
    "notification/section_23_notifications.csv": f"""Notification ID,{IDENTITY},Date Received,Notified By,Suspected Need
n1,Moss,Eva,01/01/2024,ZC1 1AA,,05/05/2026,RX1,SLCN
""",
    "equipment/equipment_episodes.csv": f"""Episode ID,{IDENTITY},Service,Item,Referral Date,Issued Date
e1,Smith,Ann,01/01/2020,ZC1 1AA,9434765919,WHEEL,Wheelchair,01/03/2026,31/03/2026
""",
    # Ivy is L1 in the returns, and health has her first home; care entered her twice. Her brother is on no return.
    "care_system/care_persons.csv": """Mosaic ID,Merged Into,Last Name,Forename,Date of Birth,Post Code,\
Address From,Address To
L1,,Lane,Ivy,01/01/2014,ZC1 1AB,01/05/2025,
L1,,Lane,Ivy,01/01/2014,ZC1 1AA,02/01/2014,01/05/2025
L2,L1,Layne,Ivy,11/01/2014,,,
L7,,Lane,Jed,01/01/2012,ZC1 1AB,01/05/2025,
""",
    "csds/RX1_202604_CYP001MPI.csv": """LocalPatientID,PersonBirthDate,PersonFamilyName,PersonGivenName,Postcode
h1,2020-01-01,SMITH,Ann,ZC1 1AA
h2,2014-01-01,LANE,Ivy,ZC1 1AA
""",
    "csds/RX1_202605_CYP001MPI.csv": """LocalPatientID,PersonBirthDate,PersonFamilyName,PersonGivenName,Postcode
h1,2020-01-01,SMITH,Ann,ZC1 1AA
""",
    "csds/RX1_202604_CYP002GP.csv": """LocalPatientID,OrgIDGeneralMedicalPractice,StartDateGMPRegistration
h1,E82001,2020-02-01
h9,E82001,2020-02-01
""",
    "csds/RX1_202605_CYP002GP.csv": """LocalPatientID,OrgIDGeneralMedicalPractice,StartDateGMPRegistration
h1,E82001,2020-02-01
""",
    "csds/RX1_202605_CYP101Referral.csv": """ServiceRequestID,LocalPatientID,ReferralRequestReceivedDate
s1,h1,2026-01-05
""",
    "csds/RX1_202605_CYP104RTT.csv": """ServiceRequestID,WaitTimeMeasurementType,RTTPeriodStartDate,RTTPeriodEndDate,\
RTTPeriodStatus
s1,01,2026-01-06,2026-05-10,30
s9,01,2026-01-06,,10
""",
    "csds/RX1_202605_CYP201CareContact.csv": """CareContactID,ServiceRequestID,CareContactDate,AttendOrDNACode
c1,s1,2026-05-10,5
""",
    # By the dictionary's names.
    "csds/RX1_202605_CYP202CareActivity.csv": """CARE ACTIVITY IDENTIFIER,CARE CONTACT IDENTIFIER,\
COMMUNITY CARE ACTIVITY TYPE CODE,CLINICAL CONTACT DURATION OF CARE ACTIVITY
a1,c1,08,25
a9,c9,08,25
""",
    "csds/RX1_202605_CYP612CodedAssessmentContact.csv": """CARE ACTIVITY IDENTIFIER,\
CODED ASSESSMENT TOOL TYPE (SNOMED CT),PERSON SCORE
a1,953211000000100,25
a1,953221000000106,36
a1,953990000000101,40
a9,953211000000100,25
""",
    "csds/RX1_202605_CYP401SpEdNeedId.csv": "LocalPatientID,SpecialEducationalNeedType\nh1,SLCN\n",
    "cin/cin_2025.xml": census(2025, ASSESSED.format(authorised="")),
    "cin/cin_2026.xml": census(
        2026,
        ASSESSED.format(authorised="<AssessmentAuthorisationDate>2025-02-20</AssessmentAuthorisationDate>") + LATER,
    ),
    "ssda903/2025-header.csv": "CHILD,SEX,DOB,ETHNIC,UPN,MOTHER,MC_DOB\nL1,1,01/01/2014,WBRI,UN1,0,\n",
    "ssda903/2025-reviews.csv": "CHILD,DOB,REVIEW,REVIEW_CODE\nL1,01/01/2014,01/10/2024,PN1\nL9,,01/10/2024,PN1\n",
    "ssda903/2025-missing.csv": "CHILD,DOB,MISSING,MIS_START,MIS_END\nL1,01/01/2014,M,30/03/2025,\n",
    "ssda903/2026-missing.csv": "CHILD,DOB,MISSING,MIS_START,MIS_END\nL1,01/01/2014,M,30/03/2025,02/04/2025\n",
    "ssda903/2025-oc2.csv": """CHILD,DOB,SDQ_SCORE,SDQ_REASON,CONVICTED,HEALTH_CHECK,IMMUNISATIONS,TEETH_CHECK,\
HEALTH_ASSESSMENT,SUBSTANCE_MISUSE,INTERVENTION_RECEIVED,INTERVENTION_OFFERED
L1,01/01/2014,17,,0,,1,0,1,0,0,0
""",
    "short_break/short_breaks.csv": """LA Child ID,Service,Direct Payment,Unit,Quantity,From,To,Cost,Provider
L1,Club,N,sessions,20,01/02/2026,,700,A club
L1,Direct payment,Y,pounds,60,01/02/2026,,3120,Ida Quill
L7,Home care,N,hours,5,01/02/2026,,120,A carer
L8,Overnight stay,N,nights,6,01/02/2026,,1800,A house
""",
    "transition/transition_assessments.csv": f"""Client ID,{IDENTITY},Requested Date,Decision,Decision Date
t1,Pike,Hal,01/05/2009,ZC1 1AA,,01/02/2026,eligible,01/05/2026
""",
}
BUILD = (
    *("build", "--select", "+path:models/core", "+path:models/marts/quality"),
    *("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test"),
)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home in which the files above have landed."""
    home = tmp_path_factory.mktemp("home")
    (home / "countywide.toml").write_text(SETTINGS, encoding="utf-8")
    for name, text in FILES.items():
        file = home / "inbox" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    settings = Settings.read(home)
    report = landing.land(settings)
    assert report.quarantined == ()
    return settings


@pytest.fixture(scope="module")
def warehouse(settings: Settings) -> Iterator[Any]:
    database = settings.home.work / "test" / "warehouse.duckdb"
    build.run(settings, database, BUILD)
    with duck.reader(database) as connection:
        yield connection


def ask(connection: Any, query: str) -> list[tuple]:
    return [
        tuple(str(value) if isinstance(value, date) else value for value in row)
        for row in connection.execute(query).fetchall()
    ]


WAITS = """
    select forename, referral_date, first_listed_date, last_listed_date, status, status_since_date,
        is_on_latest_list, has_vanished, lists_missed_count, stated_weeks, record_count
    from core.fct_waiting inner join core.dim_person using (person_key) order by forename
"""


def test_waits_when_true_and_when_known(warehouse: Any) -> None:
    assert ask(warehouse, WAITS) == [
        ("Ann", "2026-01-01", "2026-06-04", "2026-06-18", "booked", "2026-06-18", True, False, 0, 12, 5),
        ("Bob", "2026-01-01", "2026-06-04", "2026-06-11", "waiting", "2026-06-04", False, True, 0, 12, 2),
        ("Cal", "2026-02-02", "2026-06-04", "2026-06-18", "waiting", "2026-06-04", True, False, 1, 19, 2),
        ("Dee", "2026-03-03", "2026-06-04", "2026-06-11", "seen", "2026-06-11", False, False, 0, 14, 2),
    ]
    lost = ask(warehouse, "select source_file, source_row from quality.rpt_quality__record_issue where issue like 'w%'")
    assert lost == [("waiting_list_SLT_2026-06-11.csv", 4)]


def test_waits_as_known_a_week_before(settings: Settings, tmp_path: Path) -> None:
    """The last list had not come: Bob was on the latest one, and Cal was thought lost."""
    database = tmp_path / "warehouse.duckdb"
    build.run(
        replace(settings, known_on=date(2026, 6, 11)),
        database,
        ("build", "--select", "+fct_waiting", "+dim_person", *BUILD[4:]),
    )
    with duck.reader(database) as connection:
        assert ask(connection, WAITS) == [
            ("Ann", "2026-01-01", "2026-06-04", "2026-06-11", "waiting", "2026-06-04", True, False, 0, 12, 4),
            ("Bob", "2026-01-01", "2026-06-04", "2026-06-11", "waiting", "2026-06-04", True, False, 0, 12, 2),
            ("Cal", "2026-02-02", "2026-06-04", "2026-06-04", "waiting", "2026-06-04", False, True, 0, 17, 1),
            ("Dee", "2026-03-03", "2026-06-04", "2026-06-11", "seen", "2026-06-11", False, False, 0, 14, 2),
        ]


# The list of 18 June came again a week later: Bob was seen after all, and Cal was referred four weeks earlier.
AGAIN = (
    LIST
    + """m1,9434765919,Smith,Ann,01/01/2020,ZC1 1AA,01/01/2026,A,12+ wks,Booked
w2,,Jones,Bob,01/02/2019,ZC1 1AA,46023,A,12+ wks,Seen
w3,,Khan,Cal,01/03/2018,ZC1 1AA,05/01/2026,A,19 wks,Waiting
"""
)


def test_a_list_that_is_dated_back_leaves_what_was_known(settings: Settings, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(settings.home.root, home, ignore=shutil.ignore_patterns("work"))
    (home / "inbox/waiting_list/waiting_list_SLT_2026-06-18 again 2026-06-25.csv").write_text(AGAIN, encoding="utf-8")
    its = Settings.read(home)
    assert landing.land(its).quarantined == ()
    database = tmp_path / "warehouse.duckdb"
    build.run(its, database, ("build", "--select", "+fct_waiting_known", "+dim_person", *BUILD[4:]))
    known = """
        select forename, true_from, true_until, status
        from core.fct_waiting_known inner join core.dim_person using (person_key)
        where known_from <= '{day}' and coalesce(known_until, '9999-12-31') > '{day}' order by forename
    """
    with duck.reader(database) as connection:
        assert ask(connection, known.format(day="2026-06-11")) == [
            ("Ann", "2026-01-01", None, "waiting"),
            ("Bob", "2026-01-01", None, "waiting"),
            ("Dee", "2026-03-03", "2026-06-11", "seen"),
        ]
        assert ask(connection, known.format(day="2026-06-18")) == [
            ("Ann", "2026-01-01", None, "booked"),
            ("Cal", "2026-02-02", None, "waiting"),
        ]
        assert ask(connection, known.format(day="2026-06-25")) == [
            ("Ann", "2026-01-01", None, "booked"),
            ("Bob", "2026-01-01", "2026-06-18", "seen"),
            ("Cal", "2026-01-05", None, "waiting"),
        ]
        # Gone from the list of 18 June: Bob and Dee. Cal from that of 11 June, and with his first referral on 25 June.
        gone = "select count(*) from core.fct_waiting_known where is_withdrawn"
        assert ask(connection, gone) == [(4,)]


def test_health_visiting_reviews(warehouse: Any) -> None:
    """914 days after 1 January 2024 is 3 July 2026. At 30 months 30 < 33.30 and 27 < 27.08; at 33 months 10 < 12.28."""
    assert ask(
        warehouse,
        "select forename, due_date, was_held, days_after_due, areas_below_cutoff_count from core.fct_health_review"
        " inner join core.dim_person using (person_key) order by forename",
    ) == [
        ("Eva", "2026-07-03", True, -13, 2),
        ("Fay", "2026-07-03", False, None, None),
        ("Gus", "2026-06-01", True, 10, 1),
    ]


def test_scores_of_the_national_data_set(warehouse: Any) -> None:
    """At 24 months 25 < 25.17 and 36 > 35.16; a code of no area has no cut-off and is named."""
    assert ask(
        warehouse,
        "select area, questionnaire_month, score, is_below_cutoff, assessed_date from core.fct_health_score"
        " where source = 'csds' order by tool_code",
    ) == [
        ("communication", 24, 25.0, True, "2026-05-10"),
        ("fine_motor", 24, 36.0, False, "2026-05-10"),
        (None, None, 40.0, None, "2026-05-10"),
    ]
    assert ask(
        warehouse, "select column_name, problem, source_row from quality.rpt_quality__cell_issue where source = 'csds'"
    ) == [("tool_type", "unknown_code", 4)]


def test_health_events(warehouse: Any) -> None:
    assert ask(
        warehouse,
        "select kind, forename, start_date, end_date, code, duration_minutes from core.fct_health_event"
        " inner join core.dim_person using (person_key) order by kind",
    ) == [
        ("activity", "Ann", "2026-05-10", None, "08", 25),
        ("practice", "Ann", "2020-02-01", None, "E82001", None),
        ("referral_to_treatment", "Ann", "2026-01-06", "2026-05-10", "30", None),
        ("section_23", "Eva", "2026-05-05", None, "SLCN", None),
        ("special_need", "Ann", None, None, "SLCN", None),
    ]
    assert ask(warehouse, "select service, days_to_issue from core.fct_equipment") == [("WHEEL", 30)]


def test_care_events(warehouse: Any) -> None:
    assert ask(
        warehouse,
        "select kind, start_date, end_date, item, return_year from core.fct_care_event order by kind, start_date, item",
    ) == [
        ("assessment", "2025-01-12", "2025-02-20", None, 2026),
        ("assessment_factor", "2025-01-12", None, "2B", 2026),
        ("assessment_factor", "2025-01-12", None, "4B", 2026),
        ("child_in_need_plan", "2025-03-01", None, None, 2026),
        ("child_protection_review", "2025-07-10", None, None, 2026),
        ("child_protection_review", "2025-12-10", None, None, 2026),
        ("looked_after_review", "2024-10-01", None, "PN1", 2025),
        ("missing", "2025-03-30", "2025-04-02", "M", 2026),
        ("pre_proceedings", "2025-10-01", None, "1", 2026),
        ("section_47", "2025-04-01", "2025-04-20", None, 2026),
        ("transition_assessment", "2026-02-01", "2026-05-01", "eligible", None),
    ]
    assert ask(
        warehouse,
        "select kind, sdq_score, was_convicted, had_health_check, had_teeth_check from core.fct_care_outcome",
    ) == [("looked_after", 17, False, None, False)]


def test_short_breaks_stay_without_a_child_and_name_nobody_who_is_paid(warehouse: Any) -> None:
    assert ask(
        warehouse,
        "select kind, unit, quantity, cost, provider, person_key is not null from core.fct_short_break"
        " order by quantity",
    ) == [
        ("service", "hours", 5.0, 120.0, "A carer", True),
        ("service", "nights", 6.0, 1800.0, "A house", False),
        ("service", "sessions", 20.0, 700.0, "A club", True),
        ("direct_payment", "pounds", 60.0, 3120.0, None, True),
    ]


def test_the_list_of_care_names_the_child_of_the_returns(warehouse: Any) -> None:
    """The last home counts, whatever the order of rows; the first finds her in health; her brother is another."""
    assert ask(
        warehouse,
        "select forename, surname, birth_date, postcode, source_count from core.dim_person where surname like 'La%'"
        " order by forename",
    ) == [("Ivy", "Lane", "2014-01-01", "ZC1 1AB", 4), ("Jed", "Lane", "2012-01-01", "ZC1 1AB", 1)]
    assert ask(
        warehouse,
        "select source, source_person_id from core.bridge_person_identity inner join core.dim_person using (person_key)"
        " where forename = 'Ivy' order by all",
    ) == [("care_system", "L1"), ("care_system", "L2"), ("cin", "L1"), ("csds", "RX1|h2"), ("ssda903", "L1")]


@pytest.mark.parametrize(
    ("extract", "received", "restated", "rejected", "in_core"),
    [
        ("waiting_list.waiting", 11, 0, 0, 11),
        ("csds.practice", 3, 1, 1, 1),
        ("csds.rtt", 2, 0, 1, 1),
        ("csds.care_activity", 2, 0, 1, 1),
        ("csds.coded_assessment", 4, 0, 1, 3),
        ("cin.assessment", 2, 1, 0, 1),
        ("cin.assessment_factor", 4, 2, 0, 2),
        ("ssda903.review", 2, 0, 1, 1),
        ("ssda903.missing", 2, 1, 0, 1),
        ("short_break.short_break", 4, 0, 0, 4),
        ("care_system.person", 4, 0, 0, 4),
    ],
)
def test_every_row_is_accounted_for(
    warehouse: Any, extract: str, received: int, restated: int, rejected: int, in_core: int
) -> None:
    source, entity = extract.split(".")
    found = ask(
        warehouse,
        "select rows_received, rows_restated, rows_rejected_in_core, rows_in_core, balance"
        f" from quality.rpt_quality__reconciliation where source = '{source}' and entity = '{entity}'",
    )
    assert found == [(received, restated, rejected, in_core, 0)]
