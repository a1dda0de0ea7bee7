"""Time and memory of the whole run against merely reading the same files: make bench.

Per size of county, each in a process of its own: DuckDB reads every file of the inbox once, all columns (the floor);
the stages run without Dagster; the same again as a Dagster run. A county of a few children first shows what start-up
alone costs. Figures are seconds of this machine at this hour; compare ratios, not seconds.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks import page
from warehouse.settings import REPOSITORY

SMALLEST = (100, 1_000)

FLOOR = """
import sys
from pathlib import Path
from warehouse import duck
with duck.memory() as connection:
    for file in sorted(path for path in Path(sys.argv[1]).rglob("*") if path.is_file()):
        name = duck.quoted(file)
        try:
            connection.execute(f"select count(columns(*)) from read_csv('{name}', all_varchar = true)").fetchall()
        except Exception:  # XML, XLSX, or an encoding that only Python knows: its bytes
            connection.execute(f"select sum(octet_length(content)) from read_blob('{name}')").fetchall()
"""
STAGES = """
import dataclasses, json, sys
from warehouse import pipeline
from warehouse.settings import Settings
settings = Settings.read(sys.argv[1])
stages = [dataclasses.asdict(stage) for stage in pipeline.run(settings, lambda line: None, force=True)]
print(json.dumps(stages))
"""
DEMO = "import sys; from warehouse import cli; sys.exit(cli.main(sys.argv[1:]))"
DAGSTER = "import sys; from orchestration import run; sys.exit(run.main(sys.argv[1:]))"


@dataclass(frozen=True)
class Measured:
    """One process: wall seconds, peak memory in bytes and processor seconds (None where the system does not say), and
    what it printed."""

    seconds: float
    memory: int | None
    said: str
    processor: float | None = None


@dataclass(frozen=True)
class County:
    """Everything measured of one size."""

    plans: int
    pupils: int
    files: int
    size: int
    demo: Measured
    floor: Measured
    run: Measured
    dagster: Measured

    @property
    def stages(self) -> list[dict]:
        return json.loads(self.run.said.splitlines()[-1])


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bench", description=__doc__)
    parser.add_argument("--plans", type=int, default=13_000)
    parser.add_argument("--pupils", type=int, default=190_000)
    parser.add_argument("--times", type=int, default=4, help="size of the larger county; 1 leaves it out")
    options = parser.parse_args()
    sizes = [SMALLEST, (options.plans, options.pupils)]
    if options.times > 1:
        sizes.append((options.plans * options.times, options.pupils * options.times))
    counties = []
    for plans, pupils in sizes:
        counties.append(measure(plans, pupils))
        page.keep(report(counties))
    print(report(counties))
    return 0


def measure(plans: int, pupils: int) -> County:
    """Make a county in a temporary home, and measure each way of going through it."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        home = Path(folder)
        print(f"{plans:,} plans, {pupils:,} pupils: making them", flush=True)
        demo = child(DEMO, "demo", "--plans", str(plans), "--pupils", str(pupils), "--home", folder)
        files = [file for file in (home / "inbox").rglob("*") if file.is_file()]
        print("reading the files", flush=True)
        floor = min((child(FLOOR, str(home / "inbox")) for _ in range(3)), key=lambda one: one.seconds)
        print("running the stages", flush=True)
        run = child(STAGES, folder)
        for leftover in ("raw", "work", "published"):
            shutil.rmtree(home / leftover)
        print("running the stages in Dagster", flush=True)
        dagster = child(DAGSTER, "--home", folder)
        size = sum(file.stat().st_size for file in files)
        return County(plans, pupils, len(files), size, demo, floor, run, dagster)


def child(script: str, *arguments: str) -> Measured:
    """Run a script in a process of its own; raises CalledProcessError if it fails."""
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY)}
    with tempfile.TemporaryFile() as output:
        started = time.perf_counter()
        process = subprocess.Popen([sys.executable, "-c", script, *arguments], stdout=output, env=environment)
        memory = processor = None
        if hasattr(os, "wait4"):
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            processor = usage.ru_utime + usage.ru_stime
            memory = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
        else:
            process.wait()
        seconds = time.perf_counter() - started
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, script)
        output.seek(0)
        return Measured(seconds, memory, output.read().decode("utf-8"), processor)


def report(counties: list[County]) -> str:
    """The head of benchmarks/results.md."""
    start = counties[0]
    lines = [
        "# Benchmarks",
        "",
        "Made by `make bench`. Each column is a county, each row a process or a stage, in seconds. The floor is DuckDB",
        "reading every file of the inbox once, all columns. Beyond start-up: less the run of the smallest county.",
        "",
        f"Machine: {os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {sys.version.split()[0]}.",
        "",
        _row("", *(f"{county.plans:,} plans, {county.pupils:,} pupils" for county in counties)),
        _row("---", *("---:" for _ in counties)),
        _row("inbox files", *(f"{county.files:,}" for county in counties)),
        _row("inbox MB", *(f"{county.size / 1e6:,.0f}" for county in counties)),
        _row("making the county", *(f"{county.demo.seconds:.1f}" for county in counties)),
        _row("**reading floor**", *(f"**{county.floor.seconds:.1f}**" for county in counties)),
        *(
            _row(stage["name"], *(_stage(county, stage["name"]) for county in counties))
            for stage in start.stages
        ),
        _row("**whole run**", *(f"**{county.run.seconds:.1f}**" for county in counties)),
        _row("ratio to the floor", *(f"{county.run.seconds / county.floor.seconds:.1f}" for county in counties)),
        _row("ratio beyond start-up", *(_beyond(county, start, "run") for county in counties)),
        _row("peak memory MB", *(_memory(county.run) for county in counties)),
        _row("**whole run in Dagster**", *(f"**{county.dagster.seconds:.1f}**" for county in counties)),
        _row("ratio beyond start-up", *(_beyond(county, start, "dagster") for county in counties)),
        _row("peak memory MB", *(_memory(county.dagster) for county in counties)),
        _row("peak memory MB, making the county", *(_memory(county.demo) for county in counties)),
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _row(*cells: str) -> str:
    return "| " + " | ".join(cells) + " |"


def _stage(county: County, name: str) -> str:
    return next((f"{stage['seconds']:.1f}" for stage in county.stages if stage["name"] == name), "")


def _beyond(county: County, start: County, way: str) -> str:
    if county is start:
        return ""
    beyond = getattr(county, way).seconds - getattr(start, way).seconds
    return f"{beyond / county.floor.seconds:.1f}"


def _memory(measured: Measured) -> str:
    return "" if measured.memory is None else f"{measured.memory / 2**20:,.0f}"


if __name__ == "__main__":
    sys.exit(main())
