"""The only place that opens DuckDB. One process writes a file at a time; readers open it read-only."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

# Read by DuckDB 2.x and by the 1.x drivers that BI tools ship. Measured: docs/decisions/0003.
PUBLISHED_FORMAT = "v1.2.0"


@contextmanager
def memory(
    threads: int = 2, memory_limit: str = "3GB", spill: Path | None = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to nothing but memory, for reading and writing files. Closed on exit."""
    connection = duckdb.connect(config={"threads": threads, "memory_limit": memory_limit})
    try:
        if spill is not None:
            connection.execute(f"set temp_directory = '{quoted(spill)}'")
        yield connection
    finally:
        connection.close()


@contextmanager
def reader(database: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A read-only connection to a finished warehouse file. Closed on exit."""
    connection = duckdb.connect(str(database), read_only=True)
    try:
        yield connection
    finally:
        connection.close()


def sandbox() -> duckdb.DuckDBPyConnection:
    """A connection that can reach no file and no network, for parsing what a person wrote. The caller keeps it."""
    return duckdb.connect(config={"enable_external_access": "false", "threads": 1, "memory_limit": "256MB"})


def create(database: Path) -> None:
    """Make an empty database file in the published format, for dbt to fill."""
    database.parent.mkdir(parents=True, exist_ok=True)
    with memory() as connection:
        connection.execute(f"attach '{quoted(database)}' as fresh (storage_version '{PUBLISHED_FORMAT}')")
        connection.execute("detach fresh")


def quoted(path: Path | str) -> str:
    """A path as the inside of an SQL string literal: forward slashes (Windows too), quotes doubled."""
    return Path(path).as_posix().replace("'", "''")
