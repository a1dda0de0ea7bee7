"""A council's own layout through a profile: wrong here, a child's need or plan is lost or made up in silence."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from warehouse.profiles import ProfileError
from warehouse.profiles.profile import parse

CASES = """\
profile: ours
source: ehc
certainty: read
date_formats: ["%d/%m/%Y"]
blanks: ["31/12/9999"]
files:
  cases:
    pattern: '^cases\\b'
    header_row: 3
    skip_rows: 1
    totals: drop
    fill_down: [Case ID]
    filters:
      - where: "Surname ilike 'test' and Forename ilike 'donald'"
        reason: a record of the staff's own
    ignore: [Notes]
  people:
    pattern: '^people\\b'
extracts:
  plan:
    from: cases
    where: "\\"Plan Start\\" is not null"
    join:
      child: {file: people, on: {Case ID: Number}, required: true}
    columns:
      plan_id: {expression: "'P' || \\"Case ID\\""}
      person_id: {of: child, column: Number}
      start_date: [Plan Start, Started]
      cease_date: Plan End
      cease_reason: {column: Reason, codes: {moved: "4"}}
  need:
    from: cases
    where: "\\"Plan Start\\" is not null"
    split: {column: Needs, separator: ";", value: need, rank: place}
    columns:
      plan_id: {expression: "'P' || \\"Case ID\\""}
      person_id: Case ID
      rank: place
      sen_type: {column: need, codes: {"Autism": ASD}}
"""
LINES = """\
Report of cases,,,,,,,
,,,,,,,
Case ID,Surname,Forename,Started,Plan End,Reason,Needs,Notes
text,text,text,date,date,text,text,text
1,Alder,Ann,01/02/2024,31/12/9999,,autism; SLCN,x
2,Birch,Bob,03/02/2024,05/06/2026,Moved,,x
3,Test,Donald,03/02/2024,,,MLD,x
,,,,,,,
4,Cedar,Cy,,,,MLD,x
5,Dogwood,Di,07/02/2024,,,VI,x
Total,,,,,,4,
"""
PEOPLE = "Number,Name\n1,Ann Alder\n2,Bob Birch\n9,Nobody\n"


def profile(council: Any, said: str, name: str = "ours") -> Path:
    path = council.home.root / "profiles" / f"{name}.yml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(said, encoding="utf-8")
    return path


def balance(report: Any) -> dict[tuple[str, str], tuple[int, ...]]:
    """(file, extract) → received, loaded, rejected, made, elsewhere."""
    for receipt in report.receipts:
        assert receipt.rows_received == receipt.rows_loaded + receipt.rows_rejected, receipt
    return {
        (r.file_name, r.entity): (
            r.rows_received,
            r.rows_loaded,
            r.rows_rejected,
            r.rows_made,
            r.rows_elsewhere,
        )
        for r in report.receipts
    }


@pytest.fixture
def landed(council: Any) -> Any:
    profile(council, CASES)
    council.deliver("ehc/cases.csv", LINES)
    council.deliver("ehc/people.csv", PEOPLE)
    council.report = council.land()
    return council


def test_every_record_ends_somewhere(landed: Any) -> None:
    assert balance(landed.report) == {
        # Of eight records below the header one is for nothing that a plan is made of (Cedar has no plan: no_extract),
        # so all are received by the first extract: two make plans.
        ("cases.csv", "plan"): (7, 2, 5, 2, 0),
        # Alder, Birch and Dogwood have a plan; Birch's needs are blank. The others are told of under plan.
        ("cases.csv", "need"): (3, 2, 1, 3, 0),
        ("people.csv", "plan"): (3, 2, 1, 0, 0),
    }
    assert [(r["file_name"], r["entity"], r["source_row"], r["reason_code"]) for r in reasons(landed)] == [
        ("cases.csv", "need", 6, "no_row"),
        ("cases.csv", "plan", 7, "filtered"),
        ("cases.csv", "plan", 8, "blank_row"),
        ("cases.csv", "plan", 9, "no_extract"),
        ("cases.csv", "plan", 10, "unjoined"),
        ("cases.csv", "plan", 11, "total_row"),
        ("people.csv", "plan", 4, "unjoined"),
    ]


def reasons(council: Any) -> list[dict[str, Any]]:
    return sorted(council.rejects(), key=lambda r: (r["file_name"], r["entity"], r["source_row"]))


def test_rows_are_ours_and_lead_back(landed: Any) -> None:
    plans = landed.rows(
        "ehc.plan", "plan_id, person_id, start_date, cease_date, cease_reason, _source_file, _source_row"
    )
    assert [tuple(row.values()) for row in plans] == [
        ("P1", "1", "2024-02-01", None, None, "cases.csv", 5),
        ("P2", "2", "2024-02-03", "2026-06-05", "4", "cases.csv", 6),
    ]
    needs = landed.rows("ehc.need", "plan_id, rank, sen_type, _source_row")
    assert sorted(tuple(row.values()) for row in needs) == [
        ("P1", "1", "ASD", 5),
        ("P1", "2", "SLCN", 5),
        ("P5", "1", "VI", 10),
    ]


def test_refused_records_keep_their_text_and_no_message_quotes_it(landed: Any) -> None:
    by_row = {(r["entity"], r["source_row"]): r for r in landed.rejects() if r["file_name"] == "cases.csv"}
    assert by_row["plan", 7]["raw_text"] == "3,Test,Donald,03/02/2024,,,MLD,x"
    assert by_row["plan", 7]["message"].endswith("a record of the staff's own.")
    assert not any("Donald" in r["message"] or "Cedar" in r["message"] for r in by_row.values())


def test_twice_changes_nothing_and_a_changed_profile_lands_anew(landed: Any) -> None:
    before = landed.tree()
    assert landed.land().new == frozenset() and landed.tree() == before
    profile(landed, CASES.replace("Autism", "autism").replace('moved: "4"', 'moved: "2"'))
    report = landed.land()
    assert len(report.new) == 3
    last = max(r.landed_at for r in report.receipts)
    now = [r.receipt_id for r in report.receipts if r.entity == "plan" and r.landed_at <= last]
    reasons_now = {r["cease_reason"] for r in landed.rows("ehc.plan") if r["_receipt_id"] in now}
    assert reasons_now == {None, "2"}


def test_an_extract_that_a_profile_gives_up_is_emptied(landed: Any) -> None:
    profile(landed, CASES[: CASES.index("  need:")])
    report = landed.land()
    (need,) = [r for r in report.receipts if r.entity == "need"]
    assert (need.is_loaded, need.rows_made, need.rows_loaded) == (True, 0, 0)


def test_files_that_are_joined_come_together(council: Any) -> None:
    profile(council, CASES)
    council.deliver("ehc/cases.csv", LINES)
    by_entity = {r.entity: r for r in council.land().receipts}
    assert by_entity["plan"].reason_code == "incomplete_delivery" and "people" in by_entity["plan"].message
    assert by_entity["need"].rows_made == 3
    council.deliver("ehc/people.csv", PEOPLE)
    assert balance(council.land())["cases.csv", "plan"][1] == 2


WIDE = """\
profile: wide
source: ehc
certainty: read
files:
  wide: {pattern: '^wide', sheet: Plans, fill_down: [Plan]}
