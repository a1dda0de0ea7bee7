"""The demonstration county end to end: what the generator planted is found, and what it did not plant is not.

The oracle is `expected_findings.csv`, written by the generator before anything is landed. Each kind of check has one
query that says which of the planted rows the finished warehouse shows.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from lxml import etree

from warehouse import duck, pipeline
from warehouse.publish import equity
from warehouse.specification import rows

if TYPE_CHECKING:
    import duckdb

    from tests.conftest import County

# Per kind of check: of the planted rows in `expected`, those that the warehouse found, as (fault_id, source_row).
FOUND = {
    "rule": """
        select fault_id, source_row from expected
        where exists (
            select 1 from sen2.sen2__finding as f
            where f.rule_id = expected.expected_check and f.ehc_person_id = expected.person_id
                and coalesce(expected.collection_year, f.collection_year::varchar) = f.collection_year::varchar
        )""",
    # The last of the rows with one key is kept, so of a pair one is refused.
    "staging:duplicate_key": """
        select fault_id, source_row from expected
        where exists (
            select 1 from quality.rpt_quality__reject as r
            inner join expected as e on r.source_file = e.source_file and r.source_row = e.source_row::bigint
            where r.reason = 'duplicate_key' and e.fault_id = expected.fault_id
                and (e.person_id = expected.person_id or e.source_row = expected.source_row)
        )""",
    "staging": """
        select fault_id, source_row from expected
        where exists (
            select 1 from quality.rpt_quality__cell_issue as c
            where c.source_file = expected.source_file and c.source_row = expected.source_row::bigint
                and c.problem = split_part(expected.expected_check, ':', 2)
        )""",
    "landing": """
        select fault_id, source_row from expected
        where exists (
            select 1 from quality.rpt_quality__receipt as r
            where r.file_name = expected.source_file and r.status = 'quarantined'
                and r.reason_code = split_part(expected.expected_check, ':', 2)
        )""",
    # The case record and the school's, which know each other by an old number only, are one person.
    "link:former_upn": """
        select fault_id, source_row from expected
        where exists (
            select 1 from core.bridge_person_identity as mine
            inner join core.bridge_person_identity as school on mine.person_key = school.person_key
            where mine.source = 'ehc' and mine.source_person_id = expected.person_id and school.source = 'school_census'
        )""",
    "link:former_upn_of_nobody": """
        select fault_id, source_row from expected
        where exists (
            select 1 from quality.rpt_quality__record_issue as r
            where r.source = 'ctf' and r.issue = 'former_upn_of_nobody'
                and r.source_file = expected.source_file and r.source_row = expected.source_row::bigint
        )""",
    "link:kept_apart": """
        select fault_id, source_row from expected
        where (
            select count(distinct mine.source_person_id) from core.bridge_person_identity as mine
            inner join core.bridge_person_identity as person on mine.person_key = person.person_key
            where mine.source = 'ehc' and person.source = 'ehc' and person.source_person_id = expected.person_id
        ) = 1""",
    # Two birth dates are never one child in silence: the records stay apart, or the child is listed as a conflict.
    "link:birth_date_differs": """
        select fault_id, source_row from expected
        where not exists (
            select 1 from core.bridge_person_identity as mine
            inner join core.dim_person using (person_key)
            where mine.source = 'csds' and mine.source_person_id like '%' || expected.person_id
                and dim_person.ehc_person_id is not null
                and mine.person_key not in (
                    select person_key from quality.rpt_quality__person_conflict where conflict = 'several_birth_dates'
                )
        )""",
    "area:out_of_county": """
        select fault_id, source_row from expected
        where exists (
            select 1 from core.bridge_person_identity as mine
            inner join core.dim_person using (person_key)
            where mine.source = 'csds' and mine.source_person_id like '%' || expected.person_id
                and not dim_person.in_county
        )""",
    # A postcode that is no longer in use still says where the child lives.
    "area:terminated_postcode": """
        select fault_id, source_row from expected
        where exists (
            select 1 from core.dim_person
            where dim_person.ehc_person_id = expected.person_id and dim_person.lsoa21_code is not null
        )""",
    "quality": """
        select fault_id, source_row from expected
        where exists (
            select 1 from quality.rpt_quality__record_issue as r
            where r.source = expected.source and r.entity = expected.entity
                and r.source_file = expected.source_file and r.source_row = expected.source_row::bigint
                and r.issue = split_part(expected.expected_check, ':', 2)
        )""",
    "quality:review_before_plan": """
        select fault_id, source_row from expected
        where exists (
            select 1 from core.fct_review inner join core.fct_plan using (plan_key)
            where fct_review.source_row = expected.source_row::bigint and fct_review.meeting_date < fct_plan.start_date
        )""",
    "quality:meeting_on_sunday": """
        select fault_id, source_row from expected
        where exists (
            select 1 from core.fct_review
            where fct_review.source_row = expected.source_row::bigint and isodow(fct_review.meeting_date) = 7
        )""",
    "quality:waiting_lost": """
        select fault_id, source_row from expected
        where exists (
            select 1 from core.fct_waiting as w
            where w.has_vanished and w.source_file = expected.source_file and w.source_row = expected.source_row::bigint
        )""",
    "quality:flag_whole_school": """
        select fault_id, source_row from expected
        where exists (
            select 1 from core.fct_pupil_term
            where fct_pupil_term.source_file = expected.source_file
            group by fct_pupil_term.school_number
            having bool_and(fct_pupil_term.resourced_provision) and count(*) > 1
        )""",
}
FAULTS = [row for row in rows("fault") if row["expected_checks"]]


@pytest.fixture(scope="module")
def warehouse(county: County) -> Iterator[duckdb.DuckDBPyConnection]:
    """The published warehouse with the generator's oracle beside it, as the table `expected`."""
    with duck.reader(county.database) as connection:
        oracle = duck.quoted(county.home.root / "expected_findings.csv")
        connection.execute(f"create temp table oracle as select * from read_csv('{oracle}', all_varchar = true)")
        yield connection


