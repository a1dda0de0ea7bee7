"""No rule can be negated, loosened or moved by a day without a case going red.

It matters because a rule that no case pins down can be broken by the next edit, and nobody would see it. Every mutant
of every rule is judged over the records of tests/golden/sen2; one that leaves each case its findings survives.

Resolve a survivor by adding a case that tells it from the rule, with the expected rules from section 5.2 of the
reference. Where none can exist, because the mutant says the same of every record that can be, add a line with the
reason to tests/golden/sen2/equivalent_mutants.csv.
"""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Iterator

import duckdb
import pytest

from tests.unit.returns import sen2_case_records, sen2_cases, sen2_mutation
from tests.unit.returns import test_sen2_last_year_cases as last_year
from tests.unit.returns.sen2_case_records import Batch
from tests.unit.returns.sen2_mart import YEARS, insert
from tests.unit.returns.sen2_mutation import Model, Mutant
from warehouse import specification
from warehouse.returns.check import rules

# What a return as a whole or two people together can break is judged in cases that are a return of their own.
OF_A_RETURN = ("sen2__header_flags", "sen2__person_flags")
OF_A_RECORD = (
    "sen2__request_flags",
    "sen2__assessment_flags",
    "sen2__plan_flags",
    "sen2__plan_detail_flags",
    "sen2__active_plan_flags",
    "sen2__placement_flags",
    "sen2__need_flags",
)


def years_of_flags() -> dict[str, set[int]]:
    """Flag → the collection years in which it is a rule."""
    found: dict[str, set[int]] = defaultdict(set)
    for rule in specification.rows("rule"):
        if rule["is_implemented"] == "true" and rule["checked_by"] == "sql":
            found[rule["flag"]] |= {year for year in YEARS if specification.in_force(rule, year)}
    return found


IN_FORCE = years_of_flags()


def asks(rule: dict[str, str], year: int) -> bool:
    """Whether a year has all the items of a rule: without one of them its records cannot break it."""
    for item in rule["elements"].split():
        rows = [row for row in specification.rows("element") if row["element"] == item]
        rows = [row for row in rows if row["module"] == rule["module"]] or rows
        if rows and not any(specification.in_force(row, year) for row in rows):
            return False
    return True


class Bench:
    """The flags models over the records of the cases, without dbt."""

    def __init__(self) -> None:
        project = rules.Project(rules.variables(YEARS[0], demonstration=True) | {"collection_years": list(YEARS)})
        self.connection = duckdb.connect()
        tables = project.tables((*OF_A_RETURN, *OF_A_RECORD))
        rules.run(self.connection, [one for part in tables.values() for one in part if not one.name.endswith("_flags")])
        sen2_mutation.macros(self.connection)
        self.models = {}
        for name in (*OF_A_RETURN, *OF_A_RECORD):
            flags = {column for column, kind in project.columns(name).items() if kind == "boolean"}
            self.models[name] = Model.parse(name, project.render(name)[0], flags)
        insert(self.connection, rules.REGISTER, sen2_cases.register())
        insert(self.connection, rules.REGISTER_THEN, sen2_cases.register_then(YEARS))
        self.together, self.alone = sen2_case_records.batches(sen2_cases.cases())
        self._collect()

    def survivors(self) -> Iterator[Mutant]:
        for model in self.models.values():
            yield from self._flag_survivors(model)
        left = [mutant for model in self.models.values() for mutant in model.model_mutants()]
        for batch in (self.together, *self._telling()):
            sen2_case_records.load(self.connection, batch, "main")
            models = [name for name in self.models if self._judges(name, batch)]
            for name in models:
                self.connection.execute(
                    f"create or replace temp table original as {self._findings(self.models[name], batch)}"
                )
                left = [one for one in left if one.model != name or not self._differs(one, batch)]
        yield from left

    def moved_rules(self) -> Iterator[str]:
        """Rules whose years could begin or end a year earlier or later without a case going red."""
        for rule in specification.rows("rule"):
            if rule["flag"] not in self._fires:
                continue
            for how, year, gains in sen2_mutation.moved_windows(rule):
                if gains and (year in IN_FORCE[rule["flag"]] or not asks(rule, year)):
                    continue  # another row of the flag has that year (one level a year is a test of its own)
                if year not in self._fires[rule["flag"]]:
                    yield f"rule.csv {rule['flag']}: {how}, {year}"

    def _collect(self) -> None:
        """What flags are made of, for every record of every case, in a table per model."""
        for batch in (self.together, *self.alone):
            sen2_case_records.load(self.connection, batch, "main")
            for name, model in self.models.items():
                if self._judges(name, batch):
                    found = self.connection.execute(
                        "select count(*) from information_schema.tables where table_name = ?", [f"base_{name}"]
                    ).fetchone()
                    verb = f"insert into base_{name}" if found[0] else f"create table base_{name} as"
                    self.connection.execute(f"{verb} select {self._case(batch)} as of_case, * from ({model.base})")
        self._fires = {
            flag: {
                year
                for (year,) in self.connection.execute(
                    f"select distinct collection_year from base_{name} where {expression.sql('duckdb')}"
                ).fetchall()
            }
            for name, model in self.models.items()
            for flag, expression in model.flags.items()
        }

    def _judges(self, name: str, batch: Batch) -> bool:
        if batch is self.together:
            return name != "sen2__header_flags"
        return name in OF_A_RETURN

    def _telling(self) -> list[Batch]:
        """Returns of their own that are about more than one record: the others tell CTEs apart no better."""
        return [batch for batch in self.alone if any(one.startswith(("copy", "drop")) for one in batch[0][1].changes)]

    def _case(self, batch: Batch) -> str:
        """The number of the case that a record is of: its ids begin with it, and the header has none."""
        return "split_part(person_record_id, '/', 1)" if batch is self.together else f"'{batch[0][0]}'"

    def _flag_survivors(self, model: Model) -> list[Mutant]:
        mutants = [one for one in model.flag_mutants() if one.year is None or one.year in IN_FORCE[one.place]]

        def findings(flag: str, sql: str) -> str:
            return f"count(*) filter (collection_year in ({_listed(IN_FORCE[flag])}) and ({sql}))"

        counts = [f"{findings(flag, one.sql('duckdb'))} as {flag}" for flag, one in model.flags.items()]
        counts += [f"{findings(one.place, one.sql)} as m{place}" for place, one in enumerate(mutants)]
        tells = ", ".join(f"bool_or({one.place} <> m{place})" for place, one in enumerate(mutants))
        (told,) = self.connection.execute(
            f"select {tells} from (select {', '.join(counts)} from base_{model.name} group by of_case, collection_year)"
        ).fetchall()
        return [mutant for mutant, is_told in zip(mutants, told, strict=True) if not is_told]

    def _findings(self, model: Model, batch: Batch, mutant: Mutant | None = None) -> str:
        """How many findings of each flag every case has in each year."""
        names = sorted(mutant.flags if mutant else model.flags)
        counts = "".join(
            f", count(*) filter ({flag} and collection_year in ({_listed(IN_FORCE[flag])})) as {flag}" for flag in names
        )
        sql = mutant.sql if mutant else model.tree.sql("duckdb")
        return f"select {self._case(batch)} as of_case, collection_year{counts} from ({sql}) group by all"

    def _differs(self, mutant: Mutant, batch: Batch) -> bool:
        columns = ", ".join(("of_case", "collection_year", *sorted(mutant.flags)))
        (found,) = self.connection.execute(
            f"with mutant as ({self._findings(self.models[mutant.model], batch, mutant)}) "
            f"select exists (select {columns} from mutant except select {columns} from original)"
        ).fetchone()
        return bool(found)


