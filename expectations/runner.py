"""The door: Great Expectations judges what is demanded of each extract by a frame of counts. The only import of it.

The frame is made of the profile of the extract (see profile.py), so a result cannot hold a child's value. The library
is imported when there is something to judge, and not when the same files were judged by the same demands before.
"""

from __future__ import annotations

import hashlib
import math
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


@dataclass(frozen=True)
class _Case:
    """One extract to be judged: what was delivered, what of it is asked, and the measures that answer."""

    given: Delivered
    asked: list[Demand]
    measures: dict[str, Measure]
    digest: str


def check(settings: Settings, progress: Progress | None = None) -> tuple[DoorResult, ...]:
    """Judge every extract of every source that is switched on, keep the results as rows, and return them."""
    say = progress or (lambda line: None)
    before = _read(settings.home)
    receipts = ledger.read_receipts(settings.home.ledger)
    found: list[tuple[DoorResult, ...] | _Case] = []
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
                if mine:
                    found.append(mine)
                elif given.current:
                    measures = profile(connection, settings.home, given)
                    # A demand whose measure is not there (no earlier delivery) is left out.
                    asked = [
                        each
                        for each in demands
                        if each.measure in measures and measures[each.measure].value is not None
                    ]
                    found.append(_Case(given, asked, measures, digest))
                else:
                    found.append((_not_arrived(settings, given, digest),))
                    say(_line(extract, found[-1]))
    cases = [case for case in found if isinstance(case, _Case)]
    met = iter(_validate(cases) if cases else ())
    results: list[DoorResult] = []
    for case in found:
        if isinstance(case, _Case):
            mine = _judged(settings, case, [next(met) for _ in case.asked])
            say(_line(case.given.extract, mine))
            results += mine
        else:
            results += case
    _write(settings.home, before, results)
    return tuple(results)


def _judged(settings: Settings, case: _Case, met: list[bool]) -> tuple[DoorResult, ...]:
    """The verdict on one extract."""
    extract = case.given.extract
    accepted = extract.name in settings.door_accept
    return tuple(
        DoorResult(
            source=extract.source,
            entity=extract.entity,
            snapshot_date=case.given.snapshot_date,
            period=case.given.period,
            expectation=demand.name,
            column_name=demand.column,
            level="warning" if accepted and not is_met else demand.level,
            success=is_met,
            observed=str(case.measures[demand.measure]),
            expected=demand.expected,
            message="" if is_met else _message(extract, demand, case.measures[demand.measure], accepted),
            inputs_hash=case.digest,
        )
        for demand, is_met in zip(case.asked, met, strict=True)
    )


def _validate(cases: list[_Case]) -> list[bool]:
    """Great Expectations' verdicts, in the order of the cases and their demands.

    The frame has a row per demand: the value, and the least and the most that it may be. So the library is asked twice
    in a run and not once of each demand, which takes it a hundredth of a second each.
    """
    os.environ["GX_ANALYTICS_ENABLED"] = "false"  # read when the library is imported
    import great_expectations as gx
    import pandas as pd
    from great_expectations.data_context.types.base import (
        DataContextConfig,
        InMemoryStoreBackendDefaults,
        ProgressBarsConfig,
    )

    rows = [
        (
            case.given.extract.name,
            float(case.measures[demand.measure].value),
            -math.inf if demand.minimum is None else demand.minimum,
            math.inf if demand.maximum is None else demand.maximum,
        )
        for case in cases
        for demand in case.asked
    ]
    frame = pd.DataFrame(
        [(place, *row) for place, row in enumerate(rows)], columns=["place", "extract", "value", "least", "most"]
    )
    # In memory and without the library's own pages, which would load scripts from the network.
    project = DataContextConfig(
        store_backend_defaults=InMemoryStoreBackendDefaults(), progress_bars=ProgressBarsConfig(globally=False)
    )
    context = gx.get_context(mode="ephemeral", project_config=project)
    asset = context.data_sources.add_pandas("profile").add_dataframe_asset("demands")
    batch = asset.add_batch_definition_whole_dataframe("door").get_batch(batch_parameters={"dataframe": frame})
    is_at_least = gx.expectations.ExpectColumnPairValuesAToBeGreaterThanB
    suite = gx.ExpectationSuite(
        name="door",
        expectations=[
            is_at_least(column_A="value", column_B="least", or_equal=True),
            is_at_least(column_A="most", column_B="value", or_equal=True),
        ],
    )
    outcome = batch.validate(
        suite, result_format={"result_format": "COMPLETE", "unexpected_index_column_names": ["place"]}
    )
    if len(outcome.results) != 2 or any(
        _raised(result) or result.result.get("element_count") != len(rows) for result in outcome.results
    ):
        raise RuntimeError(f"Great Expectations could not judge the {len(rows)} demands")
    unmet = {row["place"] for result in outcome.results for row in result.result["unexpected_index_list"] or ()}
    return [place not in unmet for place in range(len(rows))]


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
