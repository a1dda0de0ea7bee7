"""What the door's results and landing's report mean for the run: when it stops, and what somebody is told."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest

from expectations.runner import DoorResult
from warehouse import landing, pipeline
from warehouse.settings import Home, Settings


def result(extract: str, expectation: str, level: str, success: bool) -> DoorResult:
    source, entity = extract.split(".")
    said = "" if success else f"{extract} is doubled. Ask for it again."
    return DoorResult(
        source, entity, date(2027, 1, 21), "", expectation, "", level, success, "1 of 2", "none", said, "hash"
    )


def test_a_refused_extract_with_one_before_it_stops_nothing() -> None:
    found = (
        result("ehc.plan", "key_mostly_unique", "error", False),
        result("ehc.plan", "key_mostly_unique", "error", True),
        result("transport.run", "parses", "warning", False),
    )
    pipeline.refuse(found)
    assert pipeline.refused(found) == {"ehc.plan": "ehc.plan is doubled. Ask for it again."}


def test_of_another_source_than_the_case_system_nothing_stops_though_nothing_is_left() -> None:
    pipeline.refuse(
        (
            result("transport.run", "key_mostly_unique", "error", False),
            result("transport.run", "has_arrived", "warning", False),
        )
    )


def test_an_extract_of_the_case_system_that_never_came_stops_nothing() -> None:
    """That was so before the door set anything aside: what is absent is absent."""
    pipeline.refuse((result("ehc.plan", "has_arrived", "warning", False),))


def test_the_case_system_left_with_nothing_stops_the_run_and_says_how_to_mend_it() -> None:
    found = (
        result("ehc.plan", "key_mostly_unique", "error", False),
        result("ehc.plan", "has_arrived", "warning", False),
    )
    with pytest.raises(pipeline.StageFailed, match=r"The door refused ehc.plan, and no earlier .*\[door\] accept"):
        pipeline.refuse(found)


def test_files_in_use_and_in_quarantine_are_counted_by_source_and_named_at_home_alone() -> None:
    def quarantined(source: str, file: str, reason: str) -> SimpleNamespace:
        return SimpleNamespace(source=source, file_name=file, reason_code=reason, is_quarantined=True)

    report = landing.LandingReport(
        receipts=(
            quarantined("csds", "Zxqv_1.csv", "truncated"),
            quarantined("csds", "Zxqv_2.xml", "not_xml"),
            quarantined("csds", "Zxqv_2.xml", "not_xml"),  # an XML has a receipt for each of its extracts
            quarantined("ehc", "Zxqv_3.csv", "truncated"),
        ),
        new=frozenset(),
        notes=(),
        left=(landing.Left("ehc", "Zxqv_4.xlsx", "it cannot be opened."),),
    )
    found = [(alert.kind, alert.subject, alert.said, alert.at_home) for alert in pipeline._of_landing(report)]
    held = "of its files are in quarantine"
    mend = "countywide status says how to mend them."
    assert found == [
        ("in_use", "ehc", "1 of its files could not be read and wait for the next run.", "Zxqv_4.xlsx"),
        ("quarantined", "csds", f"2 {held} (not_xml 1, truncated 1); {mend}", "Zxqv_1.csv, Zxqv_2.xml"),
        ("quarantined", "ehc", f"1 {held} (truncated 1); {mend}", "Zxqv_3.csv"),
    ]
    assert not any("Zxqv" in said for _, _, said, _ in found)


def test_the_work_list_has_what_drifted_where_something_is_published(tmp_path: Path) -> None:
    settings = Settings(home=Home(tmp_path), threads=1)
    assert pipeline.worklist(settings) == []
    settings.home.database.parent.mkdir(parents=True)
    with duckdb.connect(str(settings.home.database)) as connection:
        connection.execute("create schema quality")
    assert pipeline.worklist(settings) == [], "published by an older countywide"
    with duckdb.connect(str(settings.home.database)) as connection:
        connection.execute(
            "create table quality.rpt_quality__drift as select * from (values "
            "('csds', 'rtt', 'RX1', null, 'rows_more', null, '4 rows', '9 rows', 'RX1/202602', 'RX1/202603'), "
            "('ehc', 'need', null, 'sen_type', 'code_gone', 'MLD', '8 rows', 'none', null, null)"
            ") as t(source, entity, series, column_name, kind, delivered_value, was, became, "
            "previous_period, delivered_period), "
            "(select date '2026-03-01' as previous_date, date '2026-04-01' as delivered_date, 'Ask.' as mend)"
        )
    assert pipeline.worklist(settings) == [
        ("drift", "csds.rtt RX1", "", "", "rows_more: 4 rows became 9 rows (RX1/202602 to RX1/202603). Ask."),
        ("drift", "ehc.need", "sen_type", "", "code_gone: MLD: 8 rows became none (2026-03-01 to 2026-04-01). Ask."),
    ]
