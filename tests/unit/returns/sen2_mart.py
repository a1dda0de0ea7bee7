"""The SEN2 mart alone: an empty core made from its contract, and hand-made rows."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from warehouse import specification
from warehouse.settings import REPOSITORY, Settings

CORE = sorted((REPOSITORY / "models" / "core").glob("_*__models.yml"))
YEARS = (2023, 2024, 2025, 2026, 2027)


@dataclass(frozen=True)
class Mart:
    """A built SEN2 mart over an empty core. `compiled` holds the SQL of each model, to be run again over other rows."""

    settings: Settings
    database: Path
    compiled: dict[str, str]

    def copy(self, folder: Path) -> Mart:
        """The same mart in another folder; the file keeps its name, which the SQL names as its catalogue."""
        shutil.copy(self.database, folder / self.database.name)
        return Mart(self.settings, folder / self.database.name, self.compiled)


def empty_core(database: Path) -> None:
    """Core's tables as its contract declares them, without a row but for the collection years."""
    with duckdb.connect(str(database)) as connection:
        connection.execute("create schema core")
        for model in (m for file in CORE for m in specification.read_yaml(file)["models"]):
            columns = ", ".join(f'"{column["name"]}" {column["data_type"]}' for column in model["columns"])
            connection.execute(f"create table core.{model['name']} ({columns})")
        for row in specification.rows("collection"):
            year = int(row["collection_year"])
            insert(
                connection,
                "core.dim_collection",
                [
                    {
                        "collection_year": year,
                        "census_day": row["census_day"],
                        "year_start": date(year - 1, 1, 1),
                        "year_end": date(year - 1, 12, 31),
                        "deadline": row["deadline"] or None,
                        "is_provisional": row["is_provisional"] == "true",
                        "record_origin": "made",
                    }
                ],
            )


def insert(connection: duckdb.DuckDBPyConnection, table: str, rows: Iterable[Mapping[str, Any]]) -> None:
    """Rows by column name; a column that a row does not name stays null."""
    for row in rows:
        names = ", ".join(f'"{name}"' for name in row)
        places = ", ".join("?" for _ in row)
        connection.execute(f"insert into {table} ({names}) values ({places})", list(row.values()))
