"""People are coherent: their numbers are valid, their records belong together, their codes exist."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from datetime import date

import pytest

from warehouse import specification

from .conftest import County

Rows = Callable[[str, str], list[dict[str, str]]]
LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"


def upn_is_valid(upn: str) -> bool:
    """The reference's rule 4.1, written anew."""
    if not re.fullmatch(r"[A-Z]\d{11}[0-9A-HJ-NP-RT-Z]", upn):
        return False
    values = [int(c) if c.isdigit() else LETTERS.index(c) for c in upn[1:]]
    return LETTERS[sum(value * weight for weight, value in enumerate(values, start=2)) % 23] == upn[0]


def uln_is_valid(uln: str) -> bool:
    rest = sum(int(c) * w for c, w in zip(uln[:9], range(10, 1, -1), strict=True)) % 11
    return bool(re.fullmatch(r"[1-9]\d{9}", uln)) and rest != 0 and 10 - rest == int(uln[9])


def nhs_is_valid(number: str) -> bool:
    check = 11 - sum(int(c) * w for c, w in zip(number[:9], range(10, 1, -1), strict=True)) % 11
    return bool(re.fullmatch(r"\d{10}", number)) and check != 10 and check % 11 == int(number[9])


def test_the_rules_themselves() -> None:
    """Vectors of the reference, sections 4.1 and 4.2."""
    assert all(map(upn_is_valid, ("A950000178301", "H243278544154", "P933400119015", "N20120012600A", "E93340011901Z")))
    assert not any(map(upn_is_valid, ("R247962919251", "X428558133462")))
    assert uln_is_valid("1000000043")
    assert uln_is_valid("7673614579")
    assert not uln_is_valid("1000000042")
    assert nhs_is_valid("9434765919")
    assert not nhs_is_valid("9434765918")


def planted(county: County, *faults: str) -> set[str]:
    return {row["person_id"] for row in county.expected if row["fault_id"] in faults}


def test_upns_are_valid_but_for_the_planted(county: County, rows: Rows) -> None:
    spoiled = planted(county, "upn_wrong_letter", "upn_short")
    for row in rows("ehc", "person"):
        if row["upn"]:
            assert upn_is_valid(row["upn"]) == (row["person_id"] not in spoiled)
    for row in rows("school_census", "pupil_on_roll"):
        assert all(upn_is_valid(row[name]) for name in ("upn", "former_upn") if row[name])


def test_upns_are_unique_but_for_the_planted(county: County, rows: Rows) -> None:
    upns = Counter(row["upn"] for row in rows("ehc", "person") if row["upn"])
    twice = {row["upn"] for row in rows("ehc", "person") if row["person_id"] in planted(county, "upn_twice")}
    assert {upn for upn, number in upns.items() if number > 1} == twice
    by_term = Counter(
        (row["upn"], row["_file"])
        for row in rows("school_census", "pupil_on_roll")
        if row["upn"] and row["enrolment_status"] != "S"
    )
    assert max(by_term.values()) == 1


def test_ulns_and_nhs_numbers_are_valid_but_for_the_planted(county: County, rows: Rows) -> None:
    spoiled = planted(county, "uln_wrong_digit")
    for row in rows("ehc", "person"):
        if row["uln"]:
            assert uln_is_valid(row["uln"]) == (row["person_id"] not in spoiled)
    for row in rows("csds", "patient_index") + rows("ehc", "person"):
        if row["nhs_number"]:
            assert nhs_is_valid(row["nhs_number"])
            assert row["nhs_number"].startswith("9")


def test_the_systems_know_people_by_different_numbers(rows: Rows) -> None:
    systems = {
        "ehc": {row["person_id"] for row in rows("ehc", "person")},
        "care": {row["child_id"] for row in rows("ssda903", "header")},
        "first": {row["local_patient_id"] for row in rows("csds", "patient_index") if row["provider"] == "Z9C"},
        "second": {row["local_patient_id"] for row in rows("csds", "patient_index") if row["provider"] == "Z9D"},
    }
    named = list(systems.items())
    for i, (_, numbers) in enumerate(named):
        for _, others in named[i + 1 :]:
            assert not numbers & others


