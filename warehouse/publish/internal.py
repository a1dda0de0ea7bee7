"""The metrics with nothing hidden, for the council's own analysts: internal/equity.parquet and internal/equity.csv."""

from __future__ import annotations

from pathlib import Path

from warehouse import duck
from warehouse.publish import catalogue
from warehouse.publish.catalogue import TableCard


def write(database: Path, card: TableCard, folder: Path) -> int:
    """Write the rows of `card`, in the order of its key, and return how many.

    Text that a spreadsheet would take for a formula has an apostrophe in front in the CSV. Raises ClassError unless
    the table is of counts by group.
    """
    catalogue.refuse_unless_fit(card, card.columns)
    folder.mkdir(parents=True, exist_ok=True)
    order = ", ".join(card.key) or "all"
    with duck.reader(database) as connection:
        relation = connection.sql(f"select {', '.join(card.columns)} from {card.relation}")
        types = zip(relation.columns, relation.types, strict=True)
        safe = [_safe(name) if str(kind) == "VARCHAR" else name for name, kind in types]
        for file, columns, how in (
            ("equity.parquet", card.columns, "format parquet, compression zstd"),
            ("equity.csv", safe, "format csv, header"),
        ):
            count = connection.execute(
                f"copy (select {', '.join(columns)} from {card.relation} order by {order}) "
                f"to '{duck.quoted(folder / file)}' ({how})"
            ).fetchone()
    return count[0]


def _safe(name: str) -> str:
    return rf"case when regexp_matches({name}, '^[=+\-@\t\r]') then '''' || {name} else {name} end as {name}"
