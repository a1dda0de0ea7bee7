"""metric_extract.csv says what each metric is made from; the SQL that was run says so too.

COUNTYWIDE_APPROVE=1 writes the file anew from the SQL.
"""

from __future__ import annotations

import csv
import json
import os
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlglot
from sqlglot import exp

from warehouse.settings import REPOSITORY
from warehouse.specification import rows

if TYPE_CHECKING:
    from tests.conftest import County

FILE = REPOSITORY / "warehouse" / "spec" / "metrics" / "metric_extract.csv"
# What we write ourselves is no extract; on people, places and days every metric rests.
OURS = ("landing", "person", "reported")
LOOK_UPS = (
    "bridge_person_identity",
    "dim_area",
    "dim_collection",
    "dim_date",
    "dim_establishment",
    "dim_period",
    "dim_person",
    "int_establishment__",
    "int_person__",
    "int_place__district",
    "int_place__postcode",
)


def test_each_metric_names_what_its_sql_reads(county: County) -> None:
    target = county.home.work / "build" / "target"
    found = sorted(_made_from(target))
    if os.environ.get("COUNTYWIDE_APPROVE"):
        with FILE.open("w", encoding="utf-8", newline="") as handle:
            csv.writer(handle, lineterminator="\n").writerows([("metric_id", "source", "entity"), *found])
        rows.cache_clear()
    said = [(row["metric_id"], row["source"], row["entity"]) for row in rows("metric_extract")]
    assert said == found


def test_every_metric_that_is_no_gap_has_an_extract() -> None:
    gaps = {row["metric_id"] for row in rows("metric_gap")}
    named = {row["metric_id"] for row in rows("metric_extract")}
    assert named == {row["metric_id"] for row in rows("metric")} - gaps


def test_a_metric_is_made_from_what_its_own_part_of_the_sql_reads() -> None:
    """Two metrics in one query: the one that reads a table through another part is made from it, the other is not."""
    sql = (
        "with late as (select * from core.fct_review), early as (select * from late) "
        "select 'AA01' as metric_id from early union all select 'AA02' as metric_id from core.fct_plan"
    )
    assert dict(_tables_by_metric(sql)) == {"AA01": {"fct_review"}, "AA02": {"fct_plan"}}


def _made_from(target: Path) -> Iterator[tuple[str, str, str]]:
    manifest = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
    names = {node["name"]: key for key, node in manifest["nodes"].items() if node["resource_type"] == "model"}
    behind: dict[str, set[tuple[str, str]]] = {}
    for file in sorted((target / "compiled").glob("*/models/marts/equity/equity__*.sql")):
        if file.stem.startswith(("equity__event_", "equity__aggregate_")):
            for metric_id, tables in _tables_by_metric(file.read_text(encoding="utf-8")).items():
                models = [names[table] for table in tables if table in names and not table.startswith(LOOK_UPS)]
                for extract in set().union(*(_extracts(key, manifest, behind) for key in models)):
                    yield (metric_id, *extract)


def _tables_by_metric(sql: str) -> dict[str, set[str]]:
    """Metric to the tables that its part of a family's query reads, directly or through other parts."""
    tree = sqlglot.parse_one(sql, read="duckdb")
    parts = {part.alias: part.this for part in tree.find_all(exp.CTE)}

    def tables(query: exp.Expression) -> set[str]:
        found: set[str] = set()
        for table in query.find_all(exp.Table):
            found |= {table.name} if table.db else tables(parts[table.name])
        return found

    found: dict[str, set[str]] = defaultdict(set)
    for query in tree.find_all(exp.Select):
        for column in query.expressions:
            if column.alias == "metric_id" and isinstance(column.this, exp.Literal):
                found[column.this.name] |= tables(query)
    return found


def _extracts(key: str, manifest: dict[str, Any], behind: dict[str, set[tuple[str, str]]]) -> set[tuple[str, str]]:
    """The extracts behind a model, but for those that it reads people and places from."""
    if key not in behind:
        behind[key] = set()
        for parent in manifest["nodes"][key]["depends_on"]["nodes"]:
            if source := manifest["sources"].get(parent):
                behind[key] |= {(source["source_name"], source["name"])} if source["source_name"] not in OURS else set()
            elif parent.startswith("model.") and not manifest["nodes"][parent]["name"].startswith(LOOK_UPS):
                behind[key] |= _extracts(parent, manifest, behind)
    return behind[key]