@pytest.mark.parametrize(
    ("source", "entity", "column"),
    [
        ("ehc", "person", "postcode"),
        ("school_census", "address_on_roll", "postcode"),
        ("csds", "patient_index", "postcode"),
        ("ssda903", "episodes", "home_postcode"),
        ("ssda903", "episodes", "placement_postcode"),
        ("gias", "establishment", "postcode"),
        ("geography", "postcode", "postcode"),
    ],
)
def test_no_postcode_is_real(rows: Rows, source: str, entity: str, column: str) -> None:
    """ZE is the only post town area that begins with Z."""
    found = {row[column] for row in rows(source, entity) if row[column]}
    assert found
    assert all(re.match(r"Z[A-DF-Z]\d", postcode) for postcode in found)


def test_postcodes_of_people_are_in_the_directory(county: County, rows: Rows) -> None:
    known = {row["postcode"]: row for row in rows("geography", "postcode")}
    spoiled = planted(county, "postcode_garbled")
    for row in rows("ehc", "person"):
        if row["postcode"] and row["person_id"] not in spoiled:
            assert row["postcode"] in known
    gone = {
        r["person_id"]
        for r in rows("ehc", "person")
        if r["postcode"] and known.get(r["postcode"], {}).get("terminated")
    }
    assert gone == planted(county, "postcode_terminated")


@pytest.mark.parametrize(
    "extract", [e for e in specification.extracts() if "xml" not in e.formats], ids=lambda e: e.name
)
def test_codes_exist_but_for_the_planted(county: County, rows: Rows, extract: specification.Extract) -> None:
    coded = [column for column in extract.columns if column.code_set]
    spoiled = {
        (row["source_file"], row["source_row"])
        for row in county.expected
        if row["expected_check"] == "staging:unknown_code"
    }
    sets = {column.name: set(specification.codes(column.code_set)) | {""} for column in coded}
    for row in rows(extract.source, extract.entity) if coded else ():
        if (row["_file"], row["_row"]) not in spoiled:
            for name, codes in sets.items():
                assert row.get(name, "").removesuffix(".0") in codes, f"{extract.name}.{name}"


@pytest.mark.parametrize(
    ("child", "column", "parent", "key"),
    [
        ("ehc.request", "person_id", "ehc.person", "person_id"),
        ("ehc.assessment", "request_id", "ehc.request", "request_id"),
        ("ehc.advice", "request_id", "ehc.request", "request_id"),
        ("ehc.appeal", "request_id", "ehc.request", "request_id"),
        ("ehc.plan", "person_id", "ehc.person", "person_id"),
        ("ehc.plan", "request_id", "ehc.request", "request_id"),
        ("ehc.need", "plan_id", "ehc.plan", "plan_id"),
        ("ehc.placement", "plan_id", "ehc.plan", "plan_id"),
        ("ehc.review", "plan_id", "ehc.plan", "plan_id"),
        ("ehc.personal_budget", "plan_id", "ehc.plan", "plan_id"),
        ("school_census.sen_need", "pupil_on_roll_table_id", "school_census.pupil_on_roll", "pupil_on_roll_table_id"),
        ("school_census.fsm_period", "pupil_on_roll_table_id", "school_census.pupil_on_roll", "pupil_on_roll_table_id"),
        ("csds.referral", "local_patient_id", "csds.patient_index", "local_patient_id"),
        ("csds.service_type", "service_request_id", "csds.referral", "service_request_id"),
        ("csds.care_contact", "service_request_id", "csds.referral", "service_request_id"),
        ("ssda903.episodes", "child_id", "ssda903.header", "child_id"),
        ("geography.postcode", "lsoa21_code", "geography.deprivation", "lsoa21_code"),
        ("geography.lsoa_msoa", "lsoa21_code", "geography.lsoa_ward", "lsoa21_code"),
        ("geography.lsoa_msoa", "msoa21_code", "geography.msoa_name", "msoa21_code"),
        ("gias.establishment", "msoa_code", "geography.msoa_name", "msoa21_code"),
        ("gias.link", "urn", "gias.establishment", "urn"),
        ("gias.link", "link_urn", "gias.establishment", "urn"),
    ],
)
def test_rows_belong_to_something(rows: Rows, child: str, column: str, parent: str, key: str) -> None:
    known = {row[key] for row in rows(*parent.split("."))} | {""}
    assert {row[column] for row in rows(*child.split("."))} <= known


