"""Time and memory of `countywide check` against what lxml needs merely to parse the file, and against pandas.

Returns of several sizes are made from the people of a demonstration county. Each is parsed by lxml, checked with all
rules, and judged by twenty rules in pandas (pandas_peer.py), whose findings must be as many as ours. A return of one
person first shows what start-up alone costs. Figures are seconds of this machine at this hour; compare ratios.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks import page, returns
from benchmarks.bench import DEMO, STAGES, Measured, child

SIZES = (1, 15_000, 60_000)
ENGLAND = 720_000
YEAR = 2026
HEADING = "## Checking a return"
TIMES = 7
# The aims: times lxml's parse, and times faster than pandas.
LXML, PANDAS_TIMES = 3, 10

PARSE = """
import sys, time
from lxml import etree
began, used = time.perf_counter(), time.process_time()
etree.parse(sys.argv[1])
print(time.perf_counter() - began, time.process_time() - used)
"""
CHECK = """
import sys
from warehouse import cli
code = cli.main(["check", sys.argv[1], "--demonstration"])
sys.exit(0 if code < 3 else code)
"""
COUNTS = """
import json, sys
from pathlib import Path
from warehouse.returns.check import judge, rules
with judge.judge(Path(sys.argv[1]), demonstration=True) as judged:
    print(json.dumps(dict(judged.rows(f"select flag, count(*) from {rules.FINDINGS} group by flag"))))
