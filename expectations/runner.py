"""The door: one Great Expectations suite per extract judges a one-row frame of counts. The only import of the library.

The frame is the profile of the extract (see profile.py), so a result cannot hold a child's value. The library is
imported when there is something to judge, and not when the same files were judged by the same demands before.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import pyarrow.parquet as pq

from expectations import suites
from expectations.demand import Demand
from expectations.profile import Delivered, Measure, delivered, measured, profile
from warehouse import duck
from warehouse.landing import ledger
from warehouse.settings import Home, Settings
from warehouse.specification import Extract, sources

Progress = Callable[[str], None]


@dataclass(frozen=True)
class DoorResult:
    """One demand on one extract, met or not. Columns as declared in _landing__sources.yml."""

    source: str
    entity: str
    snapshot_date: date
    period: str
    expectation: str
    column_name: str
    level: str
    success: bool
    observed: str
    expected: str
    message: str
    inputs_hash: str


def check(settings: Settings, progress: Progress | None = None) -> tuple[DoorResult, ...]:
    """Judge every extract of every source that is switched on, keep the results as rows, and return them."""
    say = progress or (lambda line: None)
    before = _read(settings.home)
    receipts = ledger.read_receipts(settings.home.ledger)
    results: list[DoorResult] = []
    with duck.memory(settings.threads, settings.memory, settings.home.work / "spill") as connection:
        for source in sources().values():
            if not settings.source_is_on(source.name):
                continue
            for extract in source.extracts:
                given = delivered(extract, receipts, settings.known_on or settings.as_at)
                if extract.is_optional and not given.current and not given.quarantined:
                    continue
                demands = suites.demands(extract)
                digest = _digest(given, demands, settings)
                mine = tuple(result for result in before if result.inputs_hash == digest)
                if not mine:
                    measures = profile(connection, settings.home, given) if given.current else {}
                    mine = _judge(settings, given, demands, measures, digest)
                    say(_line(extract, mine))
                results += mine
    _write(settings.home, before, results)
    return tuple(results)


def _judge(
    settings: Settings, given: Delivered, demands: tuple[Demand, ...], measures: dict[str, Measure], digest: str
) -> tuple[DoorResult, ...]:
    """The verdict on one extract. A demand whose measure is not there (no earlier delivery) is left out."""
    if not given.current:
        return (_not_arrived(settings, given, digest),)
    asked = [demand for demand in demands if demand.measure in measures and measures[demand.measure].value is not None]
    met = _validate(given.extract, asked, measures)
    accepted = given.extract.name in settings.door_accept
    return tuple(
        DoorResult(
            source=given.extract.source,
            entity=given.extract.entity,
            snapshot_date=given.snapshot_date,
            period=given.period,
            expectation=demand.name,
            column_name=demand.column,
            level="warning" if accepted and not is_met else demand.level,
            success=is_met,
            observed=str(measures[demand.measure]),
            expected=demand.expected,
            message="" if is_met else _message(given.extract, demand, measures[demand.measure], accepted),
            inputs_hash=digest,
        )
        for demand, is_met in zip(asked, met, strict=True)
    )


def _validate(extract: Extract, demands: list[Demand], measures: dict[str, Measure]) -> list[bool]:
    """Great Expectations' verdicts, in the order of the demands."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"  # read when the library is imported
    import great_expectations as gx
    import pandas as pd
    from great_expectations.data_context.types.base import (
        DataContextConfig,
        InMemoryStoreBackendDefaults,
        ProgressBarsConfig,
    )

    # In memory and without the library's own pages, which would load scripts from the network.
    project = DataContextConfig(
        store_backend_defaults=InMemoryStoreBackendDefaults(), progress_bars=ProgressBarsConfig(globally=False)
    )
    context = gx.get_context(mode="ephemeral", project_config=project)
    asset = context.data_sources.add_pandas("profile").add_dataframe_asset(extract.name)
    frame = pd.DataFrame([{demand.measure: measures[demand.measure].value for demand in demands}])
    batch = asset.add_batch_definition_whole_dataframe("row").get_batch(batch_parameters={"dataframe": frame})
    suite = gx.ExpectationSuite(
        name=extract.name,
        expectations=[_expectation(gx, place, demand) for place, demand in enumerate(demands)],
    )
    outcome = batch.validate(suite)
    met = {result.expectation_config.meta["place"]: bool(result.success) for result in outcome.results}
    raised = [result.expectation_config.meta["place"] for result in outcome.results if _raised(result)]
    if raised or len(met) != len(demands):
        names = ", ".join(f"{demands[place].name} {demands[place].column}".strip() for place in raised)
        raise RuntimeError(f"{extract.name}: Great Expectations could not judge: {names or 'some demands'}")
    return [met[place] for place in range(len(demands))]


