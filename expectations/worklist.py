"""What is to be done about the layout of what landed, before anything is built: codes without a meaning, and columns
that nothing reads. Headers, and of a code column values that stand in several rows; nothing else of a row leaves this
module. What changed since the delivery before is rpt_quality__drift.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import duckdb

from expectations.profile import Delivered, delivered
from warehouse import duck
from warehouse.landing import ledger
from warehouse.settings import Home, Settings
from warehouse.specification import LONGEST_CODE, SHOWN_FROM, codes, crosswalk, nearest_code, sources


@dataclass(frozen=True)
class Task:
    """One thing to look at: `kind` is code or column; `said` holds no value but common ones of code columns."""

    kind: str
    source: str
    entity: str
    column: str
    rows: int
    said: str


def tasks(settings: Settings) -> list[Task]:
    """The work list of everything that landed from sources that are switched on, by source and extract."""
    receipts = ledger.read_receipts(settings.home.ledger)
    found: list[Task] = []
    with duck.memory(settings.threads, settings.memory, settings.home.work / "spill") as connection:
        for source in sources().values():
            if not settings.source_is_on(source.name):
                continue
            for extract in source.extracts:
                now = delivered(extract, receipts, settings.known_on or settings.as_at)
                if not now.current:
                    continue
                found += _gaps(connection, settings.home, now)
                found += _new_columns(now)
    return found


def _gaps(connection: duckdb.DuckDBPyConnection, home: Home, given: Delivered) -> Iterator[Task]:
    extract = given.extract
    for column in extract.columns:
        if not column.code_set or column.many:
            continue
        known = {code.upper() for code in (*codes(column.code_set), *crosswalk(extract.source, column.code_set))}
        gaps = [(value, rows) for value, rows in _values(connection, home, given, column.name) if value not in known]
        for value, rows in gaps:
            if rows >= SHOWN_FROM and len(value) <= LONGEST_CODE:
                near = nearest_code(value, extract.source, column.code_set)
                mend = f"nearest is {near}" if near else "no code is near"
                said = f"{value!r} is no code of {column.code_set}: {mend}. Add it under codes of the profile, or to "
                said += f"xwalk_{extract.source}_{column.code_set}."
                yield Task("code", extract.source, extract.entity, column.name, rows, said)
        rare = sum(rows for value, rows in gaps if rows < SHOWN_FROM or len(value) > LONGEST_CODE)
        if rare:
            said = f"values that are no code of {column.code_set}, each too rare or too long to be shown."
            yield Task("code", extract.source, extract.entity, column.name, rare, said)


def _values(connection: duckdb.DuckDBPyConnection, home: Home, given: Delivered, column: str) -> list[tuple[str, int]]:
    """Every value of a code column in upper case with its rows, most rows first."""
    files = ", ".join(f"'{duck.quoted(ledger.parquet_file(home.raw, receipt))}'" for receipt in given.current)
    return connection.execute(
        f'select upper("{column}"), count(*) from read_parquet([{files}], union_by_name = true) '
        f'where "{column}" is not null group by 1 order by 2 desc, 1'
    ).fetchall()


def _new_columns(given: Delivered) -> Iterator[Task]:
    if given.extract.source_meta["world"] == "reference":
        return  # publishers print far more than is declared
    for receipt in given.current:
        for column in filter(None, receipt.columns_ignored.split(", ")):
            said = (
                f"a column of {receipt.file_name} that nothing reads. Map it, or name it under ignore of the profile."
            )
            yield Task("column", receipt.source, receipt.entity, column, receipt.rows_received, said)
