"""Time of hiding, rounding and auditing the public tables of a full catalogue: python -m benchmarks.disclosure HOME

The metrics of a finished home, its whole years alone, are repeated under made-up years until there are as many as 79
indicators in three years. Figures are processor seconds of this machine at this hour; compare ratios, not seconds: the
whole to one set of metrics, of which a county the size of the home has one.
"""

from __future__ import annotations

import argparse
import math
import time
from pathlib import Path

from warehouse import duck
from warehouse.publish import public
from warehouse.settings import Home, Settings

INDICATORS, YEARS = 79, 3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path, help="a finished home")
    home = Home(parser.parse_args().home)
    rows = _metric_rows(home)
    sets = math.ceil(INDICATORS * YEARS / len({(row["metric_id"], row["period_id"]) for row in rows}))
    alone, _ = _measured(rows, home)
    repeated = [row | {"period_id": f"{row['period_id']} {number}"} for number in range(sets) for row in rows]
    seconds, tables = _measured(repeated, home)
    counts = sum(table.log["counts"] for table in tables)
    hidden = sum(round(table.log["share_of_counts_hidden"] * table.log["counts"]) for table in tables)
    print(
        f"{len(rows):,} rows: {alone:.1f} s; {sets} times as many: {seconds:.1f} s, {seconds / alone:.1f} times as long"
    )
    print(f"{counts:,} counts, {hidden / counts:.0%} hidden, {sum(table.log['audited'] for table in tables):,} audited")


def _metric_rows(home: Home) -> list[dict]:
    with duck.reader(home.database) as connection:
        found = connection.execute(
            "select * from equity.rpt_equity__metric where breakdown is not null and is_whole_period "
            "and period_type in ('calendar_year', 'academic_year', 'financial_year') order by all"
        )
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _measured(rows: list[dict], home: Home) -> tuple[float, tuple[public.Table, ...]]:
    start = time.process_time()
    tables = public.tables(rows, Settings(home=home))
    return time.process_time() - start, tables


if __name__ == "__main__":
    main()
