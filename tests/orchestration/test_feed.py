"""Which extracts feed the return, and which of them are late: by declared lineage and the freshness mart."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from orchestration import feed


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    """A freshness mart as it stands on some as-at date: one extract of each standing, one with two suppliers."""
    file = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute("create schema quality")
        connection.execute(
            "create table quality.rpt_quality__freshness as select * from (values "
            "('ehc', 'plan', null, 'fresh', 3, 75), "
            "('ehc', 'review', null, 'late', 76, 75), "
            "('csds', 'patient_index', 'Z9C', 'fresh', 20, 75), "
            "('csds', 'patient_index', 'Z9D', 'late', 400, 75), "
            "('gias', 'link', null, 'absent', null, 7)"
            ") as standing (source, entity, supplier, standing, days_old, days_allowed)"
        )
    return file


def test_late_and_absent_extracts_are_named_with_their_days(warehouse: Path) -> None:
    feeds = [("ehc", "plan"), ("ehc", "review"), ("csds", "patient_index"), ("gias", "link")]
    assert feed.late(warehouse, feeds) == [
        "csds.patient_index of Z9D is 400 days old, 75 are allowed",
        "ehc.review is 76 days old, 75 are allowed",
        "gias.link is absent",
    ]


def test_what_does_not_feed_the_return_does_not_count(warehouse: Path) -> None:
    assert feed.late(warehouse, [("ehc", "plan")]) == []


def test_lineage_goes_all_the_way_back_and_landing_is_no_extract(tmp_path: Path) -> None:
    """person ← mart ← core ← staging ← source; what only equity reads does not feed the return."""
    manifest = tmp_path / "manifest.json"
    parents = {
        "model.mart": ["model.core", "seed.code"],
        "model.core": ["model.staging"],
        "model.staging": ["source.ehc.plan", "source.landing.receipt"],
        "model.equity": ["model.core", "source.csds.referral"],
    }
    schemas = {"model.mart": "sen2", "model.core": "core", "model.staging": "staging", "model.equity": "equity"}
    sources = [("ehc", "plan"), ("landing", "receipt"), ("csds", "referral")]
    document = {
        "nodes": {name: {"schema": schema} for name, schema in schemas.items()},
        "sources": {f"source.{source}.{name}": {"source_name": source, "name": name} for source, name in sources},
        "parent_map": parents,
    }
    manifest.write_text(json.dumps(document), encoding="utf-8")
    assert feed.extracts_behind(manifest, "sen2") == {("ehc", "plan")}
