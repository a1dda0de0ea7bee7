"""The door: Great Expectations judges what is demanded of each extract by a frame of counts. The only import of it.

The frame is made of the profile of the extract (see profile.py), so a result cannot hold a child's value. The library
is imported when there is something to judge, and not when the same files were judged by the same demands before.
"""

from __future__ import annotations

import hashlib
import math
import os
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

from expectations import measure, suites
from expectations.demand import Demand
from expectations.profile import Delivered, Measure, delivered, measured, profile
from warehouse import duck
from warehouse.landing import ledger
from warehouse.landing.ledger import Receipt
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
class SetAside:
    """A receipt that is loaded and does not count: the door refused it. `message` is of the first demand it fails."""

    receipt_id: str
    source: str
    entity: str
    message: str


@dataclass(frozen=True)
class _Case:
    """One extract to be judged: what was delivered, what of it is asked, and the measures that answer."""

    given: Delivered
    asked: list[Demand]
    measures: dict[str, Measure]
    digest: str


def check(settings: Settings, progress: Progress | None = None) -> tuple[DoorResult, ...]:
    """Judge every extract of every source that is switched on, keep the results as rows, and return them.

    A delivery that fails a demand of level error is set aside, and what then counts of its extract is judged in its
    place, until it is fit or nothing is left (`has_arrived` then fails). Results of what was set aside stay among those
    returned.
    """
    say = progress or (lambda line: None)
    before = _read(settings.home)
    receipts = ledger.read_receipts(settings.home.ledger)
    found: dict[str, list[DoorResult]] = {}
    ahead = [each for source in sources().values() if settings.source_is_on(source.name) for each in source.extracts]
    known = _set_aside(settings.home)
    aside = _still_aside(settings, known, ahead, receipts)
    with duck.memory(settings.threads, settings.memory, settings.home.work / "spill") as connection:
        measure.keep(connection, settings.home, ahead, receipts)
        while ahead:
            good = [receipt for receipt in receipts if receipt.receipt_id not in aside]
            given = [delivered(extract, good, settings.known_on or settings.as_at) for extract in ahead]
            judged = _judge(settings, connection, given, before)
            ahead = []
            for each, results in zip(given, judged, strict=True):
                found.setdefault(each.extract.name, []).extend(results)
                if results:
                    say(_line(each.extract, results))
                refused = [result for result in results if result.level == "error" and not result.success]
                if refused:
                    for receipt in _at_fault(settings, connection, each, refused):
                        aside[receipt.receipt_id] = SetAside(
                            receipt.receipt_id, receipt.source, receipt.entity, refused[0].message
                        )
                    ahead.append(each.extract)
    results = [result for mine in found.values() for result in mine]
    if aside != known:
        rows = [asdict(aside[receipt_id]) for receipt_id in sorted(aside)]
        ledger.write_rows(_set_aside_file(settings.home), "set_aside", rows)
    _write(settings.home, before, results)
    return tuple(results)


def _judge(
    settings: Settings, connection: duckdb.DuckDBPyConnection, given: list[Delivered], before: tuple[DoorResult, ...]
) -> list[tuple[DoorResult, ...]]:
    """The results of each; those of `before` where the same files were judged by the same demands."""
    found: list[tuple[DoorResult, ...] | _Case] = []
    for each in given:
        if each.extract.is_optional and not each.current and not each.quarantined:
            found.append(())
            continue
        demands = suites.demands(each.extract)
        digest = _digest(each, demands, settings)
        mine = tuple(result for result in before if result.inputs_hash == digest)
        if mine:
            found.append(mine)
        elif each.current:
            found.append(_case(settings, connection, each, demands, digest))
        else:
            found.append((_not_arrived(settings, each, digest),))
    cases = [case for case in found if isinstance(case, _Case)]
    met = iter(_validate(cases) if cases else ())
    return [
        _judged(settings, case, [next(met) for _ in case.asked]) if isinstance(case, _Case) else case for case in found
    ]


def _case(
    settings: Settings,
    connection: duckdb.DuckDBPyConnection,
    given: Delivered,
    demands: Iterable[Demand],
    digest: str = "",
) -> _Case:
    measures = profile(connection, settings.home, given)
    # A demand whose measure is not there (no earlier delivery) is left out.
    asked = [each for each in demands if each.measure in measures and measures[each.measure].value is not None]
    return _Case(given, asked, measures, digest)


def _set_aside_file(home: Home) -> Path:
    return home.ledger / "set_aside" / "set_aside.parquet"


def _set_aside(home: Home) -> dict[str, SetAside]:
    """What the door has set aside, by receipt."""
    file = _set_aside_file(home)
    return {row["receipt_id"]: SetAside(**row) for row in pq.read_table(file).to_pylist()} if file.is_file() else {}


def _still_aside(
    settings: Settings, known: dict[str, SetAside], judged: list[Extract], receipts: list[Receipt]
) -> dict[str, SetAside]:
    """Of what was set aside before, what stays so: it would not count by now anyhow, and only histories would read it.
    What would count is judged anew, and an extract that is accepted now has nothing set aside."""
    day = settings.known_on or settings.as_at
    anew = {receipt.receipt_id for extract in judged for receipt in delivered(extract, receipts, day).current}
    return {
        receipt_id: each
        for receipt_id, each in known.items()
        if receipt_id not in anew and f"{each.source}.{each.entity}" not in settings.door_accept
    }


def _at_fault(
    settings: Settings, connection: duckdb.DuckDBPyConnection, given: Delivered, refused: list[DoorResult]
) -> list[Receipt]:
    """Which receipts of a refused extract to set aside: the deliveries that fail one of the same demands by themselves,
    else the one that landed last. A delivery is all files of one period and day."""
    deliveries: dict[tuple[str, date], list[Receipt]] = defaultdict(list)
    for receipt in given.current:
        deliveries[receipt.period, receipt.snapshot_date].append(receipt)
    if len(deliveries) == 1:
        return list(given.current)
    names = {(result.expectation, result.column_name) for result in refused}
    failed = [demand for demand in suites.demands(given.extract) if (demand.name, demand.column) in names]
    parts = list(deliveries.values())
    alone = [
        _case(settings, connection, replace(given, current=tuple(part), volume=None, smallest_period=None), failed)
        for part in parts
    ]
    met = iter(_validate(alone))
    fit = [all([next(met) for _ in case.asked]) for case in alone]
    if all(fit):
        return max(parts, key=lambda part: max(receipt.landed_at for receipt in part))
    return [receipt for part, is_fit in zip(parts, fit, strict=True) if not is_fit for receipt in part]


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
    if not any(case.asked for case in cases):
        return []
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
            f"{extract.name}: nothing that counts has landed for {settings.known_on or settings.as_at}. "
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
