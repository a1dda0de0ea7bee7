"""What the assets of one run share: the settings, the workshop they build in, and what each stage did."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import dagster as dg

from warehouse import cli, pipeline
from warehouse.settings import Settings


@dataclass
class Session:
    """One run in one home. `keep` prints a stage's line and keeps it for the table at the end."""

    settings: Settings
    workshop: pipeline.Workshop
    results: list[pipeline.StageResult] = field(default_factory=list)

    @property
    def built(self) -> bool:
        """Whether this run has built a warehouse; else it works on the published one."""
        return any(result.name == "build" for result in self.results)

    @property
    def database(self) -> Path:
        """The warehouse of this run: the one being made until it is published, else the published one."""
        return self.workshop.database if self.built else self.settings.home.database

    def keep(self, result: pipeline.StageResult) -> pipeline.StageResult:
        self.results.append(result)
        cli.say_stage(result)
        return result


@dg.resource(description="The home this run works in, held for one run at a time")
def session(_context: dg.InitResourceContext) -> Iterator[Session]:
    settings = Settings.read()
    with plainly(), pipeline.exclusive(settings.home) as workshop:
        run = Session(settings, workshop)
        try:
            yield run
        finally:
            if run.results:
                cli.show(run.results)
            if any(result.name == "land" for result in run.results):
                pipeline.alert(settings, run.results)


def whole(is_whole: bool) -> None:
    """Raise Failure where a run would make a part of what has to be made, and published, together."""
    if not is_whole:
        raise dg.Failure(
            "A warehouse is built, and published with its returns, whole and in one run. "
            "Run the job countywide for one collection year: the others are made with it."
        )


@contextmanager
def plainly() -> Iterator[None]:
    """Turn an error into a Failure that says one clear sentence.

    Dagster keeps what is raised, with its causes, in its own database; the words of others may quote a child's value.
    """
    try:
        yield
    except dg.Failure:
        raise
    except Exception as error:
        raise dg.Failure(description=cli.explain(error)) from None


def measured(result: pipeline.StageResult) -> dict[str, int | float | str]:
    """A stage's counts as metadata of what it made."""
    counts = {
        "rows in": result.rows_in,
        "rows out": result.rows_out,
        "rejects": result.rejects,
        "findings": result.findings,
        "seconds": round(result.seconds, 1),
        "note": result.note or None,
    }
    return {name: value for name, value in counts.items() if value is not None}
