"""Faults are planted where the oracle says, at the stated rates, and every one is a row with its code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date

import pytest

from warehouse import specification
from warehouse.synthetic.fault_changes import CHANGES, NATURAL
from warehouse.synthetic.faults import FEWEST_ROWS

from .conftest import County
from .test_people import nhs_is_valid, upn_is_valid

Rows = Callable[[str, str], list[dict[str, str]]]
ELSEWHERE = {
    "flag_whole_school",
    "utf16_file",
    "header_alias_file",
    "index_wrong_vintage",
    "total_row_file",  # made with whole files
    "nhs_number_missing",
    "named_differs",
    "cin_without_upn",
    "placed_out_of_county",  # part of the lives
}


def test_every_fault_is_a_row_and_is_made() -> None:
    rows = {row["fault_id"] for row in specification.rows("fault")}
    assert rows == set(CHANGES) | set(NATURAL) | ELSEWHERE


def test_every_row_of_a_fault_is_whole() -> None:
    extracts = {extract.name for extract in specification.extracts()}
    rules = {row["rule_id"] for row in specification.rows("rule")}
    for row in specification.rows("fault"):
        assert row["extract"] in extracts, row
        assert row["what"], row
        assert row["source"], row
        assert not (row["rate"] and row["count"]), row
        for check in row["expected_checks"].split():
            assert ":" in check or check in rules, f"{row['fault_id']} expects {check}, which is no rule"


@pytest.mark.parametrize("rule", ["P", "R", "A"])
def test_the_oracle_covers_the_rules(county: County, rule: str) -> None:
    """Rules that the return's own shape cannot break are left out, with the reason here."""
    impossible = {
        "P14",
        "P28",  # the return sends a reason only where there is no number, and nobody without a request
        "R03",
        "R04",
        "R10",
        "R12",
        "R13",
        "R14",
        "R16",
        "R27",  # dates are cut at census day, H is derived, marks are 0 or 1
        "A04",
        "A06",
        "A07",
        "A08",
        "A13",
        "A15",
        "A20",
    }
    wanted = {
        row["rule_id"]
        for row in specification.rows("rule")
        if row["rule_id"][0] == rule and row["rule_id"][1:].isdigit()
    }
    planned = {check for row in specification.rows("fault") for check in row["expected_checks"].split()}
    assert wanted - planned == {name for name in impossible if name[0] == rule} & wanted


def test_every_fault_is_planted_even_in_a_small_county(county: County, rows: Rows) -> None:
    """But where the extract is so small that one row is a large share of it."""
    found = {row["fault_id"] for row in county.expected}
    silent = {row["fault_id"] for row in specification.rows("fault") if not row["expected_checks"]}
    missed = set(CHANGES) - silent - found
    small = {row["extract"] for row in specification.rows("fault") if row["fault_id"] in missed}
    assert small <= {"transition.assessment", "ap_census.pupil"}
    assert len(rows("transition", "assessment")) < FEWEST_ROWS or "transition.assessment" not in small


def test_every_source_that_people_keep_has_a_fault() -> None:
    """Registers of the nation are as their publishers have them, and a council's answers are about what was found."""
    generated = {name for name, source in specification.sources().items() if source.is_generated}
    spoiled = {row["extract"].split(".")[0] for row in specification.rows("fault")}
    assert generated - spoiled == {"boundary", "gias"}


@pytest.mark.parametrize(
    ("fault_id", "is_so", "number"),
    [
        ("equipment_nhs_wrong_digit", lambda r: not nhs_is_valid(r["nhs_number"]), 1),
        ("early_review_unreadable", lambda r: r["held_date"] == "31/02/2026", 1),
        ("notified_need_no_code", lambda r: r["need"] == "ZZZ", 1),
        ("sessions_all_nines", lambda r: r["sessions_present"] == "999999", 2),
        ("places_in_words", lambda r: r["places_filled"] == "not told", 1),
        ("short_break_twice", lambda r: r["la_child_id"], 1),
        ("term_day_twice", lambda r: r["day_kind"], 1),
    ],
)
def test_the_oracle_points_at_rows_without_a_case_number(
    county: County, rows: Rows, fault_id: str, is_so: Callable[[dict], bool], number: int
) -> None:
    found = at(county, rows, fault_id)
    assert len(found) == number
    assert all(map(is_so, found))


def test_rates(county: County, rows: Rows) -> None:
    """Rows are counted once: several checks and both years may expect one row."""
    for row in specification.rows("fault"):
        change = CHANGES.get(row["fault_id"])
        if not change or not row["rate"] or change.whole_person or not row["expected_checks"]:
            continue
        source, entity = row["extract"].split(".")
        hit = {(e["source_file"], e["source_row"]) for e in county.expected if e["fault_id"] == row["fault_id"]}
        total = len(rows(source, entity))
        each = 2 if change.copy else 1
        assert each <= len(hit) <= each * (1 + round(float(row["rate"]) * total)), row["fault_id"]


def test_one_fault_to_a_person(county: County) -> None:
    planted: dict[str, set[str]] = {}
    for row in county.expected:
        if row["fault_id"] in CHANGES and row["source"] == "ehc":
            planted.setdefault(row["person_id"], set()).add(row["fault_id"])
    assert all(len(faults) == 1 for faults in planted.values())


