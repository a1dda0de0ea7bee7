"""The asset graph is what the house is: raw → door → warehouse → returns → published → signed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest

from orchestration import sen2
from orchestration.definitions import JOB, SIGN, defs
from warehouse import pipeline
from warehouse.settings import Settings
from warehouse.specification import extracts


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("graph")


@pytest.fixture(scope="module")
def made(home: Path) -> dg.Definitions:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COUNTYWIDE_HOME", str(home))
        return defs()


@pytest.fixture(scope="module")
def graph(made: dg.Definitions) -> dg.AssetGraph:
    return made.resolve_asset_graph()


def keys(graph: dg.AssetGraph, *prefix: str) -> set[tuple[str, ...]]:
    return {tuple(key.path) for key in graph.get_all_asset_keys() if tuple(key.path[: len(prefix)]) == prefix}


def test_every_extract_is_a_raw_asset(graph: dg.AssetGraph) -> None:
    ledger = {("raw", "landing", name) for name in ("receipt", "reject", "door_result", "set_aside", "measure")}
    register = {("raw", "person", "register"), ("raw", "reported", "figure")}
    assert keys(graph, "raw") == {("raw", extract.source, extract.entity) for extract in extracts()} | ledger | register


@pytest.mark.parametrize("name", ["door", "fresh"])
def test_every_extract_has_its_checks_and_none_of_them_stops_the_rest(graph: dg.AssetGraph, name: str) -> None:
    for extract in extracts():
        check = dg.AssetCheckKey(dg.AssetKey(["raw", extract.source, extract.entity]), name)
        assert check in graph.asset_check_keys, extract.name
        assert not graph.get(check).blocking, extract.name


def test_what_runs_by_itself_is_off_and_what_tells_of_a_dead_run_is_on(made: dg.Definitions) -> None:
    repository = made.get_repository_def()
    sensors = {each.name: each.default_status for each in repository.sensor_defs}
    assert sensors == {"inbox": dg.DefaultSensorStatus.STOPPED, "run_failed": dg.DefaultSensorStatus.RUNNING}
    schedules = {each.name: each.default_status for each in repository.schedule_defs}
    off = dg.DefaultScheduleStatus.STOPPED
    assert schedules == {"sen2_return": off, "nightly": off}


def test_every_seed_and_model_is_an_asset(graph: dg.AssetGraph, home: Path) -> None:
    manifest = json.loads(pipeline.manifest(Settings.read(home)).read_text(encoding="utf-8"))
    wanted = {
        (node["schema"], node["name"])
        for node in manifest["nodes"].values()
        if node["resource_type"] in ("model", "seed") and node["config"]["materialized"] != "ephemeral"
    }
    assert wanted
    assert wanted <= keys(graph)


def test_every_core_table_and_mart_has_a_check(graph: dg.AssetGraph, home: Path) -> None:
    manifest = json.loads(pipeline.manifest(Settings.read(home)).read_text(encoding="utf-8"))
    checked = {tuple(key.asset_key.path) for key in graph.asset_check_keys}
    for node in manifest["nodes"].values():
        if node["resource_type"] == "model" and node["fqn"][1] in ("core", "marts"):
            assert (node["schema"], node["name"]) in checked, f"{node['name']} has no data test"


def test_staging_hangs_on_raw(graph: dg.AssetGraph) -> None:
    parents = graph.get(dg.AssetKey(["staging", "stg_ehc__plan"])).parent_keys
    assert dg.AssetKey(["raw", "ehc", "plan"]) in parents


def test_the_return_is_a_set_of_assets_with_a_partition_per_collection_year(graph: dg.AssetGraph, home: Path) -> None:
    names = ("records", "findings", "xml", "tables", "signoff", "signed")
    assert keys(graph, "returns") == {("returns", "sen2", name) for name in names}
    for name in names:
        partitions = graph.get(dg.AssetKey(["returns", "sen2", name])).partitions_def
        assert partitions is not None
        assert partitions.get_partition_keys() == [str(year) for year in Settings.read(home).collection_years]


def test_the_years_of_the_settings_are_the_partitions_oldest_first() -> None:
    assert sen2.years((2027, 2025, 2026)).get_partition_keys() == ["2025", "2026", "2027"]


def test_every_mart_of_the_return_feeds_a_part_of_it(graph: dg.AssetGraph) -> None:
    parents = {
        name: graph.get(dg.AssetKey(["returns", "sen2", name])).parent_keys
        for name in ("records", "findings", "xml", "tables")
    }
    marts = {dg.AssetKey(list(path)) for path in keys(graph, "sen2")}
    assert marts <= set().union(*parents.values())
    assert dg.AssetKey(["sen2", "sen2__person"]) in parents["records"]
    assert dg.AssetKey(["sen2", "sen2__finding"]) in parents["findings"]
    assert dg.AssetKey(["sen2", "sen2__release_caseload"]) in parents["tables"]
    assert sen2.RECORDS in parents["xml"]


def test_open_errors_block_the_signed_copy_and_nothing_else(graph: dg.AssetGraph) -> None:
    check = graph.get(dg.AssetCheckKey(sen2.SIGNOFF, sen2.NO_OPEN_ERRORS))
    assert check.blocking
    assert check.partitions_def == graph.get(sen2.SIGNOFF).partitions_def
    assert graph.get(sen2.SIGNOFF).child_keys == {sen2.SIGNED}
    assert not graph.get(sen2.SIGNED).child_keys


def test_late_extracts_warn_and_block_nothing(graph: dg.AssetGraph) -> None:
    assert not graph.get(dg.AssetCheckKey(sen2.RECORDS, sen2.FRESH)).blocking


def test_what_is_published_hangs_on_the_returns(graph: dg.AssetGraph) -> None:
    assert keys(graph, "published") == {("published", name) for name in ("parquet", "public", "summary", "warehouse")}
    assert set(sen2.WRITTEN) <= graph.get(dg.AssetKey(["published", "warehouse"])).parent_keys


def test_one_job_makes_everything_but_the_signed_copy(graph: dg.AssetGraph, made: dg.Definitions) -> None:
    """Nothing may sign a return by itself."""
    everything = set(graph.materializable_asset_keys)
    assert set(made.resolve_job_def(JOB).asset_layer.executable_asset_keys) == everything - {sen2.SIGNED}
    assert set(made.resolve_job_def(SIGN).asset_layer.executable_asset_keys) == {sen2.SIGNOFF, sen2.SIGNED}


def test_the_schedule_asks_for_a_partition_that_the_job_has(made: dg.Definitions) -> None:
    """Dagster itself looks whether the job has the partition, on census day of 2027."""
    repository = made.get_repository_def()
    context = dg.build_schedule_context(
        scheduled_execution_time=datetime(2027, 1, 21, 6, tzinfo=UTC), repository_def=repository
    )
    requests = repository.get_schedule_def("sen2_return").evaluate_tick(context).run_requests
    assert [request.partition_key for request in requests or ()] == ["2027"]
    requests = repository.get_schedule_def("nightly").evaluate_tick(context).run_requests
    assert [request.partition_key for request in requests or ()] == ["2027"]


def test_a_run_needs_a_collection_year() -> None:
    """A council that has only returns it sent sets none; Dagster's error would not say what to do instead."""
    with pytest.raises(pipeline.StageFailed, match="Run: countywide run, which reads returns"):
        sen2.whole_run(())
