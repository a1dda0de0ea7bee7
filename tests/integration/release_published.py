"""DfE's release of 2025 as the tables of our mart: our names of columns, and a council in the place of a year."""

from __future__ import annotations

from pathlib import Path

import duckdb

from warehouse.returns import tables

RELEASE = 2025


# What stands in the place of the year: a council's three-digit code, a region's last two digits, 0 of England.
AREA = {
    "Local authority": "cast(old_la_code as integer)",
    "Regional": "cast(right(region_code, 2) as integer)",
    "National": "0",
}


def load(connection: duckdb.DuckDBPyConnection, folder: Path, level: str = "Local authority") -> None:
    """Make sen2__release_<table> of each published file: the rows of a level (a key of AREA) of the latest period.

    `collection_year` holds the area, so that what is asked of years can be asked of councils. What DfE printed as x is
    null; columns that it does not print are null. Phase transfers are empty: they are published from 2026.
    """
    for table in tables.tables(RELEASE):
        name = table["release_table"]
        (file,) = [*folder.glob(f"{table['file_name']}.csv*"), None][:1]
        if file is None:
            continue
        connection.execute(
            "create or replace temp table published as "
            f"select * from read_csv('{file}', header = true, all_varchar = true)"
        )
        chosen = [f"{AREA[level]} as collection_year"]
        printed = set()
        for column in tables.columns_of(name, RELEASE):
            if column["column_name"] and column["column_name"] not in printed:
                printed.add(column["column_name"])
                as_text = f'"{tables.published_name(column, RELEASE)}"'
                is_text = column["kind"] in ("identity", "text")
                value = as_text if is_text else f"try_cast({as_text} as double)"
                chosen.append(f"{value} as {column['column_name']}")
        chosen += [f"cast(null as double) as {column}" for column in missing(name, printed)]
        connection.execute(
            f"create or replace table sen2__release_{name} as select {', '.join(chosen)} from published "
            f"where geographic_level = '{level}' and time_period = (select max(time_period) from published)"
        )
    connection.execute(
        "create table sen2__release_phase_transfers "
        "(collection_year integer, number_plans double, due_in_year double, due_census_year double)"
    )


def missing(release_table: str, printed: set[str]) -> list[str]:
    """Columns of our table that the release of 2025 does not print."""
    found = [
        column["column_name"]
        for column in tables.specification.rows("release_column")
        if column["release_table"] == release_table and column["column_name"] not in {*printed, ""}
    ]
    return list(dict.fromkeys(found))
