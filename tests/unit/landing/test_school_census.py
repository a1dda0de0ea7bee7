"""The school census as a school's own XML, and the tables of COLLECT that nobody reads."""

from __future__ import annotations

from typing import Any

HEADER = (
    "<Header><CollectionDetails><Collection>SC</Collection><Term>SPR</Term><Year>2027</Year></CollectionDetails>"
    "<Source><SourceLevel>S</SourceLevel><LEA>919</LEA><Estab>4001</Estab></Source></Header>"
)
ON_ROLL = """<PupilOnRoll>
  <PupilIdentifiers><UPN>A950000178301</UPN><Surname>One</Surname><Forename>Ann</Forename><DOB>2012-05-06</DOB>
    <Sex>F</Sex></PupilIdentifiers>
  <PupilCharacteristics><Ethnicity>WBRI</Ethnicity></PupilCharacteristics>
  <PupilStatus><EnrolStatus>C</EnrolStatus><NCyearActual>9</NCyearActual></PupilStatus>
  <SpecialEducationalNeeds><SENprovision>E</SENprovision><TopUpFunding>true</TopUpFunding>
    <SENneeds><SENneed><SENtypeRank>1</SENtypeRank><SENtype>ASD</SENtype></SENneed>
      <SENneed><SENtypeRank>2</SENtypeRank><SENtype>SLCN</SENtype></SENneed></SENneeds></SpecialEducationalNeeds>
  <TermlyAttendance><SessionsPossible>140</SessionsPossible><SessionDetails>
    <SessionDetail><AttendanceReason>I</AttendanceReason><Sessions>6</Sessions></SessionDetail>
    <SessionDetail><AttendanceReason>C2</AttendanceReason><Sessions>20</Sessions></SessionDetail>
  </SessionDetails></TermlyAttendance>
  <SummerHalfTerm2Attendance><SessionsPossible>58</SessionsPossible><SessionDetails>
    <SessionDetail><AttendanceReason>I</AttendanceReason><Sessions>4</Sessions></SessionDetail>
  </SessionDetails></SummerHalfTerm2Attendance>
  <TermlyExclusions><TermlyExclusion><Category>SUSP</Category><StartDate>2026-10-05</StartDate><Sessions>4</Sessions>
    <Reasons><Reason>DB</Reason><Reason>VA</Reason></Reasons></TermlyExclusion></TermlyExclusions>
</PupilOnRoll>"""
OFF_ROLL = """<PupilNoLongerOnRoll>
  <PupilIdentifiers><UPN>H243278544154</UPN><Surname>Two</Surname><Forename>Bob</Forename><DOB>2011-01-02</DOB>
  </PupilIdentifiers><PupilStatus><LeavingDate>2026-11-01</LeavingDate></PupilStatus>
  <TermlyAttendance><SessionDetails>
    <SessionDetail><AttendanceReason>N</AttendanceReason><Sessions>3</Sessions></SessionDetail>
  </SessionDetails></TermlyAttendance>
</PupilNoLongerOnRoll>"""


def message(header: str = HEADER, after: str = "") -> str:
    pupils = f"<PupilsOnRoll>{ON_ROLL}</PupilsOnRoll><PupilsNoLongerOnRoll>{OFF_ROLL}</PupilsNoLongerOnRoll>"
    return f"<Message>{header}<School><Phase>SS</Phase></School><Pupils>{pupils}</Pupils>{after}</Message>"


def rows(council: Any, extract: str, columns: str) -> list[tuple]:
    return [tuple(row.values()) for row in council.rows(f"school_census.{extract}", columns)]


def test_a_schools_own_xml_gives_every_table_its_rows(council: Any) -> None:
    """Pupils on roll and left are numbered in one row, so that what hangs on them finds them."""
    council.deliver("school_census/9194001_SC_SPR.xml", message())
    receipts = {receipt.entity: receipt for receipt in council.land().receipts}
    assert {entity: receipt.rows_loaded for entity, receipt in receipts.items()} == {
        "pupil_on_roll": 1,
        "sen_need": 2,
        "address_on_roll": 0,
        "fsm_period": 0,
        "pupil_off_roll": 1,
        "session_detail": 4,
        "exclusion": 1,
        "ap_placement": 0,
    }
    assert receipts["pupil_on_roll"].period == "2027/SPR/4001"
    assert receipts["session_detail"].period == "2027/SPR///4001"
    assert rows(council, "pupil_on_roll", "pupil_on_roll_table_id, native_id, upn, sen_provision, top_up_funding") == [
        ("9194001-1", "9194001", "A950000178301", "E", "true")
    ]
    assert rows(council, "pupil_off_roll", "pupil_on_roll_table_id, upn, leaving_date") == [
        ("9194001-2", "H243278544154", "2026-11-01")
    ]
    columns = "session_detail_table_id, pupil_on_roll_table_id, attendance_reason, covers"
    assert rows(council, "session_detail", columns) == [
        ("9194001-1", "9194001-1", "I", "TermlyAttendance"),
        ("9194001-2", "9194001-1", "C2", "TermlyAttendance"),
        ("9194001-3", "9194001-1", "I", "SummerHalfTerm2Attendance"),
        ("9194001-4", "9194001-2", "N", "TermlyAttendance"),
    ]
    assert rows(council, "pupil_on_roll", "sessions_possible, sessions_possible_half_term_2") == [("140", "58")]
    assert rows(council, "exclusion", "pupil_on_roll_table_id, category, reason_1, reason_2, reason_3") == [
        ("9194001-1", "SUSP", "DB", "VA", None)
    ]


def test_a_header_behind_the_pupils_is_refused(council: Any) -> None:
    """Without the school nobody can tell pupil 1 of one file from pupil 1 of another."""
    council.deliver("school_census/9194001_SC_SPR.xml", message(header="", after=HEADER))
    report = council.land()
    assert {receipt.reason_code for receipt in report.receipts} == {"wrong_header"}
    assert all("Source/LEA" in receipt.message for receipt in report.receipts)
    assert all("One" not in receipt.message for receipt in report.receipts)


def test_the_export_of_collect_still_has_its_period(council: Any) -> None:
    council.deliver(
        "school_census/2027_spring_pupilonroll.csv",
        "pupilonrolltableid,NativeId,dob,surname,forename,sex\nA,9194001,2012-May-06 00:00:00,One,Ann,F\n",
    )
    assert council.only(council.land()).period == "2027/spring"


def test_a_known_table_that_nobody_reads_is_no_fault(council: Any) -> None:
    council.deliver("school_census/2027_spring_learningaimsonroll.csv", "pupilonrolltableid,qan\nA,Zxqvmarker\n")
    report = council.land()
    receipt = council.only(report)
    assert (receipt.status, receipt.reason_code, receipt.entity) == ("not_used", "known", "")
    assert "learning aims" in receipt.message
    assert report.quarantined == ()
    assert report.totals[0].quarantined == 0
    assert not list(council.home.originals.glob("*")), "a copy was kept of a file that nobody reads"
    again = council.land()
    assert again.new == frozenset()
    assert council.only(again) == receipt


def test_an_unknown_table_is_still_one(council: Any) -> None:
    council.deliver("school_census/2027_spring_somethingnew.csv", "a\n1\n")
    assert council.only(council.land()).reason_code == "unknown_file"