extracts:
  need:
    from: wide
    where: "Kind = 'plan'"
    unpivot:
      columns: {need: [Need 1, Need 2, Need 3], since: [From 1, From 2, From 3]}
      rank: place
    columns: {plan_id: Plan, person_id: Child, rank: place, sen_type: need, from_date: since}
  request:
    from: wide
    where: "Kind = 'request'"
    columns: {request_id: Plan, person_id: Child, request_source: {constant: "1"}}
"""


def test_wide_columns_become_rows_and_one_sheet_feeds_two_extracts(council: Any) -> None:
    profile(council, WIDE)
    book = Workbook()
    book.active.title = "About"
    page = book.create_sheet("Plans")
    for row in (
        ["Plan", "Child", "Kind", "Need 1", "From 1", "Need 2", "From 2", "Need 3", "From 3"],
        ["A", "7", "plan", "ASD", None, "MLD", None, None, None],
        [None, "8", "plan", None, None, "VI", None, None, None],
        ["C", "9", "request", None, None, None, None, None, None],
        ["D", "9", "letter", None, None, None, None, None, None],
    ):
        page.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    council.deliver("ehc/wide 2027-01-21.xlsx", buffer.getvalue())
    assert balance(council.land()) == {
        ("wide 2027-01-21.xlsx", "need"): (3, 2, 1, 3, 1),
        ("wide 2027-01-21.xlsx", "request"): (1, 1, 0, 1, 2),
    }
    needs = council.rows("ehc.need", "plan_id, person_id, rank, sen_type, _source_row")
    assert sorted(tuple(row.values()) for row in needs) == [
        ("A", "7", "1", "ASD", 2),
        ("A", "7", "2", "MLD", 2),
        ("A", "8", "2", "VI", 3),
    ]


def test_a_broken_expression_names_its_line_and_no_value(council: Any) -> None:
    said = WIDE.replace("sen_type: need", "sen_type: {expression: 'cast(need as integer)'}")
    profile(council, said)
    council.deliver("ehc/wide.csv", "Plan,Child,Kind,Need 1,From 1\nA,7,plan,Secret,\n")
    receipt = council.land().receipts[0]
    assert receipt.reason_code == "broken_expression" and "Secret" not in receipt.message
    assert "line 13 (sen_type)" in receipt.message


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("certainty: read", "certainty: sure", 3, "certainty: should be one of memory, read"),
        ("totals: drop", "total: drop", 11, "files.cases.total: this key is not known (is totals meant?)"),
        ("source: ehc", "source: ech", 2, "source: ech is no declared source (is ehc meant?)"),
        ("start_date: [", "strat_date: [", 28, "ehc.plan has no column strat_date (is start_date meant?)"),
        ('moved: "4"', 'moved: "44"', 30, "extracts.plan.columns.cease_reason: 44 is no code of cease_reason"),
        ("person_id: Case ID", "rank: place", 38, "the key stands here twice"),
        ("need:\n    from: cases", "need:\n    from: case", 32, "extracts.need.from: there is no file case"),
        ("'P' ||", "(select 1) ||", 26, "extracts.plan.columns.plan_id.expression: a query within is not allowed"),
        ("'^people\\b'", "'^people('", 18, "files.people.pattern: no regular expression"),
        ("'^cases\\b'", "'^cases('", 8, "files.cases.pattern: no regular expression"),
        ("'^cases\\b'", "'^cases{99999999999}'", 8, "files.cases.pattern: no regular expression"),
        ('"%d/%m/%Y"', '"dd/mm/yyyy"', 28, "dd/mm/yyyy is no date format"),
    ],
)
def test_a_fault_names_file_line_key_and_mend(old: str, new: str, line: int, said: str) -> None:
    assert old in CASES
    with pytest.raises(ProfileError) as caught:
        parse(CASES.replace(old, new, 1), Path("ours.yml"))
    assert str(caught.value).startswith(f"ours.yml:{line}: ")
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "written",
    [
        "(select count(*) from read_text('/etc/passwd'))",
        "read_text('/etc/passwd')",
        "getenv('HOME')",
        "1) from other where (true",
        "1), (2",
        "1; drop table x",
        "count(*)",
        "max(Surname)",
        "row_number() over ()",
        "now()",
        "random()",
        "columns('.*')",
        "people.Number",
        "$1",
        "#1",
    ],
)
def test_an_expression_sees_its_row_alone(written: str) -> None:
    said = CASES.replace("start_date: [Plan Start, Started]", f"start_date: {{expression: {written!r}}}")
    with pytest.raises(ProfileError):
        parse(said, Path("ours.yml"))


SHEETS = {
    "Person": ["persontableid,surname,forename,personbirthdate,sex,ethnicity", "1.0,Alder,Ann,2012-03-04,F,"],
    "Requests": ["persontableid,requeststableid,receiveddate,requestsource,requestoutcome", "1.0,11.0,2024-01-05,1,Y"],
    "Assessments": ["persontableid,requeststableid,assessmentoutcome,week20", "1,11,Y,0.0"],
    "Named Plan": ["persontableid,requeststableid,startdate,pb,oa,dp,ceasedate", "1,11,2024-05-05,,,,"],
    "Plan Detail": ["persontableid,requeststableid,urn,placementrank,senunitindicator", "1,11,900001,1,1.0", ",,,,1.0"],
    "Active Plan": ["persontableid,requeststableid,reviewmeeting,lastreview", "1,11,2025-04-01,2025-04-20"],
    "Placement Detail": ["persontableid,requeststableid,urn,placementrank,entrydate", "1,11,900001,1,2024-09-01"],
    "SEN Need": ["persontableid,requeststableid,sentyperank,sentype", "1,11,1,ASD", "1,11,2,SLCN"],
}


def test_dfe_workbook_is_one_file_of_many_sheets(council: Any) -> None:
    book = Workbook()
    book.active.title = "Instructions"
    for name, lines in SHEETS.items():
        page = book.create_sheet(name)
        for line in lines:
            cells = line.split(",")
            page.append([float(cell) if cell in ("1.0", "11.0", "0.0") else cell or None for cell in cells])
    buffer = io.BytesIO()
    book.save(buffer)
    council.deliver("ehc/sen2_template 2027-01-21.xlsx", buffer.getvalue())
    made = {entity: counts for (_, entity), counts in balance(council.land()).items()}
    # Two sheets make placements; the second plan detail has no request to belong to, so no key.
    assert made == {
        "person": (1, 1, 0, 1, 0),
        "request": (1, 1, 0, 1, 0),
        "assessment": (1, 1, 0, 1, 0),
        "plan": (1, 1, 0, 1, 0),
        "personal_budget": (0, 0, 0, 0, 1),
        "need": (2, 2, 0, 2, 0),
        "placement": (3, 2, 1, 2, 0),
        "review": (1, 1, 0, 1, 0),
    }
    placements = council.rows("ehc.placement", "placement_id, plan_id, kind, urn, entry_date, _source_row")
    assert sorted(tuple(row.values()) for row in placements) == [
        ("11-A1-2024-09-01", "11", "attended", "900001", "2024-09-01", 2),
        ("11-N1", "11", "named", "900001", None, 2),
    ]
    (reject,) = council.rejects()
    assert (reject["source_row"], reject["reason_code"]) == (3, "blank_key")
    assert reject["message"].startswith("Sheet Plan Detail: Record 3 leaves placement_id blank")


PLAIN = """\
profile: plain
source: ehc
certainty: read
files:
  needs: {pattern: '^needs', header_row: 3, totals: drop}
