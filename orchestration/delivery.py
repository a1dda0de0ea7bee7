"""What leaves: a return per collection year, then everything published and the swap."""

from collections.abc import Iterator, Sequence

import dagster as dg

from orchestration.session import Session, measured, plainly
from warehouse import pipeline
from warehouse.cli import progress


def sen2(year: int, marts: Sequence[dg.AssetKey]) -> dg.AssetsDefinition:
    """One year's SEN2 return, from the marts of schema sen2."""

    @dg.asset(
        key=["returns", "sen2", str(year)],
        deps=[mart for mart in marts if mart.path[0] == "sen2"],
        group_name="returns",
        kinds={"xml"},
        description=f"SEN2 return for {year}: XML, findings, manifest",
        required_resource_keys={"session"},
    )
    def statutory_return(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        session: Session = context.resources.session
        with plainly():
            folder = session.workshop.returns / "sen2" / str(year)
            stage = pipeline.returns(session.settings, session.workshop.database, year, folder, progress)
        return dg.MaterializeResult(metadata=measured(session.keep(stage)))

    return statutory_return


def publication(marts: Sequence[dg.AssetKey], returns: Sequence[dg.AssetKey]) -> dg.AssetsDefinition:
    """Parquet, public tables, summary and the warehouse itself, swapped in together."""
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
        with plainly():
            stage = session.keep(pipeline.publish(session.settings, session.workshop, progress))
        for name in made:
            yield dg.MaterializeResult(asset_key=["published", name], metadata=measured(stage))

    return publish