def at(county: County, rows: Rows, fault_id: str) -> list[dict[str, str]]:
    """The rows that the oracle points at, read from the files by record number."""
    places = {
        (e["source"], e["entity"], e["source_file"], e["source_row"])
        for e in county.expected
        if e["fault_id"] == fault_id
    }
    return [
        row
        for source, entity in {(place[0], place[1]) for place in places}
        for row in rows(source, entity)
        if (source, entity, row["_file"], row["_row"]) in places
    ]


@pytest.mark.parametrize(
    ("fault_id", "is_so"),
    [
        ("upn_wrong_letter", lambda r: len(r["upn"]) == 13 and not upn_is_valid(r["upn"])),
        ("upn_temporary", lambda r: r["upn"][-1].isalpha() and upn_is_valid(r["upn"])),
        ("upn_council", lambda r: r["upn"][1:4] == "899" and upn_is_valid(r["upn"])),
        ("no_identifier", lambda r: not (r["upn"] or r["uln"] or r["upn_unknown_reason"])),
        ("surname_missing", lambda r: not r["surname"]),
        ("birth_date_1900", lambda r: r["birth_date"] == "1900-01-01"),
        ("birth_date_after", lambda r: r["birth_date"] > "2027-01-21"),
        ("postcode_missing", lambda r: not r["postcode"]),
        ("received_missing", lambda r: not r["received_date"] and r["outcome"] == "N"),
        ("request_source_missing", lambda r: not r["request_source"]),
        ("decision_before_request", lambda r: r["outcome_date"] < r["received_date"]),
        ("exported_to_itself", lambda r: r["exported_la_code"] == "999"),
        ("exception_missing", lambda r: not r["exception_applies"] and r["outcome"] == "Y"),
        ("appeal_against_issue", lambda r: r["appeal_made"] == "true" and r["outcome"] == "Y"),
        ("urn_unknown", lambda r: r["urn"] == "799999"),
        ("urn_closed", lambda r: r["urn"].startswith("800")),
        ("council_abolished", lambda r: r["transferred_from_la_code"] == "928"),
        ("meeting_on_sunday", lambda r: date.fromisoformat(r["meeting_date"]).isoweekday() == 7),
        ("meeting_unreadable", lambda r: r["meeting_date"] == "31/02/2026"),
        ("due_date_1900", lambda r: r["due_date"] == "1900-01-01"),
    ],
)
def test_the_oracle_points_at_the_row(county: County, rows: Rows, fault_id: str, is_so: Callable[[dict], bool]) -> None:
    found = at(county, rows, fault_id)
    assert found, fault_id
    assert all(map(is_so, found)), fault_id
    assert all(row.get("person_id") in county.faulty(fault_entity(county, fault_id)) for row in found)


def fault_entity(county: County, fault_id: str) -> str:
    return next(row["entity"] for row in county.expected if row["fault_id"] == fault_id)


@pytest.mark.parametrize("fault_id", ["upn_twice", "uln_twice", "same_name_and_birth_date"])
def test_shared_values_are_shared(county: County, rows: Rows, fault_id: str) -> None:
    names = CHANGES[fault_id].shared
    values = Counter(tuple(row[name] for name in names) for row in at(county, rows, fault_id))
    assert list(values.values()) == [2]
    assert all(all(value) for value in values)


def test_former_upns_are_in_the_census(county: County, rows: Rows) -> None:
    old = {row["upn"] for row in at(county, rows, "upn_former")}
    census = [row for row in rows("school_census", "pupil_on_roll") if row["former_upn"]]
    assert old == {row["former_upn"] for row in census}
    assert all(row["upn"] != row["former_upn"] for row in census)


def test_a_copied_row_is_pointed_at_once_and_first(county: County, rows: Rows) -> None:
    for fault_id in ("advice_row_twice", "care_episode_twice"):
        for row in at(county, rows, fault_id):
            source, entity = next((e["source"], e["entity"]) for e in county.expected if e["fault_id"] == fault_id)
            following = next(
                other
                for other in rows(source, entity)
                if other["_file"] == row["_file"] and int(other["_row"]) == int(row["_row"]) + 1
            )
            assert {k: v for k, v in row.items() if k != "_row"} == {k: v for k, v in following.items() if k != "_row"}


def test_swapped_birth_dates_are_real_dates_elsewhere(county: County, rows: Rows) -> None:
    for row in at(county, rows, "birth_date_swapped"):
        born = date.fromisoformat(row["birth_date"])
        assert born.day <= 12
        assert born.day != born.month


def test_one_school_flags_everybody(county: County, rows: Rows) -> None:
    autumn = [row for row in rows("school_census", "pupil_on_roll") if "autumn" in row["_file"]]
    flagged = Counter(row["native_id"] for row in autumn if row["resourced_provision_indicator"] == "True")
    size = Counter(row["native_id"] for row in autumn)
    assert [school for school in flagged if flagged[school] == size[school] and size[school] >= 20].__len__() == 1
