"""The SEN2 return as assets, one partition per collection year: records, findings, XML, tables, sign-off, signed copy.

The partitions are the settings' collection years, for only those are in the warehouse; the rows of the collection know
earlier ones too. A year is written whole, by one step. Metadata are counts, never a child's value.
"""

import json
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dagster as dg

from orchestration.session import Session, plainly
from warehouse import freshness, pipeline
from warehouse.cli import progress

GROUP = "returns"
RECORDS, FINDINGS, XML, TABLES, SIGNOFF, SIGNED = (
    dg.AssetKey(["returns", "sen2", name]) for name in ("records", "findings", "xml", "tables", "signoff", "signed")
)
WRITTEN = {
    RECORDS: "Records of the nine modules, and COLLECT's CSV files of them",
    FINDINGS: "What our rules find in the records: CSV and workbook",
    XML: "The XML to be sent, and our schema for it",
    TABLES: "The release tables that DfE will make of it, as far as they are the council's own",
}
FRESH = "extracts_fresh"
NO_OPEN_ERRORS = "no_open_errors"


def years(collection_years: Sequence[int]) -> dg.StaticPartitionsDefinition:
    """A partition per collection year, oldest first."""
    return dg.StaticPartitionsDefinition([str(year) for year in sorted(collection_years)])


def whole_run(collection_years: Sequence[int]) -> dict[str, str]:
    """Tags with which one run makes every year. Raises StageFailed where there is none: a run needs a partition."""
    if not collection_years:
        raise pipeline.StageFailed(
            "No collection year is set, so there is no return to make and nothing for Dagster to run for. "
            "Run: countywide run, which reads returns that were sent; or set [return] collection_years."
        )
    return {
        "dagster/asset_partition_range_start": str(min(collection_years)),
        "dagster/asset_partition_range_end": str(max(collection_years)),
    }


def written(partitions: dg.StaticPartitionsDefinition, marts: Sequence[dg.AssetKey]) -> dg.AssetsDefinition:
    """Everything of a return but the sign-off, from the marts of schema sen2.

    After a build in the same run, all collection years, into the workshop: the warehouse and its returns are published
    together or not at all. On its own, the chosen year once more from the published warehouse into its place.
    """
    made_from = _made_from([mart for mart in marts if mart.path[0] == "sen2"])
    with _quietly():

        @dg.multi_asset(
            specs=[
                dg.AssetSpec(
                    key,
                    deps=made_from[key],
                    description=text,
                    group_name=GROUP,
                    partitions_def=partitions,
                )
                for key, text in WRITTEN.items()
            ],
            check_specs=[
                dg.AssetCheckSpec(
                    FRESH, asset=RECORDS, description="Is every extract that feeds the return as new as its rhythm?"
                )
            ],
            partitions_def=partitions,
            backfill_policy=dg.BackfillPolicy.single_run(),
            name="sen2",
            required_resource_keys={"session"},
        )
        def sen2(
            context: dg.AssetExecutionContext,
        ) -> Iterator[dg.MaterializeResult | dg.AssetMaterialization | dg.AssetCheckResult]:
            session: Session = context.resources.session
            asked = set(context.partition_keys)
            with plainly():
                folders = _write(session, sorted(asked))
                late = [f"{each.name} is {each.said}" for each in freshness.behind(session.database, "sen2")]
            for key in WRITTEN:
                for year, folder in folders.items():
                    counts = _counts(key, folder)
                    if year in asked:
                        context.add_asset_metadata(counts, asset_key=key, partition_key=year)
                    else:
                        yield dg.AssetMaterialization(key, partition=year, metadata=counts)
                yield dg.MaterializeResult(asset_key=key)
            yield dg.AssetCheckResult(
                asset_key=RECORDS,
                check_name=FRESH,
                passed=not late,
                severity=dg.AssetCheckSeverity.WARN,
                description="; ".join(late) or None,
                metadata={"as at": session.settings.as_at.isoformat(), "not fresh": len(late)},
            )

    return sen2


