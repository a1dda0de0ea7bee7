"""The asset graph of one home: raw → door → warehouse → returns → published, and the job that runs it whole.

Nothing happens at import; Dagster calls `defs` when it wants the graph. The home is COUNTYWIDE_HOME, as everywhere.
"""

from __future__ import annotations

import dagster as dg

from warehouse.settings import Settings

JOB = "countywide"


@dg.definitions
def defs() -> dg.Definitions:
    """Every asset, check and job. Lets dbt read the models first if its manifest is absent or older than they are."""
    from orchestration import delivery, raw, warehouse_build
    from orchestration.session import session
    from warehouse import pipeline

    settings = Settings.read()
    warehouse = warehouse_build.warehouse(pipeline.manifest(settings))
    marts = [spec.key for spec in warehouse.specs if spec.key.path[0] not in pipeline.INNER_SCHEMAS]
    returns = [delivery.sen2(year, marts) for year in settings.collection_years]
    everything = [raw.landing(), raw.door(), warehouse, *returns]
    return dg.Definitions(
        assets=[*everything, delivery.publication(marts, [made.key for made in returns])],
        jobs=[
            dg.define_asset_job(
                JOB,
                selection=dg.AssetSelection.all(),
                description="From the inbox to the published warehouse",
            )
        ],
        resources={"session": session},
        executor=dg.in_process_executor,  # dbt and DuckDB use the cores; a process per step would only start slowly
    )