class BetweenYears:
    """The rules that hold a return against the one before, over the lines of last_year.csv."""

    year = 2026

    def __init__(self) -> None:
        project = last_year.project(self.year)
        spec = ("sen2__code", "sen2__element_year", "rule_code", "rule_parameter")
        tables = project.tables((*rules.RECORDS, *spec, last_year.MODEL))
        self.derived = [one for one in tables["derived"] if one.name.startswith("sen2__last_year")]
        self.connection = duckdb.connect()
        others = [one for one in tables["derived"] if one not in self.derived]
        rules.run(self.connection, [*tables["given"], *others])
        sen2_mutation.macros(self.connection)
        self.models = [Model.parse(one.name, project.render(one.name)[0], set()) for one in self.derived]

    def survivors(self) -> list[Mutant]:
        left = [mutant for model in self.models for mutant in model.model_mutants()]
        for numbers in last_year.batches():
            of_years = last_year.returns(numbers, self.year)
            sen2_case_records.load_years(self.connection, of_years, "main")
            rules.run(self.connection, self.derived)
            original = last_year.findings(self.connection, numbers)
            left = [mutant for mutant in left if self._findings(mutant, numbers) == original]
        return left

    def _findings(self, mutant: Mutant, numbers: list[int]) -> dict[int, Counter[str]]:
        for table in self.derived:
            sql = f'create or replace table "{table.name}" as {mutant.sql}' if table.name == mutant.model else table.sql
            self.connection.execute(sql)
        return last_year.findings(self.connection, numbers)


def _listed(years: set[int]) -> str:
    return ", ".join(map(str, sorted(years)))


def equivalent() -> dict[str, str]:
    """Mutants that no record can tell from the rule, and why."""
    with (sen2_cases.FOLDER / "equivalent_mutants.csv").open(encoding="utf-8", newline="") as handle:
        return {row["mutant"]: row["why"] for row in csv.DictReader(handle)}


@pytest.fixture(scope="module")
def bench() -> Bench:
    return Bench()


def test_every_mutant_of_a_rule_is_told_from_the_rule(bench: Bench) -> None:
    survivors = {mutant.name for mutant in (*bench.survivors(), *BetweenYears().survivors())}
    listed = equivalent()
    assert not survivors - set(listed), "\n".join(sorted(survivors - set(listed)))
    assert not set(listed) - survivors, "no such survivor any more:\n" + "\n".join(sorted(set(listed) - survivors))
    assert all(listed.values()), "an equivalent mutant without a reason"


def test_no_rule_can_begin_or_end_a_year_earlier_or_later(bench: Bench) -> None:
    assert not list(bench.moved_rules()), "\n".join(bench.moved_rules())