def signoff(partitions: dg.StaticPartitionsDefinition, published: dg.AssetKey) -> dg.AssetsDefinition:
    """The sign-off sheet of what is published, with the check that stands between it and the signed copy."""
    with _quietly():

        @dg.multi_asset(
            specs=[
                dg.AssetSpec(
                    SIGNOFF,
                    deps=[*WRITTEN, published],
                    description="The sheet to sign: what the return holds, and what speaks against sending it",
                    group_name=GROUP,
                    partitions_def=partitions,
                )
            ],
            check_specs=[
                dg.AssetCheckSpec(
                    NO_OPEN_ERRORS,
                    asset=SIGNOFF,
                    blocking=True,
                    partitions_def=partitions,
                    description="May the return be signed? Errors in it block the signed copy, never the build.",
                )
            ],
            partitions_def=partitions,
            backfill_policy=dg.BackfillPolicy.single_run(),
            can_subset=True,
            name="signoff",
            required_resource_keys={"session"},
        )
        def sheet(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult | dg.AssetCheckEvaluation]:
            session: Session = context.resources.session
            # Dagster fails the run of a blocking check even where nothing waits behind it. A night's run must not go
            # red for months because of the council's data: it blocks only where the signed copy was asked for.
            blocks = SIGNED in context.job_def.asset_layer.executable_asset_keys
            with plainly():
                found = list(verdicts(session, _years(session, context.partition_keys), blocks))
            for verdict in found:
                if verdict.partition in context.partition_keys:
                    context.add_asset_metadata(verdict.metadata, asset_key=SIGNOFF, partition_key=verdict.partition)
            yield dg.MaterializeResult(asset_key=SIGNOFF)
            yield from found

    return sheet


def verdicts(session: Session, years: Sequence[str], blocks: bool = False) -> Iterator[dg.AssetCheckEvaluation]:
    """Whether the published return of each year may be signed, in the words of its own manifest."""
    for year in years:
        manifest = pipeline.return_manifest(session.settings, int(year))
        forbidding = manifest["not_ready"]
        yield dg.AssetCheckEvaluation(
            asset_key=SIGNOFF,
            check_name=NO_OPEN_ERRORS,
            passed=not forbidding,
            description=f"SEN2 {year}: {' '.join(forbidding)}" if forbidding else None,
            metadata={"errors": manifest["findings"]["error"], "provisional": manifest["is_provisional"]},
            blocking=blocks,
            partition=year,
        )


def signed(partitions: dg.StaticPartitionsDefinition) -> dg.AssetsDefinition:
    """The copy that was sent. Made only when somebody asks for it, and never written over."""
    with _quietly():

        @dg.asset(
            key=SIGNED,
            deps=[SIGNOFF],
            partitions_def=partitions,
            backfill_policy=dg.BackfillPolicy.single_run(),
            group_name=GROUP,
            description="The return as it was signed off and sent; later runs leave it alone",
            required_resource_keys={"session"},
        )
        def signed_copy(context: dg.AssetExecutionContext) -> None:
            session: Session = context.resources.session
            for year in context.partition_keys:
                with plainly():
                    stage = session.keep(pipeline.sign(session.settings, int(year)))
                context.add_asset_metadata({"files": stage.rows_out}, partition_key=year)

    return signed_copy


def _made_from(marts: Sequence[dg.AssetKey]) -> dict[dg.AssetKey, list[dg.AssetKey]]:
    """What each part is made from, by the marts' names: what is neither table nor finding goes into the records."""
    tables = [mart for mart in marts if "release_" in mart.path[1]]
    findings = [mart for mart in marts if any(word in mart.path[1] for word in ("flags", "rule", "finding", "explan"))]
    rest = [mart for mart in marts if mart not in (*tables, *findings)]
    return {RECORDS: rest, FINDINGS: [RECORDS, *findings], XML: [RECORDS], TABLES: [RECORDS, *tables]}


def _years(session: Session, asked: Sequence[str]) -> Sequence[str]:
    """The years that a run is about: all of them where it has built a warehouse, whichever was chosen for it."""
    return [str(year) for year in sorted(session.settings.collection_years)] if session.built else asked


def _write(session: Session, asked: Sequence[str]) -> dict[str, Path]:
    """Write the returns and say where each year's is."""
    settings = session.settings
    place = (session.workshop.returns if session.built else settings.home.published / "returns") / "sen2"
    folders = {year: place / year for year in _years(session, asked)}
    for year, folder in folders.items():
        session.keep(
            pipeline.returns(settings, session.database, int(year), folder, progress)
            if session.built
            else pipeline.again(settings, int(year), progress)
        )
    return folders


def _counts(key: dg.AssetKey, folder: Path) -> dict[str, int | bool]:
    """What the return's own manifest counts, of the part that an asset stands for."""
    manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    files = manifest["outputs"]
    counts: dict[dg.AssetKey, dict[str, int]] = {
        RECORDS: {**manifest["records"], "dagster/row_count": sum(manifest["records"].values())},
        FINDINGS: {**manifest["findings"], "dagster/row_count": sum(manifest["findings"].values())},
        XML: {"schema faults": sum(manifest["schema_faults"].values())},
        TABLES: {"files": sum(name.startswith("tables/") for name in files)},
    }
    return counts[key] | {"provisional": manifest["is_provisional"]}


@contextmanager
def _quietly() -> Iterator[None]:
    """Dagster warns on the terminal of what it may still change: checks by partition, many partitions in one run."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dg.PreviewWarning)
        warnings.simplefilter("ignore", dg.BetaWarning)
        yield
