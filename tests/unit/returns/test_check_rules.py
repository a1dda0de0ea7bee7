"""The checker has the warehouse's rules and no others: it renders what dbt compiles, and the cases hold in files.

Resolve a difference in text in `rules.py`, which has to follow dbt; never by writing SQL there. A case that holds in
the mart and not in a file is a fault of the reader.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.unit.returns import sen2_cases, sen2_files
from tests.unit.returns.sen2_mart import YEARS, Mart, insert
from warehouse import duck, specification
from warehouse.returns.check import judge, read, rules

CASES = sen2_cases.cases()
DERIVED = [table.name for table in rules.Project(rules.variables(2026)).tables([rules.FINDINGS])["derived"]]


def test_every_flag_is_there() -> None:
    flags = {file.stem for file in (rules.MODELS / "marts" / "sen2").glob("*_flags.sql")}
    assert flags <= set(DERIVED)


@pytest.mark.parametrize("model", [name for name in DERIVED if name.startswith("sen2__")])
def test_rendered_as_dbt_compiles_it(mart: Mart, model: str) -> None:
    compiled = re.sub(r'"\w+"\."\w+"\.("\w+")', r"\1", mart.compiled[model])
    rendered, _ = rules.Project({**mart.settings.dbt_vars()}).render(model)
    assert rules.normal(rendered) == rules.normal(compiled)


def test_spec_files_are_typed_as_dbt_seeds_them(mart: Mart) -> None:
    """A code that looks like a number stays text, a year is a number: a wrong type compares wrongly, in silence."""
    given = rules.Project(rules.variables(2026)).tables([rules.FINDINGS])["given"]
    with duck.memory() as mine, duck.reader(mart.database) as theirs:
        rules.run(mine, given)
        for name in (table.name for table in given if table.name not in rules.GIVEN):
            query = "select * from {} order by all"
            rows = theirs.execute(query.format(f"spec.{name}")).fetchall()
            assert mine.execute(query.format(name)).fetchall() == rows, name


@pytest.mark.parametrize("year", YEARS)
def test_cases_of_the_golden_folder_hold_in_a_file(year: int, tmp_path: Path) -> None:
    """All cases of a year as the people of one file, values as they are: the same rules fire as in the mart."""
    cases = [case for case in CASES if case.in_year(year) and not case.alone]
    file = sen2_files.write(tmp_path / "cases.xml", sen2_files.xml(cases, year))
    message = read.message_for(None, read.year_of(file))
    assert message.year == year
    columns, tables = judge.program(year, True)
    with duck.memory() as connection:
        rules.run(connection, tables["given"])
        insert(connection, rules.REGISTER, sen2_cases.register())
        insert(connection, rules.REGISTER_THEN, sen2_cases.register_then((year,)))
        reader = judge.load(connection, columns, message, file)
        rules.run(connection, tables["derived"])
        assert {kind for kind, _ in reader.counts} == {"too_many"}  # cases of three settings and three needs
        fired: dict[int, set[str]] = {}
        for person, flag in connection.execute(
            f"select cast(person_record_id as integer), upper(flag) from {rules.FINDINGS}"
            " where person_record_id is not null"
        ).fetchall():
            fired.setdefault(person, set()).add(flag)
    position = 0
    for number, case in enumerate(cases):
        _, people = sen2_cases.build(case, number)
        mine: set[str] = set()
        for _ in people:
            position += 1
            mine |= fired.get(position, set())
        assert mine == set(case.counts), case.name
    assert position == reader.people


def test_header_cases_hold_in_a_file(tmp_path: Path) -> None:
    """What the return as a whole can break; H08 looks at the day of the build, which a file does not tell."""
    year = 2026
    told = [case for case in CASES if case.in_year(year) and case.alone and case.rule_id != "H08"]
    # One that fires and one that does not, of each rule: the others differ in nothing that a file could change.
    cases = list({(case.rule_id, bool(case.counts)): case for case in reversed(told)}.values())
    assert len(cases) > 10
    columns, tables = judge.program(year, True)
    with duck.memory() as connection:
        rules.run(connection, tables["given"])
        insert(connection, rules.REGISTER, sen2_cases.register())
        insert(connection, rules.REGISTER_THEN, sen2_cases.register_then((year,)))
        for case in cases:
            file = sen2_files.write(tmp_path / "case.xml", sen2_files.xml([case], year))
            for name in rules.RECORDS:
                connection.execute(f"delete from {name}")
            judge.load(connection, columns, read.message_for(year, None), file)
            rules.run(connection, tables["derived"])
            fired = {flag for (flag,) in connection.execute(f"select upper(flag) from {rules.FINDINGS}").fetchall()}
            assert fired == set(case.counts), case.name


def test_what_needs_the_register_is_named() -> None:
    """Rules whose flags read the register are said not to have run without one: named by rule, and each exists."""
    known = {row["rule_id"] for row in specification.rows("rule")}
    assert set(judge.NEEDS_REGISTER) <= known
