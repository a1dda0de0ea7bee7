"""Raw assets, one per declared extract, each with two checks: the door's, and whether it is as new as its rhythm."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

import dagster as dg

from orchestration import sen2
from orchestration.session import Session, measured, plainly
from warehouse import freshness, pipeline
from warehouse.cli import progress
from warehouse.specification import Extract, extracts, sources

RECEIPT, REJECT, DOOR_RESULT, SET_ASIDE, MEASURE = (
    dg.AssetKey(["raw", "landing", name]) for name in ("receipt", "reject", "door_result", "set_aside", "measure")
)
FRESH = "fresh"
FRESHNESS = dg.AssetKey(["quality", "rpt_quality__freshness"])


def key(extract: Extract) -> dg.AssetKey:
    return dg.AssetKey(["raw", extract.source, extract.entity])


def landing() -> dg.AssetsDefinition:
    """Land the inbox. Yields every raw asset, or none when nothing has changed: then everything after is skipped."""
    specs = [
        dg.AssetSpec(
            key(extract),
            description=extract.description,
            group_name=f"raw_{extract.source}",
            kinds={"parquet"},
            metadata={"file pattern": extract.file_pattern, "source": sources()[extract.source].title},
            skippable=True,
        )
        for extract in extracts()
    ]
    ledger = [
        dg.AssetSpec(name, group_name="raw_landing", kinds={"parquet"}, skippable=True) for name in (RECEIPT, REJECT)
    ]

    @dg.multi_asset(specs=[*specs, *ledger], name="land", required_resource_keys={"session"})
    def land(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult | dg.AssetCheckEvaluation]:
        session: Session = context.resources.session
        with plainly():
            stage = session.keep(pipeline.land(session.settings, progress))
            if pipeline.as_landed(session.settings) != session.settings:
                raise pipeline.StageFailed(
                    "The case system has delivered nothing, so there is no return to make and nothing for Dagster to "
                    "run for. Run: countywide run, which reads returns that were sent."
                )
            if not context.run.tags.get("force") and pipeline.is_current(session.settings):
                session.keep(pipeline.unchanged(session.settings))
                # Else a page would say of yesterday's open errors that their check was skipped.
                yield from sen2.verdicts(session, [str(year) for year in session.settings.collection_years])
                return
            received = pipeline.receipts(session.settings.home)
        for extract in extracts():
            mine = [
                receipt
                for receipt in received
                if (receipt["source"], receipt["entity"]) == (extract.source, extract.entity)
            ]
            yield dg.MaterializeResult(
                asset_key=key(extract),
                metadata={
                    "files": len(mine),
                    "quarantined": sum(receipt["status"] == "quarantined" for receipt in mine),
                    "rows received": sum(receipt["rows_received"] for receipt in mine),
                    "dagster/row_count": sum(receipt["rows_loaded"] for receipt in mine),
                    "rows rejected": sum(receipt["rows_rejected"] for receipt in mine),
                },
            )
        yield dg.MaterializeResult(asset_key=RECEIPT, metadata=measured(stage))
        yield dg.MaterializeResult(asset_key=REJECT, metadata={"dagster/row_count": stage.rejects or 0})

    return land


def door() -> dg.AssetsDefinition:
    """Judge each extract. A delivery that fails a check of level error is set aside and the rest goes on: no check
    blocks. The step fails where the case system is left with nothing."""

    @dg.multi_asset(
        specs=[
            dg.AssetSpec(
                DOOR_RESULT,
                deps=[*(key(extract) for extract in extracts()), RECEIPT],
                group_name="raw_landing",
                kinds={"parquet"},
                description="One row per expectation of a door suite",
            ),
            dg.AssetSpec(
                SET_ASIDE,
                deps=[*(key(extract) for extract in extracts()), RECEIPT],
                group_name="raw_landing",
                kinds={"parquet"},
                description="Deliveries that the door refused; they do not count",
            ),
            dg.AssetSpec(
                MEASURE,
                deps=[*(key(extract) for extract in extracts()), RECEIPT],
                group_name="raw_landing",
                kinds={"parquet"},
                description="Every landed file as counts",
            ),
        ],
        check_specs=[
            dg.AssetCheckSpec(
                "door", asset=key(extract), blocking=False, description="Is this the file we were promised?"
            )
            for extract in extracts()
        ],
        name="door",
        required_resource_keys={"session"},
        allow_arbitrary_check_specs=True,
    )
    def judge(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
        session: Session = context.resources.session
        with plainly():
            stage, results = pipeline.judge(session.settings, progress)
        session.keep(stage)
        judged = defaultdict(list)
        for result in results:
            judged[result.source, result.entity].append(result)
        for extract in extracts():
            mine = judged[extract.source, extract.entity]
            failed = [result for result in mine if not result.success]
            refused = [result for result in failed if result.level == "error"]
            yield dg.AssetCheckResult(
                asset_key=key(extract),
                check_name="door",
                passed=not failed,
                severity=dg.AssetCheckSeverity.ERROR if refused else dg.AssetCheckSeverity.WARN,
                description=(refused or failed)[0].message if failed else None,
                metadata={"expectations": len(mine), "failed": [result.message for result in failed]},
            )
        with plainly():
            pipeline.refuse(results)
        yield dg.MaterializeResult(
            asset_key=SET_ASIDE, metadata={"extracts refused": sorted(pipeline.refused(results))}
        )
        yield dg.MaterializeResult(asset_key=DOOR_RESULT, metadata=measured(stage))

    return judge


def fresh() -> dg.AssetChecksDefinition:
    """Whether each extract is as new on the as-at date as its rhythm promises, from the mart; it blocks nothing."""

    @dg.multi_asset_check(
        specs=[
            dg.AssetCheckSpec(
                FRESH,
                asset=key(extract),
                additional_deps=[FRESHNESS],
                description="Is it as new on the as-at date as its rhythm promises?",
            )
            for extract in extracts()
        ],
        name="fresh",
        required_resource_keys={"session"},
    )
    def judge_age(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
        session: Session = context.resources.session
        with plainly():
            found = freshness.standings(session.database)
        for extract in extracts():
            mine = [each for each in found if (each.source, each.entity) == (extract.source, extract.entity)]
            yield aged(extract, mine)

    return judge_age


def aged(extract: Extract, found: Sequence[freshness.Standing]) -> dg.AssetCheckResult:
    """The check of one extract, of each supplier of it; one that is not expected passes."""
    bad = [each for each in found if each.standing != "fresh"]
    return dg.AssetCheckResult(
        asset_key=key(extract),
        check_name=FRESH,
        passed=not bad,
        severity=dg.AssetCheckSeverity.WARN,
        description="; ".join(f"{each.name} is {each.said}" for each in bad) or None,
        metadata={
            "standing": ", ".join(sorted({each.standing for each in found})) or "not expected",
            **{f"days old, {each.name}": each.days_old for each in found if each.days_old is not None},
        },
    )
