"""What publications leave behind for the next: is every file of it whole, before anything is built on it?"""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path

import duckdb

from warehouse import duck

LAYOUT = "_layout.parquet"


class KeptFileError(RuntimeError):
    """A kept file cannot be used. The message names it and says how to mend it and what it would cost to do without."""


def refuse_unless_whole(folder: Path, name: str, columns: Collection[str], without: str) -> None:
    """Raise KeptFileError for a Parquet of `folder` that is damaged, lacks a column, or is not named as ours are.

    `name` is the pattern of a file's name; `without` says what is lost if the file is moved away.
    """
    if not folder.is_dir():
        return
    with duck.memory() as connection:
        for file in sorted(folder.glob("*.parquet")):
            if file.name == LAYOUT:
                continue
            if wrong := _wrong(connection, file, name, columns):
                raise KeptFileError(
                    f"{file} {wrong}. Put it back from your backup, or move it out of that folder: {without} "
                    "Nothing was built."
                )


def _wrong(connection: duckdb.DuckDBPyConnection, file: Path, name: str, columns: Collection[str]) -> str:
    if not re.fullmatch(name, file.name):
        return "is not named as a publication names its files"
    try:
        found = connection.execute(f"describe select * from read_parquet('{duck.quoted(file)}')").fetchall()
    except duckdb.Error:
        return "is damaged: it cannot be read"
    missing = sorted(set(columns) - {row[0] for row in found})
    return f"lacks {', '.join(missing)}" if missing else ""
