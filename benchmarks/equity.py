"""Time of the equity tables against one full scan of what they read: python -m benchmarks.equity HOME [HOME …]

Each table of models/marts/equity is made once more in memory, from the SQL that dbt compiled for a finished home and
from its published database, one after the other. The floor reads every row and every column of each core table that
these models name, once. Figures are seconds of processor time, of all threads together, and by the clock, of this
machine at this hour; compare ratios, not seconds.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from warehouse import duck
from warehouse.settings import REPOSITORY, Home

FOLDER = "models/marts/equity"
TIMES = 3


@dataclass(frozen=True)
class Spent:
    """Seconds of processor time, of all threads, and by the clock."""

    processor: float
    clock: float

    def __add__(self, other: Spent) -> Spent:
        return Spent(self.processor + other.processor, self.clock + other.clock)


@dataclass(frozen=True)
class Measured:
    """One home: people and plans, rows of what is read and made, the floor, and each model."""

    people: int
    plans: int
    read: int
    made: int
    scan: Spent
    models: dict[str, Spent]

    @property
    def whole(self) -> Spent:
        return sum(self.models.values(), Spent(0.0, 0.0))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("homes", type=Path, nargs="+", metavar="HOME", help="finished homes, the smallest first")
    parser.add_argument("--times", type=int, default=TIMES, help="the best of how many; %(default)s")
    options = parser.parse_args()
    print(report([measure(Home(home), options.times) for home in options.homes]))


def measure(home: Home, times: int) -> Measured:
    """The best of so many times of the scan and of every table of the equity mart. Raises FileNotFoundError for a home
    that was not built, or whose build was swept away."""
    target = home.work / "build" / "target"
    nodes = json.loads((target / "manifest.json").read_text(encoding="utf-8"))["nodes"]
    models = {
        node["name"]: node
        for node in nodes.values()
        if node["resource_type"] == "model" and node["original_file_path"].startswith(FOLDER)
    }
    parents = {parent for node in models.values() for parent in node["depends_on"]["nodes"]}
    core = sorted(nodes[parent]["relation_name"] for parent in parents if nodes.get(parent, {}).get("schema") == "core")
    with duck.memory() as con:
        con.execute(f"attach '{duck.quoted(home.database)}' as warehouse (read_only)")
        rows = {relation: con.execute(f"select count(*) from {relation}").fetchone()[0] for relation in core}
        scan = _best(
            lambda: [con.execute(f"select bit_xor(hash(t)) from {name} as t").fetchall() for name in core], times
        )
        dbt = _Dbt(con, {node["name"]: node["relation_name"] for node in nodes.values() if node.get("relation_name")})
        spent, made = {}, 0
        for name, node in models.items():
            if node["config"]["materialized"] != "table":
                continue
            if node["language"] == "python":
                file = REPOSITORY / node["original_file_path"]
                spent[name] = _best(lambda file=file: _python_model(file, dbt), times)
            else:
                file = target / "compiled" / node["package_name"] / node["original_file_path"]
                sql = file.read_text(encoding="utf-8")
                spent[name] = _best(
                    lambda sql=sql: con.execute(f"create or replace temp table made as {sql}").fetchall(), times
                )
            made += con.execute(f"select count(*) from {node['relation_name']}").fetchone()[0]
        people, plans = (
            con.execute(f"select count(*) from warehouse.core.{name}").fetchone()[0]
            for name in ("dim_person", "fct_plan")
        )
    return Measured(people, plans, sum(rows.values()), made, scan, dict(sorted(spent.items(), key=_dearest)))


def _dearest(item: tuple[str, Spent]) -> float:
    return -item[1].processor


def _scan(con: duckdb.DuckDBPyConnection, relations: list[str]) -> None:
    for relation in relations:
        con.execute(f"select bit_xor(hash(t)) from {relation} as t").fetchall()


class _Dbt:
    """What a Python model asks of dbt: its parents, as relations."""

    def __init__(self, con: duckdb.DuckDBPyConnection, relations: dict[str, str]) -> None:
        self.con, self.relations = con, relations

    def ref(self, name: str) -> duckdb.DuckDBPyRelation:
        return self.con.cursor().sql(f"from {self.relations[name]}")


def _python_model(file: Path, dbt: _Dbt) -> None:
    names: dict[str, Callable] = {}
    exec(compile(file.read_text(encoding="utf-8"), file.name, "exec"), names)  # noqa: S102 - a model of our own
    names["model"](dbt, None)


def _best(work: Callable[[], object], times: int) -> Spent:
    """Of so many times the one with the least processor time."""
    found = []
    for _ in range(times):
        processor, clock = time.process_time(), time.perf_counter()
        work()
        found.append(Spent(time.process_time() - processor, time.perf_counter() - clock))
    return min(found, key=lambda spent: spent.processor)


def report(homes: list[Measured]) -> str:
    """A column for each home; a row for the floor, each of the dearest models, the whole and the ratio."""
    dearest = list(homes[-1].models)[:8]
    lines = [
        _row("", *(f"{home.people:,} people, {home.plans:,} plans" for home in homes)),
        _row("---", *("---:" for _ in homes)),
        _row("rows of core tables read", *(f"{home.read:,}" for home in homes)),
        _row("rows made", *(f"{home.made:,}" for home in homes)),
        _row("**one full scan**", *(_seconds(home.scan) for home in homes)),
        *(_row(name, *(_seconds(home.models[name]) for home in homes)) for name in dearest),
        _row("**all equity tables**", *(_seconds(home.whole) for home in homes)),
        _row("ratio to the scan", *(_ratio(home.whole, home.scan) for home in homes)),
    ]
    if len(homes) > 1:
        first, last = homes[0], homes[-1]
        more = _ratio(last.whole, first.whole)
        lines += ["", f"{last.people / first.people:.1f} times the people take {more} times the time."]
    return "\n".join(lines)


def _row(*cells: str) -> str:
    return "| " + " | ".join(cells) + " |"


def _seconds(spent: Spent) -> str:
    return f"{spent.processor:.2f} ({spent.clock:.2f})"


def _ratio(spent: Spent, floor: Spent) -> str:
    return f"{spent.processor / floor.processor:.1f} ({spent.clock / floor.clock:.1f})"


if __name__ == "__main__":
    main()
