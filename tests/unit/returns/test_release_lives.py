"""DfE's tables of single lives, worked on paper from the definitions: each in these cells, and in no other.

It matters because a child counted twice, or not at all, moves a published figure and is seen by nobody. To add a
life, add a line to tests/golden/sen2/release/lives.csv; its README says how. Resolve a failure by reading the row of
the column in warehouse/spec/returns/sen2/release_column.csv: either the SQL is wrong, or the paper is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import duckdb
import pytest

from tests.unit.returns import sen2_case_records, sen2_cases
from tests.unit.returns.release_lives import counted, lives, release_identities
from tests.unit.returns.sen2_mart import YEARS, insert
from warehouse import specification
from warehouse.returns.check import rules

LIVES = lives()
MODELS = [f"sen2__release_{row['release_table']}" for row in specification.rows("release_table")] + [
    "sen2__release_headline"
]
BY_LIFE = [
    row["release_table"] for row in specification.rows("release_table") if row["release_table"] != "designated_officers"
]
# None of the register that the rules' cases speak of is a special free school.
FREE_SCHOOL = {"urn": "900036", "type_code": "36", "is_state_mainstream": False}


class Tables:
    """The tables of all lives, together and one by one."""

    def __init__(self, **variables: object):
        project = rules.Project(rules.variables(2026, demonstration=True) | {"collection_years": YEARS} | variables)
        made = project.tables([*rules.RECORDS, *MODELS])
        self.connection = duckdb.connect()
        rules.run(self.connection, made["given"])
        groups = {row["code"]: row["setting_group"] for row in specification.rows("code_gias_type")}
        register = [*sen2_cases.register(), FREE_SCHOOL]
        insert(
            self.connection,
            rules.REGISTER,
            [school | {"setting_group": groups[school["type_code"]]} for school in register],
        )
        people = [(number, life.case) for number, life in enumerate(LIVES)]
        sen2_case_records.load(self.connection, people, schema="main")
        rules.run(self.connection, made["derived"])
        for table in BY_LIFE:
            (sql,) = (one.sql for one in made["derived"] if one.name == f"sen2__release_{table}")
            self.connection.execute(by_life(sql, f"life_{table}"))

    def rows(self, table: str, where: str, *values: object) -> list[dict[str, object]]:
        found = self.connection.execute(f"select * from {table} where {where}", list(values))
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def by_life(sql: str, name: str) -> str:
    """The SQL of a table, with a row for each life in the place of one for all."""
    sql, times = re.subn(r"(counted as \(\s+select\s+)collection_year", r"\1person_record_id, collection_year", sql)
    sql, more = re.subn(r"group by collection_year", "group by person_record_id, collection_year", sql)
    sql, again = re.subn(
        r"select\s+counted\.collection_year", "select counted.person_record_id, counted.collection_year", sql
    )
    assert (times, more, again) == (1, 1, 1), name
    return re.sub(r"create or replace table \S+", f"create or replace table {name}", sql)


@pytest.fixture(scope="module")
def tables() -> Iterator[Tables]:
    made = Tables()
    yield made
    made.connection.close()


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
