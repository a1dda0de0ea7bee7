"""The asset graph of one home: raw → door → warehouse → returns → published → signed, and the jobs that run it.

Nothing happens at import; Dagster calls `defs` when it wants the graph. The home is COUNTYWIDE_HOME, as everywhere.
"""

from __future__ import annotations

import dagster as dg

from warehouse.settings import Settings

JOB = "countywide"
SIGN = "sign_off"


@dg.definitions
def defs() -> dg.Definitions:
    """Every asset, check, job, schedule and sensor. dbt reads the models first if its manifest is absent or older."""
    from orchestration import census, delivery, failure, inbox, nightly, raw, sen2, warehouse_build
    from orchestration.session import session
    from warehouse import pipeline
    from warehouse.specification import windows

    settings = Settings.read()
    manifest = pipeline.manifest(settings)
    warehouse = warehouse_build.warehouse(manifest, goes_on_to=[*sen2.WRITTEN, delivery.WAREHOUSE])
    marts = [spec.key for spec in warehouse.specs if spec.key.path[0] not in pipeline.INNER_SCHEMAS]
    years = sen2.years(settings.collection_years)
    whole = dg.define_asset_job(
        JOB,
        selection=dg.AssetSelection.all() - dg.AssetSelection.assets(sen2.SIGNED),
        description="From the inbox to the published warehouse, and whether each return may be signed",
    )
    return dg.Definitions(
        assets=[
            raw.landing(),
            raw.door(),
            warehouse,
            sen2.written(years, marts),
            delivery.publication(marts, list(sen2.WRITTEN)),
            sen2.signoff(years, delivery.WAREHOUSE),
            sen2.signed(years),
        ],
        jobs=[
            whole,
            dg.define_asset_job(
                SIGN,
                selection=dg.AssetSelection.assets(sen2.SIGNOFF, sen2.SIGNED),
                description="One year's published return becomes the signed copy, if no error is open",
            ),
        ],
        asset_checks=[raw.fresh()],
        schedules=[
            census.schedule(JOB, windows(), settings.collection_years),
            nightly.schedule(JOB, settings.collection_years),
        ],
        sensors=[inbox.sensor(JOB, settings), failure.sensor(whole)],
        resources={"session": session},
        executor=dg.in_process_executor,  # dbt and DuckDB use the cores; a process per step would only start slowly
    )
