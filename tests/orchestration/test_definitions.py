"""The asset graph is what the house is: raw → door → warehouse → returns → published."""

from __future__ import annotations

import json
from pathlib import Path

import dagster as dg
import pytest

from orchestration.definitions import JOB, defs
from warehouse import pipeline
from warehouse.settings import Settings
from warehouse.specification import extracts


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("graph")


@pytest.fixture(scope="module")
def graph(home: Path) -> dg.AssetGraph:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COUNTYWIDE_HOME", str(home))
        return defs().resolve_asset_graph()


def keys(graph: dg.AssetGraph, *prefix: str) -> set[tuple[str, ...]]:
    return {tuple(key.path) for key in graph.get_all_asset_keys() if tuple(key.path[: len(prefix)]) == prefix}


def test_every_extract_is_a_raw_asset(graph: dg.AssetGraph) -> None:
    ledger = {("raw", "landing", name) for name in ("receipt", "reject", "door_result")}
    assert keys(graph, "raw") == {("raw", extract.source, extract.entity) for extract in extracts()} | ledger


def test_every_extract_has_a_blocking_door_check(graph: dg.AssetGraph) -> None:
    for extract in extracts():
        check = dg.AssetCheckKey(dg.AssetKey(["raw", extract.source, extract.entity]), "door")
        assert check in graph.asset_check_keys, extract.name
        assert graph.get(check).blocking, extract.name


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


def test_a_return_per_collection_year_hangs_on_the_records(graph: dg.AssetGraph, home: Path) -> None:
    years = Settings.read(home).collection_years
    assert keys(graph, "returns") == {("returns", "sen2", str(year)) for year in years}
    parents = graph.get(dg.AssetKey(["returns", "sen2", str(years[0])])).parent_keys
    assert dg.AssetKey(["sen2", "sen2__person"]) in parents


def test_what_is_published_hangs_on_the_returns(graph: dg.AssetGraph, home: Path) -> None:
    assert keys(graph, "published") == {("published", name) for name in ("parquet", "public", "summary", "warehouse")}
    parents = graph.get(dg.AssetKey(["published", "warehouse"])).parent_keys
    assert {dg.AssetKey(["returns", "sen2", str(year)]) for year in Settings.read(home).collection_years} <= parents


def test_one_job_selects_everything(graph: dg.AssetGraph, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COUNTYWIDE_HOME", str(home))
    job = defs().resolve_job_def(JOB)
    assert {key for key in job.asset_layer.executable_asset_keys} == set(graph.materializable_asset_keys)
