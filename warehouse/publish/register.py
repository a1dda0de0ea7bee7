"""The register of publications: every count that was ever printed, as it was printed, so that the next can be held
against it. One Parquet per publication under raw/_published, named by its day and its contents; never changed.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from warehouse import duck
from warehouse.publish import kept

COLUMNS = ("metric_id", "variant", "period_id", "breakdown", "breakdown_value", "kind", "printed")


@dataclass(frozen=True)
class Group:
    """A group of one metric variant in one period: the home of up to three counts."""

    metric_id: str
    variant: str
    period_id: str
    breakdown: str
    breakdown_value: str


@dataclass(frozen=True)
class Count:
    """One count of a group: numerator, denominator or complement, which is what the two leave; or what one count of a
    relation across metrics leaves of another (rest)."""

    group: Group
    kind: str


def refuse_unless_whole(folder: Path) -> None:
    """Raise KeptFileError for a file that could not be held against the next publication."""
    kept.refuse_unless_whole(
        folder,
        r".+\.parquet",
        COLUMNS,
        "then nothing is held against what was printed on its day, so keep that table from going out again.",
    )


def read(folder: Path) -> dict[Count, frozenset[str]]:
    """Every text ever printed of each count: rounded numbers and symbols. Empty where nothing was published yet."""
    found: dict[Count, set[str]] = defaultdict(set)
    if any(folder.glob("*.parquet")):
        with duck.memory() as connection:
            rows = connection.execute(
                f"select distinct {', '.join(COLUMNS)} from read_parquet('{duck.quoted(folder / '*.parquet')}')"
            ).fetchall()
        for *group, kind, printed in rows:
            found[Count(Group(*group), kind)].add(printed)
    return {count: frozenset(texts) for count, texts in found.items()}


def keep(printed: Mapping[Count, str], folder: Path, day: date) -> Path | None:
    """Write a publication down as <day>_<hash>.parquet; None where one with the same contents lies there already."""
    rows = sorted(
        (
            count.group.metric_id,
            count.group.variant,
            count.group.period_id,
            count.group.breakdown,
            count.group.breakdown_value,
            count.kind,
            text,
        )
        for count, text in printed.items()
    )
    content = hashlib.sha256(json.dumps(rows).encode()).hexdigest()[:16]
    if not rows or any(folder.glob(f"*_{content}.parquet")):
        return None
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{day.isoformat()}_{content}.parquet"
    unfinished = file.with_suffix(".unfinished")
    columns = {name: [row[place] for row in rows] for place, name in enumerate(COLUMNS)}
    lists = ", ".join(f"unnest(${name}::varchar[]) as {name}" for name in COLUMNS)
    with duck.memory() as connection:
        connection.execute(f"create table publication as select {lists}", columns)
        connection.execute(f"copy publication to '{duck.quoted(unfinished)}' (format parquet, compression zstd)")
    unfinished.replace(file)
    return file
