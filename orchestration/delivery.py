"""What people read: the tables, the summary, the returns and the warehouse itself, swapped in together."""

from collections.abc import Iterator, Sequence

import dagster as dg

from orchestration.session import Session, measured, plainly, whole
from warehouse import freshness, pipeline
from warehouse.cli import progress

WAREHOUSE = dg.AssetKey(["published", "warehouse"])


def publication(marts: Sequence[dg.AssetKey], returns: Sequence[dg.AssetKey]) -> dg.AssetsDefinition:
    """Everything published, by one step."""
    made = {
        "parquet": "Every mart as Parquet",
        "public": "Suppressed and rounded tables, fit to leave the council",
        "summary": "What ran, what came in, what was refused, what it says: one HTML file",
        "warehouse": "The warehouse people read, swapped in whole",
    }

    @dg.multi_asset(
        specs=[
            dg.AssetSpec(["published", name], deps=[*marts, *returns], description=text, group_name="published")
            for name, text in made.items()
        ],
        name="publish",
        required_resource_keys={"session"},
    )
    def publish(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
        session: Session = context.resources.session
        whole(session.built)
        with plainly():
            for landed in pipeline.landed_returns(session.settings, session.workshop, progress):
                session.keep(landed)
            stage = session.keep(pipeline.publish(session.settings, session.workshop, progress))
        with plainly():
            rests = {"degraded": freshness.degraded(session.settings.home.database)}
        for name in made:
            yield dg.MaterializeResult(asset_key=["published", name], metadata=measured(stage) | rests)

    return publish
