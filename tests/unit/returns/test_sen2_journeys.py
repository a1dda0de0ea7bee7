"""What becomes of the rows of a case system in the return of 2026: tests/golden/sen2/derivation.csv, line by line.

It matters because what is lost between the case system and the return is counted nowhere. Expected values are worked
out by hand from sections 1.5, 2.4 and 3 of the reference, for the census of 15 January 2026: the year is 1 January to
31 December 2025. Each line is a person; the README of the folder has the grammar. Resolve a failure by reading the
line: the model is wrong, or the line is.
"""

from __future__ import annotations

import csv
import shlex
from typing import Any

import pytest

from tests.unit.returns.sen2_cases import FOLDER
from tests.unit.returns.sen2_mart import Mart
from tests.unit.returns.sen2_world import YEAR, World
from warehouse import specification

# URN, whether mainstream and state-funded, SEN unit on the census days of 2025 and 2026, resourced provision on both.
REGISTER = (
    ("900101", True, False, False, False),
    ("900102", True, True, True, False),
    ("900103", True, False, False, True),
    ("900104", True, True, False, False),
    ("900105", False, True, True, True),
)


def journeys() -> list[dict[str, str]]:
    with (FOLDER / "derivation.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


JOURNEYS = journeys()


@pytest.fixture(scope="module")
def world(mart: Mart, tmp_path_factory: pytest.TempPathFactory) -> World:
    """Every line of derivation.csv, each a person named by its number."""
    world = World(mart, tmp_path_factory.mktemp("derivation"))
    for urn, mainstream, unit_2025, unit_2026, provision in REGISTER:
        world.fact("dim_establishment", urn=urn, establishment_key=urn, is_state_mainstream=mainstream)
        for year, unit in ((2025, unit_2025), (2026, unit_2026)):
            world.fact(
                "dim_establishment_on_census_day",
                collection_year=year,
                establishment_key=urn,
                has_sen_unit=unit,
                has_resourced_provision=provision,
            )
    for number, line in enumerate(JOURNEYS):
        _tell(world, f"person {number}", line["given"])
    world.build()
    return world


@pytest.mark.parametrize(
    "number", range(len(JOURNEYS)), ids=lambda number: f"{JOURNEYS[number]['item']}: {JOURNEYS[number]['what']}"
)
def test_journey(world: World, number: int) -> None:
    person = f"person {number}"
    for expected in _parts(JOURNEYS[number]["expected"]):
        target, _, value = (part.strip() for part in expected.partition("="))
        table, _, column = target.partition(".")
        table, _, place = table.partition("#")
        table, _, year = table.partition("@")
        rows = world.rows(table, int(year or YEAR), person_record_id=person)
        if table == "case":
            found = " ".join(str(row["scope_case"] or row["reason_code"]) for row in rows)
        elif table == "left_out":
            found = " ".join(sorted(row["why_code"] for row in rows))
        elif not column:
            found = str(len(rows))
        else:
            assert place or len(rows) == 1, f"{table} has {len(rows)} rows"
            held = rows[int(place or 1) - 1][column]
            found = "" if held is None else str(held)
        assert found == value, expected


def test_every_reason_to_leave_a_record_out_is_used_and_said(world: World) -> None:
    """No reason without a line that shows it, and every row that is left out says why in words."""
    rows = world.rows("left_out")
    assert {row["why_code"] for row in rows} == {row["why_code"] for row in specification.rows("left_out_reason")}
    assert all(row["why"] for row in rows)


def test_every_reason_to_leave_a_case_out_has_a_journey() -> None:
    with (FOLDER / "scope.csv").open(encoding="utf-8", newline="") as handle:
        shown = {row["expected"] for row in csv.DictReader(handle)}
    for line in JOURNEYS:
        shown |= {word for part in _parts(line["expected"]) if part.startswith("case =") for word in part.split()}
    assert {row["reason_code"] for row in specification.rows("out_of_scope_reason")} <= shown


def test_nothing_of_a_case_that_is_in_is_lost(world: World) -> None:
    """Each assessment, setting, need and review of a case in the return is sent, or is left out with a reason."""
    for kind, table, key, sent in (
        ("fct_need", "sen_need", "need_key", "need_record_id"),
        ("fct_placement", "plan_detail", "placement_key", "plan_detail_record_id"),
    ):
        missing = world.connection.execute(
            f"""
            select count(*) from core.{kind} as fact
            inner join sen2.sen2__plan_version as version on fact.plan_key = version.plan_key
            inner join sen2.sen2__case as sen2_case
                on version.record_plan_key = sen2_case.plan_key and version.collection_year = sen2_case.collection_year
                and sen2_case.has_plan
            where fact.{key} not in (
                select {sent} from sen2.sen2__{table} where collection_year = sen2_case.collection_year
                union all select placement_record_id from sen2.sen2__placement_detail
                where collection_year = sen2_case.collection_year
                union all select record_id from sen2.sen2__left_out where collection_year = sen2_case.collection_year
            )
            """
        ).fetchone()
        assert missing == (0,), kind


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]


def _tell(world: World, person: str, given: str) -> None:
    """Put a person and what is known of them into core; each record belongs to the last one that can hold it."""
    last: dict[str, str] = {}
    values: dict[str, Any] = {}
    for number, part in enumerate(_parts(given)):
        kind, *pairs = shlex.split(part)
        values = {name: value for name, _, value in (pair.partition("=") for pair in pairs)}
        key = f"{person} {kind} {number}"
        own = {"source_file": "hand", "source_row": number}
        if kind == "person":
            world.person(person, has_ehc_record=True, **own, **values)
            continue
        if number == 0:
            world.person(person, has_ehc_record=True, **own)
        last[kind] = key
        if kind == "request":
            world.request(person, key, **own, **values)
        elif kind == "assessment":
            world.assessment(person, last["request"], key, **own, **values)
        elif kind == "plan":
            request = values.pop("request", last.get("request", ""))
            world.plan(person, key, request_key="" if request == "none" else request, **own, **values)
        elif kind in ("mediation", "appeal"):
            request = last["request"]
            world.fact("fct_appeal", appeal_key=key, person_key=person, request_key=request, kind=kind, **own, **values)
        else:
            of_plan = {"plan_key": last["plan"], "person_key": person} | own | values
            if kind in ("named", "attended"):
                world.fact("fct_placement", placement_key=key, kind=kind, **of_plan)
            else:
                world.fact(f"fct_{kind}", **{f"{kind}_key": key}, **of_plan)
