"""Explanations answer queries and warnings, and nothing else; what no longer explains anything is said. Expected states
are by hand, from what docs/guides/answer-a-query.md promises.

It endangers the return: a query taken for answered is one that nobody looks at. Resolve in
sen2__finding_explanation.sql and sen2__explanation.sql.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from tests.unit.returns.findings_by_hand import Findings
from warehouse import specification
from warehouse.returns import findings as files
from warehouse.returns import findings_book
from warehouse.returns.check import rules

# SEN2-L13 is a query: two main placements. Of one child, in one record.
FINDING = {
    "person_record_id": "P1",
    "ehc_person_id": "P1",
    "person_key": "key of P1",
    "request_record_id": "R1",
    "record_id": "L1",
}


@pytest.fixture(scope="module")
def made() -> Iterator[Findings]:
    found = Findings()
    yield found
    found.close()


@pytest.fixture
def world(made: Findings) -> Findings:
    """One query about one placement, whose values are known."""
    made.empty()
    made.record(
        "placement_detail",
        person_record_id="P1",
        request_record_id="R1",
        placement_record_id="L1",
        PlacementRank="1",
        EntryDate="2025-09-01",
    )
    made.hit("l13", **FINDING)
    return made


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"collection_year": 2026},
        {"ehc_person_id": "P1"},
        {"person_record_id": "P1"},
        {"ehc_person_id": "another number of P1", "ehc_person_key": "key of P1"},
        {"person_record_id": "another number of P1", "record_person_key": "key of P1"},
        {"request_record_id": "R1"},
        {"record_id": "L1"},
        {"pattern": "EntryDate=2025-09-01"},
        {"pattern": "entrydate=2025-09-*"},
        {"pattern": "EntryDate=2025-0?-01"},
        {"pattern": "LeavingDate="},
        {"pattern": "PlacementRank=1; EntryDate=2025-09-01; LeavingDate="},
        {"pattern": "PlacementRank=1; EntryDate=2025-09-01"},
        {"pattern": "*"},
        {"explained_until": "2027-01-21"},  # its last day is the as-at date
        FINDING | {"person_key": None, "pattern": "LeavingDate=", "collection_year": 2026},
    ],
    ids=str,
)
def test_it_fits(world: Findings, told: dict[str, Any]) -> None:
    key = world.explain("L13", **{name: value for name, value in told.items() if name != "person_key"})
    world.judge()
    assert world.answers() == {"finding 0": key}
    assert world.states() == {(key, 2026): "used"}


@pytest.mark.parametrize(
    "told",
    [
        {"rule_id": "L12"},
        {"collection_year": 2025},
        {"ehc_person_id": "P2"},
        {"person_record_id": "P2"},
        {"ehc_person_id": "P2", "ehc_person_key": "key of P2"},
        {"request_record_id": "R2"},
        {"record_id": "L2"},
        {"pattern": "EntryDate=2025-09-02"},
        {"pattern": "EntryDate=2025-09"},  # the whole value, unless a * says otherwise
        {"pattern": "EntryDate="},
        {"pattern": "EntryDate=2025_09_01"},  # only * and ? stand for others
        {"pattern": "%"},
        {"pattern": "EntryDate=2025-09-01?"},
        {"ehc_person_id": "P1", "record_id": "L2"},  # all that is filled in has to fit
    ],
    ids=str,
)
def test_it_does_not_fit(world: Findings, told: dict[str, Any]) -> None:
    key = world.explain(**{"rule_id": "L13"} | told)
    world.judge()
    assert world.answers() == {}
    assert set(world.states().values()) <= {"matches_nothing", "not_a_query"}
    assert {explanation for explanation, _ in world.states()} == {key}


def test_signs_in_values_are_themselves(made: Findings) -> None:
    """A value may hold what SQL takes for a sign."""
    made.empty()
    made.record("person", person_record_id="P1", PostCode="1_0%!")
    key = made.hit("p12", person_record_id="P1")
    answer = made.explain("P12", pattern="PostCode=1_0%!")
    made.judge()
    assert made.answers() == {key: answer}


@pytest.mark.parametrize(
    ("rule_id", "told", "state"),
    [
        ("L13", {}, "used"),
        ("L13", {"explained_until": "2027-01-20"}, "expired"),
        ("L13", {"record_id": "L2"}, "matches_nothing"),
        ("L13", {"is_readable": False}, "unreadable"),
        ("L99", {}, "unknown_rule"),
        ("", {}, "unknown_rule"),
        ("P08", {}, "not_a_query"),  # an error, whether found or not
        ("P08", {"explained_until": "2027-01-20"}, "not_a_query"),
        ("H12", {}, "not_a_query"),  # of the written file
        ("L03", {}, "not_a_query"),  # here an error is found, though the rule has queries too
    ],
)
def test_states(world: Findings, rule_id: str, told: dict[str, Any], state: str) -> None:
    world.hit("p08", person_record_id="P1")
    world.hit("l03_d03", person_record_id="P1", request_record_id="R1", record_id="L1")
    key = world.explain(rule_id, collection_year=2026, **told)
    world.judge()
    assert world.states() == {(key, 2026): state}
    assert world.answers() == ({"finding 0": key} if state == "used" else {})


@pytest.mark.parametrize("flag", ["t01", "t04", "t05", "l01"])
def test_errors_with_which_returns_were_accepted_may_be_explained(made: Findings, flag: str) -> None:
    """The reference, after 5.2: errors that a council can override with a reason."""
    made.empty()
    key = made.hit(flag, person_record_id="P1", request_record_id="R1")
    answer = made.explain(flag.upper(), collection_year=2026)
    made.judge()
    assert made.states() == {(answer, 2026): "used"}
    assert made.answers() == {key: answer}


def test_of_a_rule_with_errors_and_queries_the_queries_are_answered(world: Findings) -> None:
    error = world.hit("l03_d03", **FINDING)
    query = world.hit("l03_d15", **FINDING)
    key = world.explain("L03")
    world.judge()
    assert world.answers() == {query: key}
    assert world.states() == {(key, 2026): "used"}
    assert error not in world.answers()


def test_one_that_names_no_year(world: Findings) -> None:
    """It is shown where it fits; where it fits nothing, in every year, for somebody has to see it."""
    world.hit("l13", 2027, **FINDING)
    fits, fits_not = world.explain("L13"), world.explain("L13", record_id="gone")
    world.judge()
    assert world.states() == {
        (fits, 2026): "used",
        (fits, 2027): "used",
        **{(fits_not, year): "matches_nothing" for year in (2025, 2026, 2027)},
    }


def test_one_of_a_year_does_not_carry_to_the_next(world: Findings) -> None:
    next_year = world.hit("l13", 2027, **FINDING)
    world.explain("L13", collection_year=2026)
    world.judge()
    assert next_year not in world.answers()


def test_one_of_a_year_that_is_not_built_is_not_lost(world: Findings) -> None:
    key = world.explain("L13", collection_year=2019)
    world.judge()
    assert world.states() == {(key, 2019): "matches_nothing"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            {"record_id": "L1"},
            {"request_record_id": "R1", "ehc_person_id": "P1", "pattern": "*", "collection_year": 2026},
        ),
        ({"request_record_id": "R1"}, {"ehc_person_id": "P1", "pattern": "*", "collection_year": 2026}),
        ({"ehc_person_id": "P1"}, {"pattern": "*", "collection_year": 2026}),
        ({"pattern": "*"}, {"collection_year": 2026}),
        ({"collection_year": 2026}, {}),
        ({"explained_on": "2027-02-01"}, {"explained_on": "2027-01-31"}),
        ({}, {"record_id": "L1", "explained_until": "2027-01-20"}),  # past its day it answers nothing, however narrow
    ],
    ids=str,
)
def test_the_narrowest_answers_then_the_latest(world: Findings, one: dict[str, Any], other: dict[str, Any]) -> None:
    loser = world.explain("L13", **{"explained_on": "2027-01-31"} | other)
    winner = world.explain("L13", **{"explained_on": "2027-01-30"} | one)
    world.judge()
    assert world.answers() == {"finding 0": winner}
    assert world.states()[loser, 2026] in ("used", "expired")


_SOME = st.sampled_from
_EXPLANATIONS = st.lists(
    st.fixed_dictionaries(
        {"rule_id": _SOME(["L13", "L03", "P08", "P11", "X99"])},
        optional={
            "collection_year": _SOME([2025, 2026, 2019]),
            "ehc_person_id": _SOME(["P1", "P2", "P3"]),
            "record_id": _SOME(["L1", "L2"]),
            "pattern": _SOME(["*", "EntryDate=*", "URN=?", "PostCode="]),
            "explained_until": _SOME(["2027-01-20", "2027-01-21"]),
            "is_readable": st.booleans(),
        },
    ),
    max_size=6,
)


@settings(max_examples=25, deadline=None)
@given(told=_EXPLANATIONS)
def test_no_explanation_takes_a_finding_away(made: Findings, told: list[dict[str, Any]]) -> None:
    """However the findings are explained, they are as many as before, and errors stay open."""
    made.empty()
    for flag in ("l13", "l03_d03", "l03_d15", "p08", "p11"):
        for person in ("P1", "P2"):
            made.hit(flag, **FINDING | {"person_record_id": person, "ehc_person_id": person})
    for explanation in told:
        made.explain(**explanation)
    made.judge()
    found = made.connection.execute("select count(*), count(distinct finding_key) from sen2__finding").fetchone()
    assert found == (10, 10)
    levels = "select distinct level from sen2__finding where is_explained"
    assert ("E",) not in made.connection.execute(levels).fetchall()
    explained = made.connection.execute("select count(*) from sen2__finding where is_explained").fetchone()
    counted = made.connection.execute("select coalesce(sum(explained_count), 0) from sen2__explanation").fetchone()
    assert explained == counted
    seen = made.connection.execute("select count(distinct explanation_key) from sen2__explanation").fetchone()
    assert seen == (len(told),)


def test_headings_of_the_findings_are_headings_of_the_explanations() -> None:
    """A row of findings.csv or of the workbook, with a reason filled in, says which finding it explains."""
    extract = specification.extract("council", "sen2_explanation")
    wanted = {
        "rule_id",
        "collection_year",
        "person_record_id",
        "request_record_id",
        "record_id",
        "pattern",
        "reason",
        "explained_by",
        "explained_on",
        "explained_until",
    }
    book = [column.heading for column, _ in findings_book.OPEN]
    for headings, named in ((files.SHEET_COLUMNS, wanted | {"ehc_person_id"}), (book, wanted)):
        taken = [column.name for heading in headings for column in extract.columns if column.accepts(heading)]
        assert sorted(taken) == sorted(named)


@pytest.mark.parametrize(
    ("model", "entity"),
    [("fct_request", "request"), ("fct_plan", "plan"), ("fct_placement", "placement"), ("fct_need", "need")],
)
def test_a_record_keeps_its_number_whatever_else_arrives(model: str, entity: str) -> None:
    """What an explanation names is a hash of the case system's own key and of nothing beside it: no row number, no day.

    Resolve: make the key in core of the columns that the source YAML declares as the key of the extract.
    """
    sql = (rules.MODELS / "core" / f"{model}.sql").read_text(encoding="utf-8")
    made_of = re.search(rf"key\('{entity}', \[([^\]]*)\]\) \}}\}} as {entity}_key", sql)
    assert made_of, f"{model}.sql makes no {entity}_key"
    columns = [column.strip(" '").split(".")[-1] for column in made_of.group(1).split(",")]
    assert columns == list(specification.extract("ehc", entity).key)