def ask(warehouse: duckdb.DuckDBPyConnection, query: str) -> list[tuple]:
    return warehouse.execute(query).fetchall()


def test_every_stage_ran(county: County) -> None:
    years = [f"return {year}" for year in county.settings.collection_years]
    assert [stage.name for stage in county.stages] == ["demo", "land", "door", "build", *years, "publish"]


def test_nothing_failed_in_dbt(county: County) -> None:
    assert {result["status"] for result in county.results} <= {"success", "pass", "warn"}
    assert {result["status"] for result in county.unit_tests} == {"pass"}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault["fault_id"])
def test_every_planted_fault_is_found(warehouse: duckdb.DuckDBPyConnection, fault: dict[str, str]) -> None:
    for check in sorted({row[0] for row in ask(warehouse, _planted("expected_check", fault))}):
        warehouse.execute(
            f"create or replace temp table expected as {_planted('*', fault)} and expected_check = '{check}'"
        )
        kind = check if check in FOUND else check.split(":")[0] if ":" in check else "rule"
        planted = ask(warehouse, "select fault_id, source_row from expected")
        found = ask(warehouse, FOUND[kind])
        missed = sorted(set(planted) - set(found), key=str)
        assert not missed, (
            f"{check}: {len(missed)} of {len(planted)} not found, source rows {[row for _, row in missed]}"
        )


def test_faults_were_planted(warehouse: duckdb.DuckDBPyConnection) -> None:
    """Most of the catalogue has a chance in a county of this size."""
    planted = {row[0] for row in ask(warehouse, "select distinct fault_id from oracle")}
    assert len(planted) >= 0.8 * len(FAULTS)


def test_person_errors_fire_for_planted_children_only(warehouse: duckdb.DuckDBPyConnection) -> None:
    """A rule that finds what nobody planted is wrong, or the generator is: a data manager would chase a ghost."""
    ghosts = ask(
        warehouse,
        """
        select f.rule_id, count(*) from sen2.sen2__finding as f
        where f.record_type = 'person' and f.level = 'E'
            and not exists (
                select 1 from oracle where oracle.expected_check = f.rule_id and oracle.person_id = f.ehc_person_id
            )
        group by f.rule_id order by f.rule_id
        """,
    )
    assert not ghosts


def test_every_receipt_adds_up(warehouse: duckdb.DuckDBPyConnection) -> None:
    unequal = "rows_received <> rows_loaded + rows_rejected"
    assert ask(warehouse, f"select source, entity, file_name from quality.rpt_quality__receipt where {unequal}") == []


def test_every_row_is_in_core_or_in_a_counted_reject(warehouse: duckdb.DuckDBPyConnection) -> None:
    balances = ask(warehouse, "select source, entity, balance from quality.rpt_quality__reconciliation")
    assert balances
    assert [row for row in balances if row[2] != 0] == []


def test_what_was_landed_is_what_was_delivered(county: County) -> None:
    """Counted here with Python's own reader: lines of every CSV that is plain and loaded."""
    for receipt in pipeline.receipts(county.home):
        file = county.home.inbox / str(receipt["source"]) / str(receipt["file_name"])
        if file.suffix == ".csv" and receipt["status"] == "loaded" and receipt["encoding"] == "utf-8":
            with file.open(encoding="utf-8-sig", newline="") as handle:
                delivered = sum(1 for row in csv.reader(handle, delimiter=_delimiter(receipt)) if row) - 1
            assert receipt["rows_received"] == delivered, receipt["file_name"]


