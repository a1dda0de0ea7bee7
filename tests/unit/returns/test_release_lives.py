"""DfE's tables of single lives, worked on paper from the definitions: each in these cells, and in no other.

It matters because a child counted twice, or not at all, moves a published figure and is seen by nobody. To add a
life, add a line to tests/golden/sen2/release/lives.csv; its README says how. Resolve a failure by reading the row of
the column in warehouse/spec/returns/sen2/release_column.csv: either the SQL is wrong, or the paper is.
"""

from __future__ import annotations

import re

import pytest

from tests.unit.returns import release_lives
from tests.unit.returns.release_lives import BY_LIFE, LIVES, Identity, Tables, counted, release_identities, sums, totals
from tests.unit.returns.sen2_mart import YEARS


@pytest.fixture(scope="module")
def tables() -> Tables:
    return release_lives.tables()


def total_of(table: str) -> str:
    return "true" if table == "phase_transfers" else "breakdown_topic = breakdown"


@pytest.mark.parametrize("number", range(len(LIVES)), ids=[life.case.rule_id for life in LIVES])
def test_life(tables: Tables, number: int) -> None:
    life = LIVES[number]
    found = {}
    for table in BY_LIFE:
        where = f"{total_of(table)} and person_record_id = ? and collection_year = ?"
        for row in tables.rows(f"life_{table}", where, f"{number}/0", life.year):
            # Numbers of people that are not 0, and other figures where the life names one.
            found |= {(table, column): row[column] for column in counted(table) if row[column]}
            found |= {(table, column): row[column] for of, column in life.cells if of == table and column in row}
    assert found == life.cells
    for (table, topic), labels in life.rows.items():
        where = "person_record_id = ? and collection_year = ? and breakdown_topic = ?"
        rows = tables.rows(f"life_{table}", where, f"{number}/0", life.year, topic)
        assert {row["breakdown"] for row in rows} == labels, table


@pytest.mark.parametrize("year", YEARS)
def test_all_lives_together_are_the_sum_of_each(tables: Tables, year: int) -> None:
    for table in BY_LIFE:
        rows = tables.rows(f"sen2__release_{table}", f"{total_of(table)} and collection_year = ?", year)
        for column in counted(table):
            paper = sum(life.cells.get((table, column), 0) for life in LIVES if life.year == year)
            assert sum(row[column] or 0 for row in rows) == paper, f"{table}.{column}"


def test_what_adds_up_in_dfe_s_tables_adds_up_in_ours(tables: Tables) -> None:
    assert not tables.connection.execute(release_identities()).fetchall()


@pytest.mark.parametrize("identity", sums() + totals(), ids=lambda identity: identity.name)
def test_each_identity_sees_a_total_row_that_is_off(tables: Tables, identity: Identity) -> None:
    """One too many or, of what is at least so many, a thousand too few; a null in the sum would hide it."""
    connection = tables.connection
    more = -1000 if ">=" in identity.name else 1
    has_breakdowns = "breakdown" in tables.rows(identity.table, "true")[0]
    column = identity.left.split(" + ")[0]
    connection.execute("begin")
    try:
        connection.execute(
            f"update {identity.table} set {column} = {column} + ? where collection_year = 2026"
            + (" and breakdown = breakdown_topic" if has_breakdowns else ""),
            [more],
        )
        broken = connection.execute(
            f"select distinct collection_year from ({release_identities()}) where identity = ?", [identity.name]
        ).fetchall()
    finally:
        connection.execute("rollback")
    assert broken == [(2026,)]


def test_no_identity_is_left_out() -> None:
    """A name that is not read would go untested."""
    named = set(re.findall(r"'([^']+)'\s+as identity", release_identities()))
    assert {identity.name for identity in sums() + totals()} == named


def paper(table: str, column: str, year: int = 2026) -> float:
    """How many lives of a year count in a cell of the total row."""
    return sum(life.cells.get((table, column), 0) or 0 for life in LIVES if life.year == year)


def test_headline(tables: Tables) -> None:
    """By the paper: counts as they stand, percentages with one decimal, halves up."""
    found = {row["measure_id"]: row for row in tables.rows("sen2__release_headline", "collection_year = 2026")}
    assert found["plans_in_force"]["value"] == paper("caseload", "ehcplans")
    part, whole = paper("requests", "request_outcome_six_weeks"), paper("requests", "requests_decided_in_year")
    assert (found["requests_six_weeks"]["numerator"], found["requests_six_weeks"]["denominator"]) == (part, whole)
    assert found["requests_six_weeks"]["value"] == (2000 * part + whole) // (2 * whole) / 10
    out = ("neet", "neet_ntci", "neet_other", "neet_other_csa", "elective_home_education", "other_arrangements_la")
    assert found["out_of_school"]["numerator"] == sum(paper("caseload", column) for column in out) == 7
    assert found["personal_budget"]["denominator"] == found["plans_in_force"]["value"]
    assert found["weeks_to_issue"]["numerator"] is None
    assert {row["status"] for row in found.values()} == {"published", "tested", "derived"}


def test_mediation_and_appeal_may_take_plans_out_of_the_20_weeks() -> None:
    """The setting that the reference leaves to a council: 7.2, step 4. One life of 2026 has such a mark and a plan."""
    other = Tables(timeliness_drops_mediation=True)
    (row,) = other.rows("sen2__release_timeliness_20_week", "collection_year = 2026 and breakdown_topic = breakdown")
    assert row["plans_issued_den"] == paper("timeliness_20_week", "plans_issued_den") - 1


def test_residence_may_be_read_from_the_plan() -> None:
    """Hole O17. Of 2026 one life has 52 weeks in the plan alone, two at the placement alone."""
    other = Tables({"residential_from": 2})
    (row,) = other.rows("sen2__release_residential_settings", "collection_year = 2026 and breakdown_topic = breakdown")
    assert (row["res_52"], row["res_tot"]) == (1, 1)
