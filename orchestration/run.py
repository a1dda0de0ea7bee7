"""Run the whole graph once in this process, kept in the home's own Dagster instance: python -m orchestration.run."""

from __future__ import annotations

import argparse
import logging
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from warehouse import alerts, home
from warehouse.cli import explain, say
from warehouse.settings import Home, Settings

if TYPE_CHECKING:
    from sqlalchemy import Engine

INSTANCE = """\
# Written by countywide. Nothing is sent anywhere; runs and checks are kept in this folder.
telemetry:
  enabled: false
# Nor does a page ask for an address to send news to.
nux:
  enabled: false
# One run at a time holds a home; one asked for meanwhile waits its turn.
concurrency:
  runs:
    max_concurrent_runs: 1
"""

# Stages and failures are said in our own words.
QUIETLY = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


def main(arguments: list[str] | None = None) -> int:
    """0 when every stage did its work; 1 when one could not, after saying why."""
    parser = argparse.ArgumentParser(prog="python -m orchestration.run", description=__doc__)
    parser.add_argument("--home", type=Path, help="the council's folder (default: $COUNTYWIDE_HOME, else build/)")
    parser.add_argument("--force", action="store_true", help="build again even if nothing has changed")
    parser.add_argument("--debug", action="store_true", help="show the whole trace of an error; it may quote data")
    options = parser.parse_args(arguments)
    try:
        return execute(home.opened(options.home), force=options.force)
    except Exception as error:
        if options.debug:
            raise
        print(f"countywide: {explain(error)}", file=sys.stderr)
        return 1


def execute(settings: Settings, force: bool = False) -> int:
    """Run the job in `settings.home` and print where everything is. Sets COUNTYWIDE_HOME and DAGSTER_HOME."""
    started = time.perf_counter()
    os.environ["COUNTYWIDE_HOME"] = str(settings.home.root)
    os.environ["DAGSTER_HOME"] = str(prepare(settings.home))
    import dagster as dg

    from orchestration import failure, sen2
    from orchestration.definitions import JOB, defs
    from warehouse.pipeline import where

    # A run that finds nothing changed skips the checks too; Dagster would warn of each on the terminal.
    logging.getLogger("dagster._core.execution.plan.active").setLevel(logging.ERROR)

    job = defs().resolve_job_def(JOB)
    say(f"Dagster is ready ({time.perf_counter() - started:.1f} s)")
    with _quick_log(), dg.DagsterInstance.get() as instance:
        outcome = job.execute_in_process(
            instance=instance,
            run_config=QUIETLY,
            tags=sen2.whole_run(settings.collection_years)
            | {failure.TOLD: "yes"}
            | ({"force": "yes"} if force else {}),
            raise_on_error=False,
        )
    if not outcome.success:
        for alert in alerts.give(settings, failure.alerts_of(outcome.get_step_failure_events())):
            print(f"countywide: {alert.subject}: {alert.at_home or alert.said}", file=sys.stderr)
        return 1
    for what, place in where(settings.home):
        say(f"{what:<14} {place}")
    return 0


@contextmanager
def _quick_log() -> Iterator[None]:
    """Dagster commits each of some 2,000 events of a run on its own: waiting for the disk each time took a fifth of the
    run of a small county, for a history from which nothing is computed. And its event log opens its file anew for each,
    with an engine that compiles its statements anew. Within this run nobody waits, and engine and connection of a file
    are kept; at its end they are closed and all is as before.

    Rests on how the log makes its engines, hence the bound on dagster in pyproject.toml.
    """
    from dagster._core.storage.event_log.sqlite import sqlite_event_log
    from sqlalchemy import Engine, event
    from sqlalchemy.pool import QueuePool

    create, kept = sqlite_event_log.create_engine, {}

    def engine(url: str, **options: Any) -> Engine:
        if url not in kept:
            made = create(url, **options | {"poolclass": QueuePool})
            kept[url] = made, made.dispose
            made.dispose = lambda: None  # asked for after each event
        return kept[url][0]

    def unhurried(connection: Any, _: Any) -> None:
        connection.execute("pragma synchronous = off")

    sqlite_event_log.create_engine = engine
    event.listen(Engine, "connect", unhurried)
    try:
        yield
    finally:
        event.remove(Engine, "connect", unhurried)
        sqlite_event_log.create_engine = create
        for _, dispose in kept.values():
            dispose()


def prepare(home: Home) -> Path:
    """The home's Dagster folder with its settings, telemetry off; an edited file is left alone."""
    home.dagster.mkdir(parents=True, exist_ok=True)
    file = home.dagster / "dagster.yaml"
    if not file.exists():
        file.write_text(INSTANCE, encoding="utf-8")
    return home.dagster


if __name__ == "__main__":
    sys.exit(main())
