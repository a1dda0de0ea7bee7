"""Which extracts feed the return, by dbt's own lineage, and which are older on the as-at date than their rhythm."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from warehouse import duck

Named = tuple[str, str]  # source and entity

_OURS = ("landing", "person")  # what we write ourselves


def extracts_behind(manifest: Path, schema: str) -> frozenset[Named]:
    """Every extract that a model of this schema is made from, however far back; what we write ourselves is none."""
    document = json.loads(manifest.read_text(encoding="utf-8"))
    models = [name for name, node in document["nodes"].items() if node["schema"] == schema]
    reached = _ancestors(models, document["parent_map"])
    named = ((source["source_name"], source["name"]) for name, source in document["sources"].items() if name in reached)
    return frozenset((source, entity) for source, entity in named if source not in _OURS)


def late(database: Path, feeds: Iterable[Named]) -> list[str]:
    """A line for each feeding extract that is late or absent, from the freshness mart: no clock is read."""
    wanted = set(feeds)
    with duck.reader(database) as connection:
        found = connection.execute(
            "select source, entity, supplier, standing, days_old, days_allowed "
            "from quality.rpt_quality__freshness where standing <> 'fresh' order by source, entity, supplier"
        ).fetchall()
    return [_said(*row) for row in found if row[:2] in wanted]


def _said(source: str, entity: str, supplier: str | None, standing: str, days: int | None, allowed: int) -> str:
    name = f"{source}.{entity}" + (f" of {supplier}" if supplier else "")
    return f"{name} is absent" if standing == "absent" else f"{name} is {days} days old, {allowed} are allowed"


def _ancestors(names: Iterable[str], parents: dict[str, list[str]]) -> set[str]:
    reached: set[str] = set()
    ahead = list(names)
    while ahead:
        name = ahead.pop()
        if name not in reached:
            reached.add(name)
            ahead.extend(parents.get(name, ()))
    return reached