def test_placements_are_in_the_register_but_for_the_planted(county: County, rows: Rows) -> None:
    known = {row["urn"] for row in rows("gias", "establishment")} | {""}
    strangers = {(row["_file"], row["_row"]) for row in rows("ehc", "placement") if row["urn"] not in known}
    assert strangers == {(r["source_file"], r["source_row"]) for r in county.expected if r["fault_id"] == "urn_unknown"}


def test_keys_are_unique_but_for_the_planted(county: County, rows: Rows) -> None:
    spoiled = Counter(
        f"{row['source']}.{row['entity']}"
        for row in county.expected
        if row["expected_check"] == "staging:duplicate_key"
    )
    for extract in specification.extracts():
        if "csv" in extract.formats and "xml" not in extract.formats:
            keys = Counter(
                tuple(row.get(name, "") for name in extract.key) for row in rows(extract.source, extract.entity)
            )
            assert sum(number - 1 for number in keys.values()) == spoiled.get(extract.name, 0), extract.name


def test_processes_run_forward(county: County, rows: Rows) -> None:
    """Request, decision, issue and plan in that order; a plan starts the day it is issued."""
    spoiled = {
        row["person_id"] for row in county.expected if row["entity"] in ("request", "assessment", "plan", "person")
    }
    requests = {row["request_id"]: row for row in rows("ehc", "request") if row["person_id"] not in spoiled}
    starts = {row["request_id"]: row["start_date"] for row in rows("ehc", "plan") if row["request_id"]}
    issued = 0
    for row in rows("ehc", "assessment"):
        request = requests.get(row["request_id"])
        if request and row["outcome_date"]:
            assert request["received_date"] <= request["outcome_date"] <= row["outcome_date"]
            if row["outcome"] == "Y":
                issued += 1
                assert starts[row["request_id"]] == row["outcome_date"]
                assert request["outcome_date"] < row["draft_issued_date"] < row["outcome_date"]
    assert issued > 200


def test_a_mark_has_its_mediation_or_appeal(county: County, rows: Rows) -> None:
    spoiled = county.faulty("request") | county.faulty("assessment")
    events = {(row["request_id"], row["kind"], row["about"] == "refuse_assess") for row in rows("ehc", "appeal")}
    marks = 0
    for row in rows("ehc", "request"):
        for column, kind in (("mediation_held", "mediation"), ("appeal_made", "appeal")):
            if row["person_id"] not in spoiled:
                marks += row[column] == "true"
                assert (row[column] == "true") == ((row["request_id"], kind, True) in events)
    assert marks > 10


def test_twins_share_birth_date_and_address_but_no_name(rows: Rows) -> None:
    households: dict[tuple[str, ...], set[str]] = {}
    people: Counter[tuple[str, ...]] = Counter()
    addresses = {row["pupil_on_roll_table_id"]: row["postcode"] for row in rows("school_census", "address_on_roll")}
    for row in rows("school_census", "pupil_on_roll"):
        if row["_file"].startswith("2027") and row["enrolment_status"] != "S":
            house = (row["birth_date"], row["surname"], addresses[row["pupil_on_roll_table_id"]])
            households.setdefault(house, set()).add(row["forename"])
            people[house] += 1
    twins = [house for house, names in households.items() if len(names) > 1]
    assert 20 <= len(twins) <= 120  # 1.4% of births of about 4,400 pupils is about 60 pairs
    assert all(len(households[house]) == people[house] for house in twins)


def test_nobody_is_younger_than_school_or_older_than_law(county: County, rows: Rows) -> None:
    spoiled = county.faulty("person")
    born = {
        row["person_id"]: date.fromisoformat(row["birth_date"])
        for row in rows("ehc", "person")
        if row["person_id"] not in spoiled
    }
    for row in rows("ehc", "plan"):
        if row["person_id"] in born and not row["cease_date"]:
            # In force on 2027-01-21: 25 at the oldest on the 31 August before.
            assert (date(2026, 8, 31) - born[row["person_id"]]).days / 365.25 < 25
            assert row["start_date"] > born[row["person_id"]].isoformat()
