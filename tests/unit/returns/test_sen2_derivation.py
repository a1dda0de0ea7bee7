"""From cases to records. It matters because a child in the wrong case is counted wrongly, or not at all.

The expected values of scope.csv are worked out by hand from section 1.5 of the reference, for the census of
15 January 2026: the year is 1 January to 31 December 2025. Resolve: read the case; the model or the line is wrong.
"""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.unit.returns.sen2_cases import FOLDER
from tests.unit.returns.sen2_mart import Mart
from tests.unit.returns.sen2_world import World


def journeys() -> list[dict[str, str]]:
    with (FOLDER / "scope.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


JOURNEYS = journeys()


@pytest.fixture
def world(mart: Mart, tmp_path: Path) -> World:
    return World(mart, tmp_path)


@pytest.fixture(scope="module")
def travelled(mart: Mart, tmp_path_factory: pytest.TempPathFactory) -> World:
    """Every journey of scope.csv, each a person of its own, named by its number."""
    world = World(mart, tmp_path_factory.mktemp("journeys"))
    for number, row in enumerate(JOURNEYS):
        person = world.person(f"person {number}")
        request = None
        if row["received"]:
            request = world.request(
                person,
                f"request {number}",
                received_date=row["received"],
                outcome=row["request_outcome"],
                outcome_date=row["request_date"],
                exported_la_code=row["exported_la"],
                exported_date=row["exported_date"],
            )
        if row["assessment_outcome"]:
            world.assessment(
                person,
                request,
                f"assessment {number}",
                outcome=row["assessment_outcome"],
                outcome_date=row["assessment_date"],
                draft_issued_date=row["draft"],
            )
        if row["plan_start"]:
            world.plan(
                person,
                f"plan {number}",
                request_key=request or "",
                start_date=row["plan_start"],
                transferred_from_la_code=row["transferred_from"],
                transferred_in_date=row["transferred_in"],
                cease_date=row["cease_date"],
                cease_reason="2" if row["cease_date"] else "",
            )
    world.build()
    return world


@pytest.mark.parametrize("number", range(len(JOURNEYS)), ids=lambda number: JOURNEYS[number]["what"])
def test_journey(travelled: World, number: int) -> None:
    journey = JOURNEYS[number]
    case = travelled.one("case", person_record_id=f"person {number}")
    assert journey["expected"] == str(case["scope_case"] or case["reason_code"])
    records = {}
    for table in ("requests", "assessment", "named_plan", "active_plans"):
        for row in travelled.rows(table, person_record_id=f"person {number}"):
            records |= row
    for element in (
        "RequestOutcome",
        "RequestOutcomeDate",
        "Exported",
        "AssessmentOutcome",
        "AssessmentOutcomeDate",
        "StartDate",
        "CeaseDate",
        "TransferLA",
    ):
        assert journey[element] == str(records.get(element) or ""), element


def test_every_case_is_in_or_out_with_a_reason(travelled: World) -> None:
    for year in (2023, 2024, 2025, 2026, 2027):
        inside = len(travelled.rows("requests", year))
        outside = travelled.rows("out_of_scope", year)
        assert inside + len(outside) == len(JOURNEYS)
        assert all(row["reason"] for row in outside)


def test_the_received_date_goes_with_a_historical_request(travelled: World) -> None:
    """Hole O9: always sent when known. Source and accommodation are not asked of a historical request (O10)."""
    standing = travelled.one("requests", person_record_id="person 0")
    assert (standing["ReceivedDate"], standing["RequestSource"], standing["RYA"]) == (date(2023, 2, 1), None, None)


def test_every_scope_case_has_a_journey() -> None:
    assert {str(number) for number in range(1, 12)} <= {row["expected"] for row in JOURNEYS}


def test_a_request_and_a_new_one_after_a_refusal_stay_apart(world: World) -> None:
    person = world.person("p")
    world.request(person, "r1", received_date="2025-02-01", outcome="N", outcome_date="2025-03-01")
    world.request(person, "r2", received_date="2025-10-01", outcome="Y", outcome_date="2025-11-01")
    world.assessment(person, "r2", "a2", outcome="A")
    world.build()
    assert [(row["request_record_id"], row["scope_case"]) for row in world.rows("requests")] == [("r1", 6), ("r2", 9)]
    assert len(world.rows("person")) == 1


def test_two_plans_of_one_request_are_two_records(world: World) -> None:
    """Ceased and started again: the plan in force stays with the request, the ceased one is a record of its own."""
    person = world.person("p")
    world.request(person, "r", received_date="2023-02-01", outcome="Y", outcome_date="2023-03-01")
    world.assessment(person, "r", "a", outcome="Y", outcome_date="2023-06-01")
    world.plan(person, "old", request_key="r", start_date="2023-06-01", cease_date="2025-04-01", cease_reason="2")
    world.plan(person, "new", request_key="r", start_date="2025-09-01")
    world.build()
    assert {row["request_record_id"]: row["StartDate"] for row in world.rows("named_plan")} == {
        "r": date(2025, 9, 1),
        "old": date(2023, 6, 1),
    }
    assert {row["request_record_id"]: row["scope_case"] for row in world.rows("requests")} == {"r": 1, "old": 4}


def test_mediation_after_census_day_is_not_known_yet(world: World) -> None:
    person = world.person("p")
    for key in ("before", "after", "undated"):
        world.request(
            person,
            key,
            received_date="2025-03-01",
            outcome="N",
            outcome_date="2025-04-01",
            mediation_held=True,
            appeal_made=True,
        )
    for key, day in (("before", "2026-01-15"), ("after", "2026-01-16")):
        for kind, column in (("mediation", "held_date"), ("appeal", "registered_date")):
            world.fact(
                "fct_appeal",
                appeal_key=f"{key} {kind}",
                person_key=person,
                request_key=key,
                kind=kind,
                about="refuse_assess",
                **{column: day},
            )
    world.build()
    found = {
        row["request_record_id"]: (row["RequestMediation"], row["RequestTribunal"]) for row in world.rows("requests")
    }
    assert found == {"before": ("1", "1"), "after": ("0", "0"), "undated": ("1", "1")}


@pytest.mark.parametrize(
    ("held", "returned"),
    [
        ({"urn": "100001", "ukprn": "10000001", "sen_setting": "OLA"}, ("100001", None, None, None)),
        ({"ukprn": "10000001", "sen_setting": "OLA"}, (None, "10000001", None, None)),
        ({"sen_setting": "OTH", "sen_setting_other": "hospital"}, (None, None, "OTH", "hospital")),
        ({"urn": "100001", "sen_setting_other": "hospital"}, ("100001", None, None, None)),
    ],
    ids=["urn first", "then ukprn", "then the kind", "a description only with a kind"],
)
def test_one_of_urn_ukprn_and_setting(world: World, held: dict[str, str], returned: tuple[str | None, ...]) -> None:
    _plan_in_force(world)
    for kind in ("named", "attended"):
        world.fact(
            "fct_placement",
            placement_key=kind,
            plan_key="plan",
            person_key="p",
            kind=kind,
            rank=1,
            entry_date="2024-01-01",
            **held,
        )
    world.build()
    for table in ("plan_detail", "placement_detail"):
        row = world.one(table)
        assert (row["URN"], row["UKPRN"], row["SENSetting"], row["SENSettingOther"]) == returned


@pytest.mark.parametrize(
    ("entry", "leaving", "returned"),
    [
        ("2020-09-01", "2024-12-31", None),
        ("2020-09-01", "2025-01-01", (date(2020, 9, 1), date(2025, 1, 1))),
        ("2020-09-01", "2026-01-15", (date(2020, 9, 1), date(2026, 1, 15))),
        ("2020-09-01", "2026-01-16", (date(2020, 9, 1), None)),
        ("2026-01-15", None, (date(2026, 1, 15), None)),
        ("2026-01-16", None, None),
    ],
    ids=[
        "left before the year",
        "left on its first day",
        "left on census day",
        "left after census day",
        "entered on census day",
        "entered after census day",
    ],
)
def test_placements_held_since_the_first_of_january(
    world: World, entry: str, leaving: str | None, returned: tuple[date, date | None] | None
) -> None:
    _plan_in_force(world)
    world.fact(
        "fct_placement",
        placement_key="x",
        plan_key="plan",
        person_key="p",
        kind="attended",
        rank=1,
        urn="100001",
        entry_date=entry,
        leaving_date=leaving or "",
    )
    world.build()
    found = [(row["EntryDate"], row["LeavingDate"]) for row in world.rows("placement_detail")]
    assert found == ([returned] if returned else [])


def test_a_ceased_plan_keeps_its_placements_of_the_year(world: World) -> None:
    """Hole O7, and section 1.5 case 4."""
    world.person("p")
    world.plan("p", "plan", start_date="2020-01-01", cease_date="2025-06-30", cease_reason="2")
    for key, leaving in (("held", "2025-06-30"), ("before", "2024-08-31")):
        world.fact(
            "fct_placement",
            placement_key=key,
            plan_key="plan",
            person_key="p",
            kind="attended",
            rank=1,
            urn="100001",
            entry_date="2020-09-01",
            leaving_date=leaving,
        )
    world.build()
    assert world.one("active_plans")["scope_case"] == 4
    assert [row["placement_record_id"] for row in world.rows("placement_detail")] == ["held"]


@pytest.mark.parametrize(
    ("reading", "weeks", "year", "code"),
    [
        ("cbds_2023", 37, 2026, None),
        ("cbds_2023", 38, 2026, "A"),
        ("cbds_2023", 51, 2026, "A"),
        ("cbds_2023", 52, 2026, "B"),
        ("rfc_1299", 38, 2026, "A"),
        ("rfc_1299", 39, 2026, "B"),
        ("rfc_1299", 39, 2025, "A"),
    ],
)
def test_weeks_of_residence_by_the_reading_in_force(
    world: World, reading: str, weeks: int, year: int, code: str | None
) -> None:
    """Hole O19: the meaning of A and B from 2026 is disputed; the settings choose."""
    _plan_in_force(world, residential_weeks=weeks)
    world.fact(
        "fct_placement",
        placement_key="x",
        plan_key="plan",
        person_key="p",
        kind="attended",
        rank=1,
        urn="100001",
        entry_date="2020-09-01",
        residential_weeks=weeks,
    )
    world.build(cbds_2023=reading)
    assert world.one("named_plan", year)["PlanRes"] == code
    assert world.one("placement_detail", year)["Res"] == code


def test_items_of_other_years_stay_blank(world: World) -> None:
    _plan_in_force(world, residential_weeks=40)
    world.connection.execute("update core.dim_person set sex = 'F'")
    world.fact(
        "fct_placement",
        placement_key="x",
        plan_key="plan",
        person_key="p",
        kind="attended",
        rank=1,
        urn="100001",
        entry_date="2020-09-01",
        residential_weeks=40,
    )
    world.build()
    assert [(row["GenderCurrent"], row["Sex"]) for year in (2023, 2024) for row in world.rows("person", year)] == [
        ("2", None),
        (None, "F"),
    ]
    assert (world.one("active_plans", 2023)["Res"], world.one("placement_detail", 2023)["Res"]) == ("A", None)
    assert (world.one("active_plans", 2024)["Res"], world.one("placement_detail", 2024)["Res"]) == (None, "A")


def test_two_needs_at_most_as_they_stood(world: World) -> None:
    _plan_in_force(world)
    for key, sen_type, rank, first, last in (
        ("n1", "SLCN", 1, "2020-01-01", "2025-05-01"),
        ("n2", "ASD", 1, "2025-05-02", None),
        ("n3", "SEMH", 2, "2020-01-01", None),
        ("n4", "HI", 3, "2020-01-01", None),
        ("n5", "VI", 2, "2026-01-16", None),
    ):
        world.fact(
            "fct_need",
            need_key=key,
            plan_key="plan",
            person_key="p",
            sen_type=sen_type,
            rank=rank,
            from_date=first,
            to_date=last or "",
        )
    world.build()
    assert [(row["SENtype"], row["SENtypeRank"]) for row in world.rows("sen_need")] == [("ASD", "1"), ("SEMH", "2")]


@pytest.mark.parametrize(
    ("review", "returned"),
    [
        (
            {"meeting_date": "2026-01-15", "decision_date": "2026-01-15", "outcome": "M"},
            ("2026-01-15", "2026-01-15", "M"),
        ),
        ({"meeting_date": "2026-01-15", "decision_date": "2026-01-16", "outcome": "M"}, ("2026-01-15", None, None)),
        (
            {"meeting_date": "2026-01-16", "decision_date": "2026-01-16", "outcome": "M"},
            ("2025-02-02", "2025-02-20", "A"),
        ),
        ({"meeting_date": "2025-12-01", "review_type": "interim"}, ("2025-02-02", "2025-02-20", "A")),
    ],
    ids=["known on census day", "decided after census day", "held after census day", "interim"],
)
def test_the_latest_review_as_known_on_census_day(
    world: World, review: dict[str, str], returned: tuple[str | None, ...]
) -> None:
    _plan_in_force(world)
    earlier = {"meeting_date": "2025-02-02", "decision_date": "2025-02-20", "outcome": "A"}
    for key, values in (("earlier", earlier), ("latest", review)):
        world.fact("fct_review", review_key=key, plan_key="plan", person_key="p", **values)
    world.build()
    row = world.one("active_plans")
    assert (
        tuple(str(row[name]) if row[name] else None for name in ("ReviewMeeting", "LastReview", "ReviewOutcome"))
        == returned
    )


def test_a_reason_only_where_no_number_is_known(world: World) -> None:
    for key, values in (
        ("upn", {"upn": "C201200126001"}),
        ("uln", {"uln": "1000000043"}),
        ("none", {}),
    ):
        world.person(key, upn_unknown_reason="UN3", **values)
        world.plan(key, f"plan {key}", start_date="2020-01-01")
    world.build()
    assert {row["person_record_id"]: row["UPNunknown"] for row in world.rows("person")} == {
        "upn": None,
        "uln": None,
        "none": "UN3",
    }


def _plan_in_force(world: World, **values: Any) -> None:
    world.person("p")
    world.plan("p", "plan", start_date="2020-01-01", **values)
