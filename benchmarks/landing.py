"""Landing against DuckDB's own read of the same files to Parquet: python -m benchmarks.landing.

The extract is the big one, daily attendance: a mark for each pupil and half day, a file a month, ten months. Each way
is a process of its own, and they take turns. Beyond start-up: less the run of ten pupils. Processor time is that of all
threads together, and minds less what else the machine does. Compare ratios and memory, not seconds.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks import page
from benchmarks.bench import Measured, _memory, _row, child
from benchmarks.check import _met
from warehouse import duck, home

TITLE = "## Landing"
MONTHS = tuple(f"{2025 + (month < 9)}-{month:02d}" for month in (9, 10, 11, 12, 1, 2, 3, 4, 5, 6))
DAYS = 19  # of school in a month: 380 half days a year
START_UP = 10
AIM = 3

FLOOR = """
import sys
from pathlib import Path
from warehouse import duck
with duck.memory() as connection:
    for file in sorted(Path(sys.argv[1]).iterdir()):
        read = f"from read_csv('{duck.quoted(file)}', all_varchar = true)"
        target = duck.quoted(Path(sys.argv[2]) / f"{file.stem}.parquet")
        connection.execute(f"copy ({read}) to '{target}' (compression zstd)").fetchall()
"""
LAND = """
import sys
from warehouse import pipeline
from warehouse.settings import Settings
stage = pipeline.land(Settings.read(sys.argv[1]), lambda line: None)
assert stage.rows_in == stage.rows_out > 0 and not stage.findings, stage
"""


@dataclass(frozen=True)
class Landed:
    """Everything measured of one number of pupils."""

    pupils: int
    size: int
    floor: Measured
    landing: Measured


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.landing", description=__doc__)
    parser.add_argument("--pupils", type=int, nargs="+", default=[9_500, 38_000])
    parser.add_argument("--repeat", type=int, default=1, help="the best of so many runs of each way")
    parser.add_argument("--once", type=int, nargs="+", default=[], help="more numbers of pupils, one run of each way")
    options = parser.parse_args()
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    measured = [measure(pupils, options.repeat) for pupils in (START_UP, *options.pupils)]
    measured += [measure(pupils, 1) for pupils in options.once]
    section = report(measured, options.repeat, load)
    page.keep(f"{TITLE}\n\n{section}")
    print(section)
    return 0


def measure(pupils: int, repeat: int) -> Landed:
    """Make a year of marks in a temporary home, read it both ways."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        root = Path(folder)
        council = root / "home"
        home.create(council, "302", "Somewhere")
        inbox = council / "inbox" / "attendance"
        inbox.mkdir(parents=True, exist_ok=True)
        for month in MONTHS:
            _write(inbox / f"attendance_sessions_{month}.csv", month, pupils)
        size = sum(file.stat().st_size for file in inbox.iterdir())
        print(f"{pupils:,} pupils, {size / 1e6:,.0f} MB", flush=True)
        floors, landings = [], []
        for _ in range(repeat):
            with tempfile.TemporaryDirectory(dir=root) as target:
                floors.append(child(FLOOR, str(inbox), target))
            landings.append(child(LAND, str(council)))
            for file in sorted((council / "raw").rglob("*"), reverse=True):
                file.unlink() if file.is_file() else file.rmdir()
        return Landed(pupils, size, _best(floors), _best(landings))


def _best(runs: list[Measured]) -> Measured:
    """The least time of any run, by the clock and of the processor, and the most memory."""
    return Measured(
        seconds=min(one.seconds for one in runs),
        memory=None if runs[0].memory is None else max(one.memory for one in runs),
        said="",
        processor=None if runs[0].processor is None else min(one.processor for one in runs),
    )


def _write(file: Path, month: str, pupils: int) -> None:
    """A month of marks: every pupil of invented schools of 250, twice a day, one mark in twenty an absence."""
    with duck.memory() as connection:
        connection.execute(
            f"""
            copy (
                select
                    'A' || lpad((820000000000 + pupil)::varchar, 12, '0') as upn,
                    (100000 + pupil // 250)::varchar as urn,
                    (date '{month}-01' + day::integer)::varchar as session_date,
                    half as session,
                    case
                        when hash(pupil, day, half) % 20 = 0 then 'I' when half = 'AM' then '/' else '\\'
                    end as attendance_code
                from range({pupils}) as p(pupil), range({DAYS}) as d(day), (values ('AM'), ('PM')) as h(half)
            ) to '{duck.quoted(file)}' (format csv, header)
            """
        ).fetchall()


def report(measured: list[Landed], repeat: int, load: str) -> str:
    """The section of benchmarks/results.md. `load` is what the machine did before we began, in processes."""
    start, *sizes = measured
    rows = len(MONTHS) * DAYS * 2
    lines = [
        "Made by `python -m benchmarks.landing`. Each column is a year of daily attendance, with the seconds of the",
        f"best of {repeat} runs (of --once: one). The floor is DuckDB reading the same files, all columns as text,",
        "into Parquet. Beyond start-up: less the run of ten pupils. Processor time is that of all threads together,",
        "and minds less what else the machine does: the floor reads with all cores, landing counts records with",
        "one, so on a busy machine the clock flatters it. What was aimed at: 3 times the floor, memory that does not",
        "grow.",
        "",
        f"- {AIM} times the floor: {_said('seconds', sizes, start)} by the clock"
        + ("" if start.floor.processor is None else f", {_said('processor', sizes, start)} in processor time")
        + ".",
        "",
        f"Machine: {os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {sys.version.split()[0]}, "
        f"at a load of {load} when we began.",
        "",
        _row("", *(f"{one.pupils:,} pupils" for one in measured)),
        _row("---", *("---:" for _ in measured)),
        _row("rows", *(f"{one.pupils * rows:,}" for one in measured)),
        _row("MB", *(f"{one.size / 1e6:,.0f}" for one in measured)),
        _row("**DuckDB to Parquet**", *(f"**{one.floor.seconds:.1f}**" for one in measured)),
        _row("processor time", *(_processor(one.floor) for one in measured)),
        _row("peak memory MB", *(_memory(one.floor) for one in measured)),
        _row("**landing**", *(f"**{one.landing.seconds:.1f}**" for one in measured)),
        _row("processor time", *(_processor(one.landing) for one in measured)),
        _row("peak memory MB", *(_memory(one.landing) for one in measured)),
        _row("ratio beyond start-up", "", *(f"{_ratio('seconds', one, start):.1f}" for one in sizes)),
    ]
    if start.floor.processor is not None:
        lines.append(_row("the same in processor time", "", *(f"{_ratio('processor', o, start):.1f}" for o in sizes)))
    return "\n".join(lines) + "\n"


def _said(which: str, sizes: list[Landed], start: Landed) -> str:
    ratios = [_ratio(which, one, start) for one in sizes]
    return f"{_met(max(ratios) <= AIM)} ({', '.join(f'{ratio:.1f}' for ratio in ratios)})"


def _processor(measured: Measured) -> str:
    return "" if measured.processor is None else f"{measured.processor:.1f}"


def _ratio(which: str, one: Landed, start: Landed) -> float:
    """`which` is a time of Measured: seconds or processor."""
    landing, floor = (getattr(each, which) for each in (one.landing, one.floor))
    return (landing - getattr(start.landing, which)) / (floor - getattr(start.floor, which))


if __name__ == "__main__":
    sys.exit(main())
