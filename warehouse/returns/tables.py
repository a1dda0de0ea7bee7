"""What DfE would publish from a return, as the files of its release: its names, columns, order and signs.

The figures come from the mart, which holds them under one name for every year. Rows of release_*.csv in
warehouse/spec/returns/sen2 say which columns a release has and what it calls them. Beside the files stands
`definitions.csv`: every definition, how sure it is, and what was chosen where nothing is published. Nothing is
suppressed or rounded, as in the release, so the folder is internal.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import duckdb

from warehouse import specification

SCHEMA = "sen2"
FOLDER = "tables"
DEFINITIONS = "definitions.csv"
# DfE's signs: not available.
UNAVAILABLE = "x"
_CLASS = "internal: numbers of children, not suppressed"
_DEFINITION_COLUMNS = ("about", "file", "column", "title", "definition", "status", "choice", "class")
_IDENTIFIED = {
    "setting_group": "URN of a school of the group {code}",
    "urn": "URN that the register does not hold",
    "ukprn": "UKPRN without a URN",
    "sen_setting": "SENSetting {code}",
    "none": "No placement, or none with a code that is known",
}
_STATUS = {
    "published": "published by DfE",
    "tested": "tested on what DfE published",
    "derived": "our reading: not published",
}


def write(connection: duckdb.DuckDBPyConnection, year: int, folder: Path) -> tuple[Path, ...]:
    """Write `<folder>/tables/<DfE's file name>.csv` for each table of a collection year, and definitions.csv.

    `connection` reads a finished warehouse. Columns, their names and order are those of the release of that year, where
    it has been seen; rows are sorted as in the release. UTF-8 with a byte-order mark, as there; the same figures give
    the same bytes.
    """
    target = folder / FOLDER
    target.mkdir(parents=True, exist_ok=True)
    written = []
    for table in tables(year):
        columns = columns_of(table["release_table"], year)
        file = target / f"{table['file_name']}.csv"
        rows = _rows(connection, table, columns, year)
        _write(file, [published_name(column, year) for column in columns], rows)
        written.append(file)
    definitions = target / DEFINITIONS
    _write(definitions, _DEFINITION_COLUMNS, _definitions(year))
    return (*written, definitions)


def tables(year: int) -> list[dict[str, str]]:
    """The tables of a collection year, in order: rows of release_table.csv."""
    return [row for row in specification.rows("release_table") if specification.in_force(row, year)]


def columns_of(release_table: str, year: int) -> list[dict[str, str]]:
    """The columns that the release of a year prints, in its order: rows of release_column.csv."""
    return [
        row
        for row in specification.rows("release_column")
        if row["release_table"] == release_table and row["published_name"] and specification.in_force(row, year)
    ]


def published_name(column: dict[str, str], year: int) -> str:
    """What the release of a year calls a column; `{yy}` is the year of the census and `{yy-1}` the year before."""
    return re.sub(r"\{yy(-1)?\}", lambda match: f"{(year - bool(match[1])) % 100:02d}", column["published_name"])


def _rows(
    connection: duckdb.DuckDBPyConnection, table: dict[str, str], columns: list[dict[str, str]], year: int
) -> Iterator[list[str]]:
    named = list(dict.fromkeys(column["column_name"] for column in columns if column["column_name"]))
    chosen = ", ".join(f'"{name}"' for name in named)
    order = "order by lower(breakdown_topic), lower(breakdown)" if table["has_breakdowns"] == "true" else ""
    found = connection.execute(
        f'select {chosen} from {SCHEMA}."sen2__release_{table["release_table"]}" where collection_year = ? {order}',
        [year],
    ).fetchall()
    for row in found:
        values = dict(zip(named, row, strict=True))
        yield [_cell(column, values) for column in columns]


def _cell(column: dict[str, str], values: dict[str, Any]) -> str:
    if column["fixed_value"]:
        return column["fixed_value"]
    value = values[column["column_name"]]
    if column["kind"] in ("identity", "text"):
        return value or ""
    if value is None or (column["blank_where_zero"] and not values[column["blank_where_zero"]]):
        return UNAVAILABLE
    # One decimal at most, and none where it is 0: 49.1 and 5, as in the release.
    return f"{value:.1f}".removesuffix(".0")


def _definitions(year: int) -> Iterator[tuple[str, ...]]:
    """Every table, column, parameter and setting of a year, and what is said of it."""
    for table in tables(year):
        file = f"{table['file_name']}.csv"
        yield _line("table", file, "", table["title"], f"{table['base']}. {_layout(table, year)}", table)
        for column in columns_of(table["release_table"], year):
            if column["kind"] != "identity":
                yield _line("column", file, published_name(column, year), column["title"], column["definition"], column)
        for topic in specification.rows("release_topic"):
            if topic["release_table"] == table["release_table"] and topic["breakdown_topic"]:
                yield _line("breakdown", file, topic["breakdown_topic"], "", topic["definition"], topic)
    for row in specification.rows("release_parameter"):
        if specification.in_force(row, year):
            yield _line("parameter", "", row["parameter"], "", f"{row['value']} {row['unit']}", row)
    for row in specification.rows("release_setting"):
        if specification.in_force(row, year):
            yield _line("setting", "", row["setting"], "", _placement(row), row)


def _placement(row: dict[str, str]) -> str:
    """Which placements a row of release_setting.csv is about, in words."""
    words = _IDENTIFIED[row["identified_by"]].format(code=row["code"])
    if row["unit"] != "none":
        words += f", {row['unit'].replace('_', ' ')}"
    if row["compulsory_school_age"] != "any":
        words += f", {'' if row['compulsory_school_age'] == 'yes' else 'not '}of compulsory school age"
    return words


def _layout(table: dict[str, str], year: int) -> str:
    """Whether the columns are those of a release that was seen, or carried over from another year's."""
    seen = [int(word) for word in table["layouts_seen"].split()]
    if year in seen:
        return f"Columns of the release of {year}"
    return f"Columns carried over from the release of {max((s for s in seen if s < year), default=min(seen))}"


def _line(about: str, file: str, column: str, title: str, definition: str, row: dict[str, str]) -> tuple[str, ...]:
    return (about, file, column, title, definition, _STATUS[row["status"]], row["choice"], _CLASS)


def _write(file: Path, header: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
    with file.open("w", encoding="utf-8-sig", newline="") as handle:
        sheet = csv.writer(handle, lineterminator="\r\n")
        sheet.writerow(header)
        sheet.writerows(rows)