def _expectation(gx: Any, place: int, demand: Demand) -> Any:
    """Of a frame of one row the largest value is the value; both ends may be given."""
    return gx.expectations.ExpectColumnMaxToBeBetween(
        column=demand.measure, min_value=demand.minimum, max_value=demand.maximum, meta={"place": place}
    )


def _raised(result: Any) -> bool:
    return bool((result.exception_info or {}).get("raised_exception", False))


def _not_arrived(settings: Settings, given: Delivered, digest: str) -> DoorResult:
    extract = given.extract
    return DoorResult(
        source=extract.source,
        entity=extract.entity,
        snapshot_date=settings.known_on or settings.as_at,
        period="",
        expectation="has_arrived",
        column_name="",
        level="warning",
        success=False,
        observed=f"0 files loaded, {given.quarantined} quarantined",
        expected="at least 1 file",
        message=(
            f"{extract.name}: nothing has landed for {settings.known_on or settings.as_at}. "
            + (
                "Its receipts say why its files were quarantined."
                if given.quarantined
                else f"Drop the extract into inbox/{extract.source}, or switch the source off under [sources]."
            )
        ),
        inputs_hash=digest,
    )


def _message(extract: Extract, demand: Demand, measure: Measure, accepted: bool) -> str:
    place = f"{extract.name}, {demand.column}" if demand.column else extract.name
    said = f"{place}: {measure} {demand.counted}; expected {demand.expected}. {demand.mend}"
    if accepted and demand.level == "error":
        return f"{said} It would block, and is accepted under [door] accept in the settings."
    return said


def _digest(given: Delivered, demands: tuple[Demand, ...], settings: Settings) -> str:
    """Whatever can change a verdict on an extract: its receipts, what is counted of it and what is demanded."""
    judged = [f"{receipt.receipt_id} {receipt.landed_at}" for receipt in given.current]
    day = "" if given.current else settings.known_on or settings.as_at
    accepted = given.extract.name in settings.door_accept
    parts = (given.extract.name, judged, given.quarantined, given.volume, day, accepted, demands)
    return hashlib.sha256(repr((parts, measured(given.extract))).encode()).hexdigest()[:32]


def _line(extract: Extract, results: tuple[DoorResult, ...]) -> str:
    failed = [result for result in results if not result.success]
    blocking = sum(result.level == "error" for result in failed)
    return f"door {extract.name}: {len(results)} demands, {len(failed)} not met" + (
        f", {blocking} of them blocking" if blocking else ""
    )


def _read(home: Home) -> tuple[DoorResult, ...]:
    file = home.ledger / "door_result" / "door_result.parquet"
    if not file.is_file():
        return ()
    return tuple(
        DoorResult(**{name: "" if value is None else value for name, value in row.items()})
        for row in pq.read_table(file).to_pylist()
    )


def _write(home: Home, before: tuple[DoorResult, ...], results: list[DoorResult]) -> None:
    """All results in one file, replaced whole; untouched where they are the same."""
    if tuple(results) != before:
        file = home.ledger / "door_result" / "door_result.parquet"
        ledger.write_rows(file, "door_result", [asdict(result) for result in results])