"""
PANDAS = """
import json, sys
from pathlib import Path
from benchmarks import pandas_peer
print(json.dumps(pandas_peer.judge(pandas_peer.frames(Path(sys.argv[1])))))
"""


@dataclass(frozen=True)
class Size:
    """Everything measured of one return; `parsed` are the seconds of lxml alone, and its processor seconds."""

    people: int
    size: int
    parsed: tuple[float, float]
    check: Measured
    pandas: Measured | None


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.check", description=__doc__)
    parser.add_argument("--england", action="store_true", help=f"{ENGLAND:,} people too, without pandas")
    parser.add_argument("--source", type=Path, help="a return whose people are used (default: one of a new county)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-check-") as folder:
        source = options.source or county(Path(folder) / "county")
        sizes = [measure(source, people, Path(folder)) for people in SIZES]
        if options.england:
            sizes.append(measure(source, ENGLAND, Path(folder), with_pandas=False))
    page.keep(report(sizes))
    print(report(sizes))
    return 0


def county(home: Path) -> Path:
    """Make a small county, and its return."""
    print("making a county", flush=True)
    child(DEMO, "demo", "--plans", "1500", "--pupils", "15000", "--home", str(home))
    child(STAGES, str(home))
    return home / "published" / "returns" / "sen2" / str(YEAR) / f"sen2_999_{YEAR}.xml"


def measure(source: Path, people: int, folder: Path, with_pandas: bool = True) -> Size:
    """Make a return of so many people and measure each way of going through it, the best of a few times."""
    file = returns.write(source, people, folder / f"{people}.xml")
    print(f"{people:,} people: parsing, checking, pandas", flush=True)
    times = 1 if people == ENGLAND else TIMES
    parsed = min(tuple(map(float, child(PARSE, str(file)).said.split())) for _ in range(times))
    check = best(CHECK, file, times)
    pandas = best(PANDAS, file, times) if with_pandas else None
    if pandas:
        ours = json.loads(child(COUNTS, str(file)).said)
        theirs = json.loads(pandas.said)
        if differ := {flag: (ours.get(flag, 0), count) for flag, count in theirs.items() if ours.get(flag, 0) != count}:
            raise SystemExit(f"pandas finds otherwise (ours, theirs): {differ}")
    size = file.stat().st_size
    file.unlink()
    return Size(people, size, parsed, check, pandas)


def best(script: str, file: Path, times: int) -> Measured:
    return min((child(script, str(file)) for _ in range(times)), key=lambda one: one.seconds)


def report(sizes: list[Size]) -> str:
    """The section of benchmarks/results.md about checking."""
    start, *larger = sizes
    lines = [
        "",
        "Made by `python -m benchmarks.check --england`. Each column is a return, with the seconds of the best of",
        "seven runs (England: one). lxml parses the file and does nothing else; `countywide check` judges it by all",
        "rules and says what it found; pandas judges twenty rules over all modules, and finds as many. Beyond",
        "start-up: less the run of one person. Processor time is that of all threads together, and minds less what",
        "else the machine does. What was aimed at:",
        "",
        *_aims(start, larger),
        "",
        f"Machine: {os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {sys.version.split()[0]}.",
        "",
        _row("", *(f"{one.people:,} people" if one.people > 1 else "1 person" for one in sizes)),
        _row("---", *("---:" for _ in sizes)),
        _row("MB", *(f"{one.size / 1e6:,.0f}" for one in sizes)),
        _row("lxml parses", *(f"{one.parsed[0]:.2f}" for one in sizes)),
        _row("**check, all rules**", *(f"**{one.check.seconds:.2f}**" for one in sizes)),
        _row("ratio to lxml beyond start-up", "", *(f"{_ours(one, start) / one.parsed[0]:.1f}" for one in larger)),
        _row("the same in processor time", "", *(_processor(one, start) for one in larger)),
        _row("microseconds a person", "", *(f"{_ours(one, start) / one.people * 1e6:.0f}" for one in larger)),
        _row("peak memory MB", *(_memory(one.check) for one in sizes)),
        _row("**pandas, twenty rules**", *(f"**{one.pandas.seconds:.2f}**" if one.pandas else "" for one in sizes)),
        _row("times slower beyond start-up", "", *(_slower(one, start) for one in larger)),
        _row("peak memory MB", *(_memory(one.pandas) for one in sizes)),
    ]  # fmt: skip
    return f"{HEADING}\n" + "\n".join(lines) + "\n"


def _aims(start: Size, larger: list[Size]) -> list[str]:
    """What was aimed at, and whether this run reached it."""
    first, (before, last) = larger[0], larger[-2:]
    clock, processor = f"{_ours(first, start) / first.parsed[0]:.1f}", _processor(first, start)
    said = f"{_met(float(clock) <= LXML)} by the clock ({clock})"
    if processor:
        said += f", {_met(float(processor) <= LXML)} in processor time ({processor})"
    slower = [_slower(one, start) for one in larger if one.pandas]
    lines = [
        f"- Within {LXML} times lxml at {first.people:,} people: {said}.",
        f"- {PANDAS_TIMES} times faster than pandas: {_met(min(map(float, slower)) >= PANDAS_TIMES)} "
        f"({', '.join(slower)}). The peer works in C as well: it parses with lxml and judges by columns.",
    ]
    if last.people == ENGLAND:
        ours, lxml = (
            each(last) / last.people / (each(before) / before.people)
            for each in (lambda one: _ours(one, start), lambda one: one.parsed[0])
        )
        if last.check.memory is not None:
            lines.append(f"- England in 2 GB: {_met(last.check.memory <= 2e9)}.")
        lines.append(
            f"- Linear time: from {before.people:,} to {last.people:,} people the time for each grows "
            f"{ours:.1f} times, that of lxml alone {lxml:.1f} times."
        )
    return lines


def _met(is_met: bool) -> str:
    return "met" if is_met else "not met"


def _ours(one: Size, start: Size) -> float:
    return one.check.seconds - start.check.seconds


def _processor(one: Size, start: Size) -> str:
    if one.check.processor is None or start.check.processor is None:
        return ""
    return f"{(one.check.processor - start.check.processor) / one.parsed[1]:.1f}"


def _slower(one: Size, start: Size) -> str:
    if one.pandas is None or start.pandas is None:
        return ""
    return f"{(one.pandas.seconds - start.pandas.seconds) / _ours(one, start):.1f}"


def _row(*cells: str) -> str:
    return "| " + " | ".join(cells) + " |"


def _memory(measured: Measured | None) -> str:
    return "" if measured is None or measured.memory is None else f"{measured.memory / 2**20:,.0f}"


if __name__ == "__main__":
    sys.exit(main())
