"""The metrics with nothing hidden, for the council's own analysts: internal/equity.parquet, and a CSV per family.

The Parquet file has every row. The CSV files are for spreadsheets: areas or groups, not groups within areas, and
without the words of the definitions, which stand in the dictionary. With both they would be six times as large.
"""

from __future__ import annotations

from pathlib import Path

from warehouse import duck
from warehouse.publish import catalogue
from warehouse.publish.catalogue import TableCard

IN_THE_DICTIONARY = ("numerator_meaning", "denominator_meaning", "base", "clock", "age_rule")
# A sheet of Excel has 1,048,576 rows, the header's among them; what is beyond is cut off without a word.
MOST_ROWS = 1_048_575
# By which Excel knows UTF-8. DuckDB writes none, so it is the beginning of the first header.
BYTE_ORDER_MARK = "\ufeff"


def write(database: Path, card: TableCard, folder: Path, most_rows: int = MOST_ROWS) -> int:
    """Write the rows of `card`, in the order of its key, and return how many are in the Parquet file.

    The CSV of a family is <family>.csv, as in public/; past `most_rows` it goes on in <family>_2.csv and so on. Text in
    them that a spreadsheet would take for a formula has an apostrophe in front. Raises ClassError unless the table is
    of counts by group.
    """
    catalogue.refuse_unless_fit(card, card.columns)
    folder.mkdir(parents=True, exist_ok=True)
    order = ", ".join(card.key) or "all"
    parquet = folder / "equity.parquet"
    with duck.reader(database) as connection:
        relation = connection.sql(f"select {', '.join(card.columns)} from {card.relation}")
        types = zip(relation.columns, relation.types, strict=True)
        first, *others = [(name, str(kind)) for name, kind in types if name not in IN_THE_DICTIONARY]
        safe = [_safe(*first, f"{BYTE_ORDER_MARK}{first[0]}"), *(_safe(name, kind, name) for name, kind in others)]
        count = connection.execute(
            f"copy (select {', '.join(card.columns)} from {card.relation} order by {order}) "
            f"to '{duck.quoted(parquet)}' (format parquet, compression zstd)"
        ).fetchone()
        # From the file: the relation is a view, and would be worked out again for each family.
        of_spreadsheets = f"from read_parquet('{duck.quoted(parquet)}') where breakdown is not null"
        families = connection.execute(
            f"select family, count(*) as lines {of_spreadsheets} group by family order by family"
        ).fetchall()
        for family, lines in families:
            for part in range(-(-lines // most_rows)):
                file = folder / (f"{family}_{part + 1}.csv" if part else f"{family}.csv")
                connection.execute(
                    f"copy (select {', '.join(safe)} {of_spreadsheets} and family = '{family}' order by {order} "
                    f"limit {most_rows} offset {part * most_rows}) to '{duck.quoted(file)}' (format csv, header)"
                )
    return count[0]


def _safe(name: str, kind: str, header: str) -> str:
    text = rf"case when regexp_matches({name}, '^[=+\-@\t\r]') then '''' || {name} else {name} end"
    return f'{text if kind == "VARCHAR" else name} as "{header}"'
