"""Which extracts are not fresh, and what rests on them: as the quality marts say it."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from warehouse import freshness


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    """The marts as they stand on some as-at date: one extract of each standing, one with two suppliers."""
    file = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute("create schema quality")
        connection.execute(
            "create table quality.rpt_quality__freshness as select * from (values "
            "('ehc', 'plan', null, 'fresh', 3, 75), "
            "('ehc', 'review', null, 'late', 76, 75), "
            "('csds', 'patient_index', 'Z9C', 'fresh', 20, 75), "
            "('csds', 'patient_index', 'Z9D', 'late', 400, 75), "
            "('transport', 'run', null, 'refused', 31, 190), "
            "('finance', 'top_up', null, 'refused', null, 75), "
            "('ehc', 'need', null, 'quarantined', 20, 75), "
            "('gias', 'link', null, 'absent', null, 7)"
            ") as standing (source, entity, supplier, standing, days_old, days_allowed)"
        )
        connection.execute(
            "create table quality.rpt_quality__degraded as select * from (values "
            "('sen2', 'sen2__case', 'ehc', 'review', 'late'), "
            "('sen2', 'sen2__person', 'csds', 'patient_index', 'late'), "
            "('core', 'dim_person', 'csds', 'patient_index', 'late'), "
            "('core', 'fct_transport', 'transport', 'run', 'refused')"
            ") as degraded (table_schema, table_name, source, entity, standing)"
        )
        connection.execute("create schema equity")
        connection.execute(
            "create table equity.equity__metric_extract as select * from (values "
            "('PL20', 'transport', 'run', 'refused'), ('PL20', 'ehc', 'plan', 'fresh'), "
            "('HC14', 'sen2_return', 'header', 'not_expected')"
            ") as made_from (metric_id, source, entity, standing)"
        )
    return file


def test_each_standing_is_said_with_its_days(warehouse: Path) -> None:
    assert [f"{each.name} is {each.said}" for each in freshness.standings(warehouse)] == [
        "csds.patient_index of Z9C is 20 days old, 75 are allowed",
        "csds.patient_index of Z9D is 400 days old, 75 are allowed",
        "ehc.need is behind its newest file, which is in quarantine; what counts of it is 20 days old, 75 are allowed",
        "ehc.plan is 3 days old, 75 are allowed",
        "ehc.review is 76 days old, 75 are allowed",
        "finance.top_up is refused at the door; what counts of it is absent",
        "gias.link is absent",
        "transport.run is refused at the door; what counts of it is 31 days old, 190 are allowed",
    ]


def test_of_a_schema_only_what_it_rests_on_and_what_is_not_fresh(warehouse: Path) -> None:
    names = [(each.name, each.standing) for each in freshness.behind(warehouse, "sen2")]
    assert names == [("csds.patient_index of Z9D", "late"), ("ehc.review", "late")]
    assert freshness.behind(warehouse, "equity") == []


def test_what_rests_on_an_extract_is_named(warehouse: Path) -> None:
    assert freshness.degraded(warehouse) == {
        "csds.patient_index (late)": ["core.dim_person", "sen2.sen2__person"],
        "ehc.review (late)": ["sen2.sen2__case"],
        "transport.run (refused)": ["PL20", "core.fct_transport"],
    }
