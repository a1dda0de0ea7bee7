"""The dbt project as assets: every seed and model an asset, every data test an asset check."""

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, dbt_assets

from orchestration.session import Session, plainly, whole
from warehouse import pipeline
from warehouse.build import BuildFailed
from warehouse.cli import progress

UNIQUE_ID = "dagster_dbt/unique_id"


class Translator(DagsterDbtTranslator):
    """dbt's sources are our raw assets; groups are layers."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        if dbt_resource_props["resource_type"] == "source":
            return dg.AssetKey(["raw", dbt_resource_props["source_name"], dbt_resource_props["name"]])
        return dg.AssetKey([dbt_resource_props["schema"], dbt_resource_props["name"]])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        return dbt_resource_props["schema"]


def warehouse(manifest: Path, goes_on_to: Collection[dg.AssetKey]) -> dg.AssetsDefinition:
    """dbt build, whole: one new file per run, so there is no such thing as building a part of it.

    `goes_on_to` is what the same run has to make of it: a warehouse is not left unpublished, nor published without its
    returns.
    """
    translator = Translator(DagsterDbtTranslatorSettings(enable_code_references=False))

    @dbt_assets(manifest=manifest, dagster_dbt_translator=translator, name="build", required_resource_keys={"session"})
    def build(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
        session: Session = context.resources.session
        whole(not context.is_subset and set(goes_on_to) <= context.job_def.asset_layer.executable_asset_keys)
        specs = {
            spec.metadata[UNIQUE_ID]: spec for spec in (*context.assets_def.specs, *context.assets_def.check_specs)
        }
        with plainly():
            try:
                session.keep(pipeline.build(session.settings, session.workshop, progress))
                results = pipeline.built(session.workshop)
            except BuildFailed as error:
                yield from _events(error.results, specs)
                raise
        yield from _events(results, specs)

    return build


def _events(
    results: tuple[dict[str, Any], ...], specs: Mapping[str, dg.AssetSpec | dg.AssetCheckSpec]
) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
    """What dbt said of each node, as Dagster events."""
    for result in results:
        spec = specs.get(result["unique_id"])
        seconds = {"seconds": round(result["execution_time"], 2)}
        if isinstance(spec, dg.AssetCheckSpec):
            yield dg.AssetCheckResult(
                asset_key=spec.asset_key,
                check_name=spec.name,
                passed=result["status"] == "pass",
                severity=dg.AssetCheckSeverity.WARN if result["status"] == "warn" else dg.AssetCheckSeverity.ERROR,
                metadata=seconds | {"failing rows": result["failures"] or 0},
            )
        elif spec and result["status"] == "success":
            yield dg.MaterializeResult(asset_key=spec.key, metadata=seconds)