extracts:
  need:
    from: needs
    columns: {plan_id: Plan, person_id: Child, rank: {constant: 1}, sen_type: Need}
"""
ODD = 'Report; "needs"\n\nPlan;Child;Need\nA;1;ASD\n\nB;2;"ML"D\nC;3\nD;4;VI\nPlan;Child;Need\nE;5;"HI\nVI"\nTotal;5;'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_record_numbers_are_those_of_the_file_however_odd_it_is(council: Any, encoding: str) -> None:
    profile(council, PLAIN)
    council.deliver("ehc/needs.csv", ODD.encode(encoding))
    assert list(balance(council.land()).values()) == [(7, 3, 4, 3, 0)]
    needs = council.rows("ehc.need", "plan_id, sen_type, _source_row")
    assert [tuple(row.values()) for row in needs] == [("A", "ASD", 4), ("D", "VI", 8), ("E", "HI\nVI", 10)]
    assert [(r["source_row"], r["reason_code"], r["raw_text"].split(";")[0]) for r in council.rejects()] == [
        (6, "broken_quote", "B"),
        (7, "too_few_fields", "C"),
        (9, "repeated_header", "Plan"),
        (11, "total_row", "Total"),
    ]


def test_without_leave_a_total_keeps_the_file_out(council: Any) -> None:
    profile(council, PLAIN.replace(", totals: drop", ""))
    council.deliver("ehc/needs.csv", "t\n\nPlan;Child;Need\nA;1;ASD\nTotal;1;\n")
    assert council.only(council.land()).reason_code == "total_row"


def test_a_header_elsewhere_says_what_to_write_into_the_profile(council: Any) -> None:
    profile(council, PLAIN.replace("header_row: 3", "header_row: 2"))
    council.deliver("ehc/needs.csv", "t\n\n\nPlan;Child;Need\nA;1;ASD\n")
    receipt = council.only(council.land())
    assert receipt.reason_code == "header_not_first" and "Say header_row: 4 in the profile" in receipt.message


def test_a_councils_own_profile_takes_the_place_of_a_shipped_one(council: Any) -> None:
    profile(council, PLAIN.replace("profile: plain", "profile: one").replace("^needs", "^one_need"))
    council.deliver("ehc/one_need.csv", "t\n\nPlan;Child;Need;New\nA;1;ASD;\n")
    receipt = council.only(council.land())
    assert (receipt.rows_made, receipt.columns_ignored) == (1, "New")
    assert receipt.profile.startswith("one ")


def test_a_broken_profile_stops_before_anything_lands(council: Any) -> None:
    profile(council, PLAIN.replace("source: ehc", "source: hec"))
    council.deliver("ehc/ehc_plan.csv", "plan_id,person_id,start_date\nA1,P1,2024-03-01\n")
    with pytest.raises(ProfileError, match=r"ours.yml:2: source: hec is no declared source \(is ehc meant\?\)"):
        council.land()
    assert council.receipts() == []
