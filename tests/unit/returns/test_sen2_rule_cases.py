"""Every rule, over records made by hand: it fires where the case says so, and stays silent just beside it.

A case names every rule that should fire and how often, so a finding too many fails as well as one too few. To add a
case, add a line to tests/golden/sen2/cases; its README says how. Resolve a failure by reading the rule in section 5.2
of the reference: either the flag is wrong, or the case is.
"""

from __future__ import annotations

from collections import Counter, defaultdict

import duckdb
import pytest

from tests.unit.returns import sen2_case_records, sen2_cases
from tests.unit.returns.sen2_mart import YEARS, Mart, insert
from warehouse import specification
from warehouse.returns.check import rules

CASES = sen2_cases.cases()
# These need two returns: test_sen2_last_year_cases.py. What only a file shows, H12, is in test_sen2_structure_cases.py.
BETWEEN_YEARS = ("X03", "X04", "X05", "X06")
FLAGS = (
    "sen2__header_flags",
    "sen2__person_flags",
    "sen2__request_flags",
    "sen2__assessment_flags",
    "sen2__plan_flags",
    "sen2__plan_detail_flags",
    "sen2__active_plan_flags",
    "sen2__placement_flags",
    "sen2__need_flags",
)


@pytest.fixture(scope="module")
def fired(mart: Mart, tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[int, int], list[tuple[str, str]]]:
    """(number of the case, collection year) → its findings, each as (flag, level)."""
    found: dict[tuple[int, int], list[tuple[str, str]]] = defaultdict(list)
    database = mart.copy(tmp_path_factory.mktemp("cases")).database
    together, alone = sen2_case_records.batches(CASES)
    with duckdb.connect(str(database)) as connection:
        insert(connection, "core.dim_establishment", sen2_cases.register())
        insert(connection, "core.dim_establishment_on_census_day", sen2_cases.register_then(YEARS))
        for batch in (together, *alone):
            sen2_case_records.load(connection, batch)
            # What a return as a whole or two people together can break is judged in the first two alone.
            judged = FLAGS if batch is together else FLAGS[:2]
            for model in (*judged, "sen2__rule_hit"):
                connection.execute(f"create or replace table sen2.{model} as {mart.compiled[model]}")
            for year, record_id, flag, level in connection.execute(
                "select collection_year, person_record_id, flag, level from sen2.sen2__rule_hit"
            ).fetchall():
                if record_id is not None:
                    found[int(record_id.split("/")[0]), year].append((flag, level))
                elif batch is not together:
                    found[batch[0][0], year].append((flag, level))
            for model in FLAGS:
                connection.execute(f"delete from sen2.{model}")
    return found


@pytest.mark.parametrize("number", range(len(CASES)), ids=lambda number: CASES[number].name)
def test_case(fired: dict[tuple[int, int], list[tuple[str, str]]], number: int) -> None:
    case = CASES[number]
    years = [year for year in YEARS if case.in_year(year)]
    assert years, "the case is for no year"
    for year in years:
        found = fired[number, year]
        assert Counter(flag.upper() for flag, _ in found) == case.counts, f"in {year}"
        for flag, level in case.levels.items():
            assert all(one == (flag.lower(), level) for one in found if one[0].upper() == flag), f"in {year}"


def test_every_rule_that_is_written_fires_and_stays_silent_somewhere() -> None:
    """In each year in which a rule is in force it has a case that fires, and one of its own that does not."""
    missing = []
    for rule in specification.rows("rule"):
        if rule["is_implemented"] != "true" or rule["checked_by"] != "sql" or rule["rule_id"] in BETWEEN_YEARS:
            continue
        for year in (year for year in YEARS if specification.in_force(rule, year)):
            mine = [case for case in CASES if case.in_year(year) and case.rule_id == rule["rule_id"]]
            flag = rule["flag"].upper()
            if not any(flag in case.counts for case in mine):
                missing.append(f"{flag} never fires in {year}")
            if not any(flag not in case.counts for case in mine):
                missing.append(f"{flag} is never silent in {year}")
    assert not missing, "\n".join(missing)


def test_without_a_register_nothing_is_said_of_a_well_formed_urn() -> None:
    """D03 and L03: a URN of the right form cannot be looked up; one of the wrong form is wrong all the same."""
    project = rules.Project(rules.variables(2026, demonstration=True))
    tables = project.tables(("sen2__plan_detail_flags", "sen2__placement_flags"))
    fired = {}
    with duckdb.connect() as connection:
        rules.run(connection, tables["given"])
        for urn in ("999999", "12AB"):
            for record in ("plan_detail", "placement_detail"):
                rows = [{"collection_year": 2026, "URN": urn, "request_record_id": urn}]
                insert(connection, f"sen2__{record}", rows)
        rules.run(connection, tables["derived"])
        for model, flag in (("plan_detail", "d03"), ("placement", "l03_d03")):
            found = connection.execute(f"select request_record_id, {flag} from sen2__{model}_flags").fetchall()
            fired[flag] = dict(found)
    assert fired == {flag: {"999999": False, "12AB": True} for flag in ("d03", "l03_d03")}


@pytest.mark.parametrize(("own", "fires"), [({}, {43}), ({"R15.days": 35}, {36, 42, 43}), ({"A17.days": 35}, {43})])
def test_a_council_may_set_a_threshold(own: dict[str, int], fires: set[int]) -> None:
    """R15 asks after 42 days; a council that wants to be asked after 35 is, and other rules are as they were."""
    project = rules.Project(rules.variables(2026, demonstration=True) | {"thresholds": own})
    tables = project.tables(("sen2__request_flags",))
    with duckdb.connect() as connection:
        rules.run(connection, tables["given"])
        ids = {"collection_year": 2026, "person_record_id": "1"}
        insert(connection, "sen2__person", [ids])
        decided = {35: "2025-02-05", 36: "2025-02-06", 42: "2025-02-12", 43: "2025-02-13"}  # from 1 January
        for days, day in decided.items():
            request = {"RequestOutcome": "N", "ReceivedDate": "2025-01-01", "RequestOutcomeDate": day}
            insert(connection, "sen2__requests", [ids | {"request_record_id": str(days)} | request])
        rules.run(connection, tables["derived"])
        found = connection.execute("select request_record_id from sen2__request_flags where r15").fetchall()
    assert {int(days) for (days,) in found} == fires


@pytest.mark.parametrize(("year", "fires"), [(2023, True), (2024, False)])
def test_a_threshold_of_the_council_counts_in_the_years_of_its_row(year: int, fires: bool) -> None:
    """N18 lets people of an adult estate go from 2024 alone; before, nobody under 25 was too old (section 3.4)."""
    project = rules.Project(rules.variables(year) | {"thresholds": {"N18.adult_estate_age": 18}})
    tables = project.tables(("sen2__plan_flags",))
    with duckdb.connect() as connection:
        rules.run(connection, tables["given"])
        ids = {"collection_year": year, "person_record_id": "1"}
        insert(connection, "sen2__person", [ids | {"PersonBirthDate": f"{year - 19}-06-01"}])
        plan = {"request_record_id": "1", "CeaseDate": f"{year - 1}-09-01", "CeaseReason": "1"}
        insert(connection, "sen2__named_plan", [ids | plan])
        rules.run(connection, tables["derived"])
        assert connection.execute("select n18 from sen2__plan_flags").fetchall() == [(fires,)]


def test_upn_vectors() -> None:
    """The check letters of the cases are worked out as the reference's valid numbers have them."""
    assert sen2_cases.upn(200126001) == "C201200126001"
