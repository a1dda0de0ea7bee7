"""The demonstration county from nothing to files: people first, extracts second, faults last."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from warehouse import duck, specification
from warehouse.duck import quoted
from warehouse.settings import Settings
from warehouse.synthetic import (
    answers,
    care,
    education,
    extracts,
    faults,
    files,
    geography,
    health,
    identity,
    people,
    schools,
    truth,
)
from warehouse.synthetic import case_system as case_systems
from warehouse.synthetic.world import VOCABULARY, World

DEFAULT_PLANS = 13_000
DEFAULT_PUPILS = 190_000
DEFAULT_SEED = 20270121

SETTINGS_TEXT = """\
# The demonstration county: nobody in it is real. Made by `countywide demo`.

[council]
la_code = "{la_code}"
name = "{council_name}"
demonstration = true

[dates]
as_at = {as_at}

[return]
collection_years = [{years}]

[officers]
dmo = "Y"
dco = "Y"
dsco = "R"
"""


class SyntheticError(ValueError):
    """The generator was asked for something it must not or cannot do; the message says what to change."""


@dataclass(frozen=True)
class Generated:
    """What was made: number of things by name, the files, and how many findings are expected."""

    home: Path
    counts: dict[str, int] = field(default_factory=dict)
    files: tuple[Path, ...] = ()
    expected_findings: int = 0


def generate(
    settings: Settings,
    plans: int = DEFAULT_PLANS,
    pupils: int = DEFAULT_PUPILS,
    seed: int = DEFAULT_SEED,
    progress: Callable[[str], None] | None = None,
    case_system: str = "",
) -> Generated:
    """Make a demonstration county in a home: its settings file, its inbox, and the oracles beside it.

    plans: plans in force on the as-at date. pupils: pupils on the roll of state schools, near enough.
    case_system: the shape in which the EHC case system's extracts are written (see case_system.py); ours if blank.
    The same seed and sizes give the same bytes; a file that is already there with those bytes is not touched.
    Raises SyntheticError when the home belongs to a real council, or when there are too few pupils for the plans.
    """
    if not settings.demonstration:
        raise SyntheticError(
            f"{settings.home.root} is the home of {settings.council_name}, not a demonstration."
            " Choose another folder with --home, so that invented children never mix with real ones."
        )
    if plans < 100 or pupils < plans * 8:
        raise SyntheticError(
            f"{plans} plans and {pupils} pupils do not make a county: at least 100 plans and 8 pupils for each plan."
        )
    say = progress or (lambda line: None)
    settings = _settings_file(settings)
    work = settings.home.work / "demo"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    try:
        with duck.memory(settings.threads, settings.memory, work / "spill") as con:
            con.execute(f"attach '{quoted(work / 'lives.duckdb')}' as lives")
            con.execute("use lives")
            con.execute(VOCABULARY.format(seed=seed))
            world = World(con, settings, plans, pupils, seed, say)
            for name, step in STEPS:
                say(f"demo: {name}")
                step(world)
            planted = faults.plant(world)
            say(f"demo: {planted} faults planted")
            leave = ("ehc",) if case_system else ()
            written = files.write_all(world, faults.drifted_file(world), faults.UTF16_FILES, leave)
            if case_system:
                written += case_systems.write(con, case_system, settings.home.inbox / "ehc")
            _sweep(settings.home.inbox / "ehc", written)
            written += faults.write_extra_files(world)
            expected = faults.write_oracles(world)
            written.append(answers.write(world))
            truth.write(world)
            say(f"demo: {len(written)} files in {settings.home.inbox}")
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return Generated(settings.home.root, world.counts, tuple(written), expected)


def _sweep(folder: Path, written: list[Path]) -> None:
    """Take away what an earlier demonstration wrote there in another shape."""
    for file in folder.iterdir():
        if file.suffix in (".csv", ".xlsx", ".txt") and file not in written:
            file.unlink()


STEPS: tuple[tuple[str, Callable[[World], None]], ...] = (
    ("the land", geography.build),
    ("families", people.build),
    ("schools", schools.build),
    ("lives in education", education.build),
    ("numbers people are known by", identity.build),
    ("health", health.build),
    ("social care", care.build),
    ("extracts", extracts.build),
)


def _settings_file(settings: Settings) -> Settings:
    """Write the home's settings file unless it is there; returns what it says."""
    file = settings.home.settings_file
    if not file.is_file():
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("w", encoding="utf-8", newline="\n") as target:
            target.write(
                SETTINGS_TEXT.format(
                    la_code=settings.la_code,
                    council_name=settings.council_name,
                    as_at=settings.as_at,
                    years=", ".join(str(year) for year in settings.collection_years),
                )
            )
    found = Settings.read(settings.home.root)
    return replace(found, threads=settings.threads, memory=settings.memory)


def sources() -> tuple[str, ...]:
    """The sources that the generator writes: every declared one but the real England and the council's own."""
    return tuple(name for name, source in specification.sources().items() if source.is_generated)
