"""An extract as counts: one pass of DuckDB over its current files. No value of a row leaves this module."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from statistics import median

import duckdb

from warehouse import duck
from warehouse.identifiers import has_format
from warehouse.landing import ledger
from warehouse.landing.ledger import Receipt
from warehouse.settings import Home
from warehouse.specification import Column, Extract, codes, crosswalk

# What systems write for "not known" and "no end"; anything on or beyond is no date that a record can mean.
_EARLIEST = date(1900, 1, 1)
_LATEST = date(2100, 1, 1)
# Dates in these forms parse whatever a source declares: spreadsheets write them.
_ALWAYS = ("%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S")
# A declared format that is none of text: the serial number that Excel keeps of a day.
_EXCEL = "excel"


@dataclass(frozen=True)
class Measure:
    """`count` of `of`; a plain number where there is nothing to divide by."""

    count: float
    of: float | None = None

    @property
    def value(self) -> float | None:
        """The share, or the number; None where nothing could be counted."""
        if self.of is None:
            return float(self.count)
        return self.count / self.of if self.of else None

    def __str__(self) -> str:
        if self.of is None:
            return f"{self.count:g}"
        return f"{self.count:g} of {self.of:g}" + (f" ({self.value:.1%})" if self.of else "")


@dataclass(frozen=True)
class Delivered:
    """The receipts of one extract as they stand on the day: those that count, and those that they replaced."""

    extract: Extract
    current: tuple[Receipt, ...]
    quarantined: int
    volume: Measure | None
    smallest_period: Measure | None

    @property
    def snapshot_date(self) -> date:
        return max(receipt.snapshot_date for receipt in self.current)

    @property
    def period(self) -> str:
        """'2026/autumn to 2026/summer (3)', or the one period, or blank."""
        periods = sorted({receipt.period for receipt in self.current if receipt.period})
        return f"{periods[0]} to {periods[-1]} ({len(periods)})" if len(periods) > 1 else "".join(periods)


def delivered(extract: Extract, receipts: list[Receipt], known_on: date) -> Delivered:
    """Which receipts of an extract count on `known_on`: the same rule as stg_landing__receipt."""
    known = [
        receipt
        for receipt in receipts
        if (receipt.source, receipt.entity) == (extract.source, extract.entity)
        and (receipt.snapshot_date <= known_on or extract.source_meta.get("known_whenever"))
    ]
    by_period: dict[str, list[Receipt]] = defaultdict(list)
    for receipt in known:
        if receipt.is_loaded:
            by_period[receipt.period].append(receipt)
    current, compared = [], []
    for mine in by_period.values():
        latest = _latest(mine, extract.is_whole)
        current += latest
        before = _latest([receipt for receipt in mine if receipt not in latest], extract.is_whole)
        if before:
            # A corrected file is compared with the file that it replaces, a new snapshot with the whole one before.
            same_day = before[0].snapshot_date == latest[0].snapshot_date
            names = {receipt.file_name for receipt in before}
            now = [receipt for receipt in latest if not same_day or receipt.file_name in names]
            compared.append(Measure(sum(r.rows_made for r in now), sum(r.rows_made for r in before)))
    rows = [sum(r.rows_made for r in current if r.period == period) for period in by_period]
    names = {receipt.file_name for receipt in current}
    return Delivered(
        extract=extract,
        current=tuple(sorted(current, key=lambda receipt: receipt.receipt_id)),
        quarantined=len({r.file_name for r in known if not r.is_loaded and r.file_name not in names}),
        volume=min(compared, key=lambda measure: measure.value if measure.of else 1.0, default=None),
        smallest_period=Measure(min(rows), median(rows)) if len(rows) > 1 else None,
    )


def profile(connection: duckdb.DuckDBPyConnection, home: Home, given: Delivered) -> dict[str, Measure]:
    """The measures of one extract by name: `rows`, `duplicate_key`, `blank.<column>`, `unparseable.<column>`, …"""
    counts = _counts(connection, home, given)
    rows = counts["rows"]
    found = {"rows": Measure(rows), "files_quarantined": Measure(given.quarantined)}
    received = sum(receipt.rows_received for receipt in given.current)
    found["rejected"] = Measure(sum(receipt.rows_rejected for receipt in given.current), received)
    declared = sum(not (column.from_file_name or column.given or column.many) for column in given.extract.columns)
    absent = {name for receipt in given.current for name in receipt.columns_missing.split(", ") if name}
    found["columns_missing"] = Measure(len(absent), declared)
    found["duplicate_key"] = Measure(counts["duplicate_key"], rows)
    if given.volume:
        found["volume"] = given.volume
    if given.smallest_period:
        found["smallest_period"] = given.smallest_period
    for column in given.extract.columns:
        if column.many:
            continue
        filled = counts[f"filled.{column.name}"]
        found[f"filled.{column.name}"] = Measure(filled, rows)
        found[f"blank.{column.name}"] = Measure(rows - filled, rows)
        for kind, _ in _checks(column, given.extract):
            found[f"{kind}.{column.name}"] = Measure(counts[f"{kind}.{column.name}"], filled)
    return found


def _latest(receipts: list[Receipt], is_whole: bool) -> list[Receipt]:
    """Of the latest snapshot date, the last receipt of each file name; the very last where one is the whole period."""
    if not receipts:
        return []
    day = max(receipt.snapshot_date for receipt in receipts)
    last: dict[str, Receipt] = {}
    for receipt in sorted(receipts, key=lambda receipt: (receipt.landed_at, receipt.receipt_id)):
        if receipt.snapshot_date == day:
            last["" if is_whole else receipt.file_name] = receipt
    return list(last.values())


def measured(extract: Extract) -> dict[str, str]:
    """What is counted, by name, as SQL over the rows of an extract."""
    key = ", ".join(f"coalesce({_name(name)}, '')" for name in extract.key)
    measures = {"rows": "count(*)", "duplicate_key": f"count(*) - count(distinct ({key},))"}
    for column in extract.columns:
        if column.many:
            continue
        measures[f"filled.{column.name}"] = f"count({_name(column.name)})"
        for kind, condition in _checks(column, extract):
            measures[f"{kind}.{column.name}"] = f"count(*) filter (where {condition})"
    return measures


def _counts(connection: duckdb.DuckDBPyConnection, home: Home, given: Delivered) -> dict[str, int]:
    files = ", ".join(f"'{duck.quoted(ledger.parquet_file(home.raw, receipt))}'" for receipt in given.current)
    measures = measured(given.extract)
    select = ", ".join(f'{measure} as "{name}"' for name, measure in measures.items())
    row = connection.execute(f"select {select} from read_parquet([{files}], union_by_name = true)").fetchall()[0]
    return dict(zip(measures, row, strict=True))


def _checks(column: Column, extract: Extract) -> Iterator[tuple[str, str]]:
    """What can be wrong with a value of a column: (kind, SQL condition). A blank is never wrong here."""
    text = _name(column.name)
    if column.data_type == "date":
        formats = ", ".join(f"'{form}'" for form in dict.fromkeys((*extract.date_formats, *_ALWAYS)) if form != _EXCEL)
        parsed = f"cast(try_strptime({text}, [{formats}]) as date)"
        if _EXCEL in extract.date_formats:
            serial = f"case when regexp_full_match({text}, '[0-9]{{5}}([.]0)?') then {text}::double::integer end"
            parsed = f"coalesce({parsed}, date '1899-12-30' + {serial})"
        yield "unparseable", f"{text} is not null and {parsed} is null"
        if extract.source_meta["world"] == "reference":
            yield "implausible", f"{parsed} >= date '{_LATEST}'"
        else:
            yield "implausible", f"{parsed} <= date '{_EARLIEST}' or {parsed} >= date '{_LATEST}'"
        yield "future", f"{parsed} > _snapshot_date and {parsed} < date '{_LATEST}'"
    elif column.data_type in ("integer", "decimal"):
        number = f"try_cast({text} as double)"
        if column.data_type == "integer":
            number = f"case when {number} = floor({number}) then try_cast({number} as integer) end"
        yield "unparseable", f"{text} is not null and {number} is null"
        if column.between:
            yield "implausible", f"{number} not between {column.between[0]} and {column.between[1]}"
    elif column.data_type == "boolean":
        words = "'1', 'y', 'yes', 'true', 't', '1.0', '0', 'n', 'no', 'false', 'f', '0.0'"
        yield "unparseable", f"lower({text}) not in ({words})"
    if column.code_set:
        known = {code.upper() for code in (*codes(column.code_set), *crosswalk(extract.source, column.code_set))}
        listed = ", ".join("'" + code.replace("'", "''") + "'" for code in sorted(known))
        yield "unknown_code", f"upper({text}) not in ({listed})"
    if column.format:
        yield "bad_format", f"not {has_format(text, column.format)}"


def _name(column: str) -> str:
    return f'"{column}"'
