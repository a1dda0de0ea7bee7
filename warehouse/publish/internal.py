"""The metrics with nothing hidden, for the council's own analysts: internal/equity.parquet and internal/equity.csv.

The Parquet file has every row. The CSV is for spreadsheets: areas or groups, not groups within areas, and without the
words of the definitions, which stand in the dictionary. With both it would be six times as large.
"""

from __future__ import annotations

from pathlib import Path

from warehouse import duck
from warehouse.publish import catalogue
from warehouse.publish.catalogue import TableCard

IN_THE_DICTIONARY = ("numerator_meaning", "denominator_meaning", "base", "clock", "age_rule")


def write(database: Path, card: TableCard, folder: Path) -> int:
    """Write the rows of `card`, in the order of its key, and return how many are in the Parquet file.

    Text that a spreadsheet would take for a formula has an apostrophe in front in the CSV. Raises ClassError unless
    the table is of counts by group.
    """
    catalogue.refuse_unless_fit(card, card.columns)
    folder.mkdir(parents=True, exist_ok=True)
    order = ", ".join(card.key) or "all"
    with duck.reader(database) as connection:
        relation = connection.sql(f"select {', '.join(card.columns)} from {card.relation}")
        types = zip(relation.columns, relation.types, strict=True)
        safe = [
            _safe(name) if str(kind) == "VARCHAR" else name for name, kind in types if name not in IN_THE_DICTIONARY
        ]
        count = connection.execute(
            f"copy (select {', '.join(card.columns)} from {card.relation} order by {order}) "
            f"to '{duck.quoted(folder / 'equity.parquet')}' (format parquet, compression zstd)"
        ).fetchone()
        connection.execute(
            f"copy (select {', '.join(safe)} from {card.relation} where breakdown is not null order by {order}) "
            f"to '{duck.quoted(folder / 'equity.csv')}' (format csv, header)"
        )
    return count[0]


def _safe(name: str) -> str:
    return rf"case when regexp_matches({name}, '^[=+\-@\t\r]') then '''' || {name} else {name} end as {name}"