@pytest.mark.parametrize("year", [2026, 2027])
def test_the_return_validates(county: County, year: int) -> None:
    folder = county.home.published / "returns" / "sen2" / str(year)
    document = etree.parse(folder / f"sen2_999_{year}.xml")
    schema = etree.XMLSchema(etree.parse(folder / f"sen2_999_{year}.xsd"))
    assert schema.validate(document), schema.error_log.last_error
    assert len(document.findall(".//Person")) > 0


def test_everything_promised_is_published(county: County) -> None:
    published = county.home.published
    for name in ("countywide.duckdb", "summary.html", "equity.html", "dictionary.html", "manifest.json"):
        assert (published / name).is_file(), name
    assert list((published / "parquet").rglob("*.parquet"))
    assert list((published / "public").rglob("*.csv"))


def test_the_star_is_whole(county: County) -> None:
    """A tool that has the Parquet files alone finds what each metric, measure, level and group is."""
    parquet = county.home.published / "parquet"
    fact = f"read_parquet('{duck.quoted(parquet / 'equity' / 'fct_metric.parquet')}')"
    with duck.memory() as connection:
        for table, key in (
            ("metric", "metric_id"),
            ("metric_measure", "metric_id, measure"),
            ("area_level", "area_level"),
        ):
            known = f"read_parquet('{duck.quoted(parquet / 'spec' / f'{table}.parquet')}')"
            assert connection.execute(f"select {key} from {fact} except select {key} from {known}").fetchall() == []
            assert connection.execute(f"select count(*) from {known}").fetchall() == [(len(rows(table)),)]
        # The county, schools, homes outside and what is not known among them.
        labels = f"read_parquet('{duck.quoted(parquet / 'equity' / 'equity__subgroup.parquet')}')"
        for key in ("area_level, area_code", "subgroup_set, subgroup_value"):
            assert (
                connection.execute(
                    f"select {key} from {fact} except select breakdown, breakdown_value from {labels}"
                ).fetchall()
                == []
            ), key


def test_the_children_in_the_bases_are_those_of_the_number(county: County) -> None:
    """PL11 of each term: its numerator is the children whom the query of the page finds in bases that are counted."""
    with duck.reader(county.database) as connection:
        numbers = connection.execute(
            "select period_id, replace(measure, 'share_', ''), numerator from equity.fct_metric "
            "where metric_id = 'PL11' and area_level = 'county' and subgroup_set = 'all' and denominator > 0 "
            "order by all"
        ).fetchall()
        assert numbers
        for period_id, term, numerator in numbers:
            query = equity.TRACED_OTHERWISE["PL11"][1].replace("{period}", period_id)
            found = connection.execute(
                f"select count(*) from ({query}) where place_term = ? and is_counted and "
                "places_commissioned > 0 and is_in_census",
                [term],
            ).fetchone()
            assert found == (numerator,), (period_id, term)


def test_what_is_counted_otherwise_is_found_by_the_query_of_the_page(county: County) -> None:
    """Every indicator that no event of a child is in has a query, and what it lists adds up to the numerator."""
    sums = {
        ("PL15", "share"): "count(*)",
        ("EX09", "share"): "count(*) filter (led_to_change)",
        ("FN02", "pounds_all_lines"): "sum(amount)",
        ("FN05", "percent_all_lines"): "sum(amount) filter (amount_planned > 0 and amount is not null)",
    }
    with duck.reader(county.database) as connection:
        counted = connection.sql(
            "select distinct metric_id from (select metric_id from equity.equity__aggregate_resource_base "
            "union all select metric_id from equity.equity__aggregate_council)"
        ).fetchall()
        assert {metric_id for (metric_id,) in counted} == equity.TRACED_OTHERWISE.keys()
        for (metric_id, measure), summed in sums.items():
            numbers = connection.execute(
                "select period_id, numerator from equity.fct_metric where metric_id = ? and measure = ? "
                "and area_level = 'county' and subgroup_set = 'all'",
                [metric_id, measure],
            ).fetchall()
            assert numbers, metric_id
            for period_id, numerator in numbers:
                query = equity.TRACED_OTHERWISE[metric_id][1].replace("{period}", period_id)
                assert connection.sql(f"select {summed} from ({query})").fetchall() == [(numerator,)], metric_id
        # The demonstration county has landed no return: its officers are those of the settings.
        officers = connection.sql(equity.TRACED_OTHERWISE["HC14"][1].replace("{period}", "2026"))
        assert officers.columns == ["source_file", "DMO", "DCO", "DSCO"]


def _planted(columns: str, fault: dict[str, str]) -> str:
    return f"select distinct {columns} from oracle where fault_id = '{fault['fault_id']}'"


def _delimiter(receipt: dict[str, object]) -> str:
    return {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}.get(
        str(receipt["delimiter"]), str(receipt["delimiter"])
    )
