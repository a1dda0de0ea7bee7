"""What is to be done about the layout of what landed, before anything is built: codes without a meaning, new columns,
and what changed from one delivery of an extract to the next. Shares and headers, and of a code column values that
stand in many rows; nothing else of a row leaves this module.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import duckdb

from expectations.profile import Delivered, delivered, profile
from warehouse import duck
from warehouse.landing import ledger
from warehouse.settings import Home, Settings
from warehouse.specification import SHOWN_FROM, codes, crosswalk, nearest_code, sources

# A share that moved by so much between two deliveries is told, and a volume outside these bounds.
_MOVED = 0.1
_VOLUME = (0.8, 1.25)
_LONGEST_CODE = 40
_SHARES = {
    "blank": "are blank",
    "unparseable": "do not parse",
    "unknown_code": "are no code",
    "bad_format": "are malformed",
}


@dataclass(frozen=True)
class Task:
    """One thing to look at: `kind` is code, column or drift; `said` holds no value but common ones of code columns."""

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
                current = {receipt.receipt_id for receipt in now.current}
                earlier = [receipt for receipt in receipts if receipt.receipt_id not in current]
                earlier = [receipt for receipt in earlier if receipt.snapshot_date < now.snapshot_date]
                before = delivered(extract, earlier, settings.known_on or settings.as_at)
                if before.current:
                    found += _drift(connection, settings.home, before, now)
    return found


def _gaps(connection: duckdb.DuckDBPyConnection, home: Home, given: Delivered) -> Iterator[Task]:
    extract = given.extract
    for column in extract.columns:
        if not column.code_set or column.many:
            continue
        known = {code.upper() for code in (*codes(column.code_set), *crosswalk(extract.source, column.code_set))}
        gaps = [(value, rows) for value, rows in _values(connection, home, given, column.name) if value not in known]
        for value, rows in gaps:
            if rows >= SHOWN_FROM and len(value) <= _LONGEST_CODE:
                near = nearest_code(value, extract.source, column.code_set)
                mend = f"nearest is {near}" if near else "no code is near"
                said = f"{value!r} is no code of {column.code_set}: {mend}. Add it under codes of the profile, or to "
                said += f"xwalk_{extract.source}_{column.code_set}."
                yield Task("code", extract.source, extract.entity, column.name, rows, said)
        rare = sum(rows for value, rows in gaps if rows < SHOWN_FROM or len(value) > _LONGEST_CODE)
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


def _drift(connection: duckdb.DuckDBPyConnection, home: Home, before: Delivered, now: Delivered) -> Iterator[Task]:
    """What changed between two snapshots of an extract."""
    extract = now.extract
    old, new = profile(connection, home, before), profile(connection, home, now)
    rows = int(new["rows"].count)

    def task(column: str, said: str, of: int = rows) -> Task:
        days = f"{before.snapshot_date} to {now.snapshot_date}"
        return Task("drift", extract.source, extract.entity, column, of, f"{said} ({days})")

    was = old["rows"].count
    if was and not _VOLUME[0] <= rows / was <= _VOLUME[1]:
        yield task("", f"{was:,.0f} rows became {rows:,}")
    for gone in sorted(_headers(now, "columns_missing") - _headers(before, "columns_missing")):
        yield task(gone, "the column is no longer in the file")
    for back in sorted(_headers(before, "columns_missing") - _headers(now, "columns_missing")):
        yield task(back, "the column is in the file again")
    for name, measure in new.items():
        kind, _, column = name.partition(".")
        earlier, later = old[name].value or 0.0 if name in old else 0.0, measure.value or 0.0
        if kind in _SHARES and abs(later - earlier) >= _MOVED:
            yield task(column, f"{earlier:.0%} of its values became {later:.0%} that {_SHARES[kind]}")
    for coded in extract.columns:
        if not coded.code_set or coded.many:
            continue
        ours, theirs = (dict(_values(connection, home, given, coded.name)) for given in (now, before))
        for value in sorted(set(ours) ^ set(theirs)):
            count = ours.get(value, 0) + theirs.get(value, 0)
            if count >= SHOWN_FROM and len(value) <= _LONGEST_CODE:
                yield task(coded.name, f"{value!r} {'is new' if value in ours else 'is gone'}", count)


def _headers(given: Delivered, what: str) -> set[str]:
    return {name for receipt in given.current for name in getattr(receipt, what).split(", ") if name}
