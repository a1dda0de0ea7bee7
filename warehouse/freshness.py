"""How new each extract is on the as-at date, and which tables rest on those that are not: from the quality marts.

No clock is read: a warehouse says of its own day what it rests on.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from warehouse import duck

_COLUMNS = "source, entity, supplier, standing, days_old, days_allowed"


@dataclass(frozen=True)
class Standing:
    """One row of quality.rpt_quality__freshness. `days_old` is None where nothing counts."""

    source: str
    entity: str
    supplier: str | None
    standing: str
    days_old: int | None
    days_allowed: int

    @property
    def name(self) -> str:
        return f"{self.source}.{self.entity}" + (f" of {self.supplier}" if self.supplier else "")

    @property
    def said(self) -> str:
        """What follows on '<name> is'."""
        age = "absent" if self.days_old is None else f"{self.days_old} days old, {self.days_allowed} are allowed"
        why = {
            "refused": "refused at the door",
            "quarantined": "behind its newest file, which is in quarantine",
        }.get(self.standing)
        return f"{why}; what counts of it is {age}" if why else age


def standings(database: Path) -> list[Standing]:
    """Every expected extract, by name and supplier."""
    with duck.reader(database) as connection:
        found = connection.execute(
            f"select {_COLUMNS} from quality.rpt_quality__freshness order by source, entity, supplier"
        ).fetchall()
    return [Standing(*row) for row in found]


def degraded(database: Path) -> dict[str, list[str]]:
    """'transport.run (refused)' → the tables and indicators that rest on it, for each extract that is not fresh."""
    found: dict[str, list[str]] = {}
    with duck.reader(database) as connection:
        for source, entity, standing, rests in connection.execute(
            "select source, entity, standing, table_schema || '.' || table_name as rests "
            "from quality.rpt_quality__degraded "
            "union all select source, entity, standing, metric_id from equity.equity__metric_extract "
            "where standing not in ('fresh', 'not_expected') order by all"
        ).fetchall():
            found.setdefault(f"{source}.{entity} ({standing})", []).append(rests)
    return found


def behind(database: Path, schema: str) -> list[Standing]:
    """The extracts that are not fresh and that a table of this schema rests on."""
    with duck.reader(database) as connection:
        named = set(
            connection.execute(
                "select distinct source, entity from quality.rpt_quality__degraded where table_schema = ?", [schema]
            ).fetchall()
        )
    return [each for each in standings(database) if each.standing != "fresh" and (each.source, each.entity) in named]
