"""Every landed file as counts, taken once and kept, so that a delivery can be compared with the one before it: see
rpt_quality__drift. Counts of a file add up to those of its delivery. Of values none is kept but those of code columns
that are codes, or stand in several rows, as
specification.SHOWN_FROM has it.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

import duckdb
import pyarrow.parquet as pq

from expectations.profile import measured
from warehouse import duck
from warehouse.landing import ledger
from warehouse.landing.ledger import Receipt
from warehouse.settings import Home
from warehouse.specification import LONGEST_CODE, SHOWN_FROM, Extract, codes, crosswalk

# Of what the door counts, that which says how a column is filled. The share of keys that repeat does not add up.
_KINDS = ("rows", "filled", "unparseable", "implausible", "unknown_code", "bad_format")
# How a value is written shows in the first rows; a county's attendance has seventy million.
_FIRST_ROWS = 100_000
_FORMS = {
    "-?[0-9]+": "whole number",
    "-?[0-9]*[.][0-9]+": "decimal number",
    "[0-9]{4}-[0-9]{2}-[0-9]{2}.*": "date like 2026-12-31",
    "[0-9]{1,2}[/.-][0-9]{1,2}[/.-][0-9]{2,4}.*": "date like 31/12/2026",
    "[0-9]{1,2}[ -][A-Za-z]{3,9}[ -][0-9]{2,4}.*": "date like 31-Dec-2026",
}


def keep(
    connection: duckdb.DuckDBPyConnection, home: Home, extracts: Iterable[Extract], receipts: list[Receipt]
) -> None:
    """Measure what has landed of these extracts and was not measured yet; forget what no receipt speaks of. An extract
    that was delivered once waits, for there is nothing to compare it with."""
    before: dict[str, list[dict[str, Any]]] = defaultdict(list)
    file = home.ledger / "measure" / "measure.parquet"
    if file.is_file():
        for row in pq.read_table(file).to_pylist():
            before[row["measured_as"]].append(row)
    landed: dict[tuple[str, str], list[Receipt]] = defaultdict(list)
    for receipt in receipts:
        if receipt.is_loaded and ledger.parquet_file(home.raw, receipt).is_file():
            landed[receipt.source, receipt.entity].append(receipt)
    found: dict[str, list[dict[str, Any]]] = {}
    for extract in extracts:
        mine = landed[extract.source, extract.entity]
        if len({(receipt.period, receipt.snapshot_date) for receipt in mine}) < 2:
            continue
        digests = {receipt.receipt_id: _digest(extract, receipt) for receipt in mine}
        found |= {digest: before[digest] for digest in digests.values() if digest in before}
        fresh = [receipt for receipt in mine if digests[receipt.receipt_id] not in found]
        for row in _measures(connection, home, extract, fresh) if fresh else ():
            digest = digests[row["receipt_id"]]
            found.setdefault(digest, []).append({**row, "measured_as": digest})
    if found.keys() != {digest for digest, rows in before.items() if rows}:
        ledger.write_rows(file, "measure", [row for rows in found.values() for row in rows])


def _digest(extract: Extract, receipt: Receipt) -> str:
    """Whatever can change the counts of a file."""
    parts = (receipt.receipt_id, receipt.landed_at, receipt.columns_missing, receipt.columns_ignored)
    return hashlib.sha256(repr((parts, _select(extract))).encode()).hexdigest()[:32]


def _select(extract: Extract) -> dict[str, str]:
    """What is counted of a file, by name, as SQL over its rows."""
    counted = {name: sql for name, sql in measured(extract).items() if name.partition(".")[0] in _KINDS}
    for column in extract.columns:
        if column.many:
            continue
        text = f'"{column.name}"'
        forms = " ".join(f"when regexp_full_match({text}, '{form}') then '{name}'" for form, name in _FORMS.items())
        counted[f"form.{column.name}"] = (
            f"histogram(case {forms} else 'text' end) "
            f"filter (where {text} is not null and _source_row <= {_FIRST_ROWS})"
        )
        if column.code_set:
            counted[f"code.{column.name}"] = f"histogram(upper({text})) filter (where {text} is not null)"
    return counted


def _measures(
    connection: duckdb.DuckDBPyConnection, home: Home, extract: Extract, receipts: list[Receipt]
) -> Iterator[dict[str, Any]]:
    select = _select(extract)
    # Beside the empty table of the layout, for a file that landed before a column was declared.
    layout = home.raw / extract.source / extract.entity / "_layout.parquet"
    files = [layout, *(ledger.parquet_file(home.raw, receipt) for receipt in receipts)]
    listed = ", ".join(f"'{duck.quoted(file)}'" for file in files)
    answers = connection.execute(
        f"select _receipt_id, {', '.join(select.values())} "
        f"from read_parquet([{listed}], union_by_name = true) group by 1"
    ).fetchall()
    counts = {receipt_id: dict(zip(select, rest, strict=True)) for receipt_id, *rest in answers}
    for receipt in receipts:
        mine = counts.get(receipt.receipt_id, {"rows": 0})
        for kind, column, value, count in (*_counted(extract, mine), *_headers(receipt)):
            yield {
                "receipt_id": receipt.receipt_id,
                "column_name": column,
                "measure": kind,
                "measured_value": value,
                "row_count": count,
            }


def _counted(extract: Extract, counts: dict[str, Any]) -> Iterator[tuple[str, str, str, int]]:
    """(measure, column, value, rows) of one file."""
    code_sets = {column.name: str(column.code_set) for column in extract.columns}
    for name, answer in counts.items():
        kind, _, column = name.partition(".")
        if kind == "form":
            yield from ((kind, column, form, count) for form, count in (answer or {}).items())
        elif kind == "code":
            known = {c.upper() for c in (*codes(code_sets[column]), *crosswalk(extract.source, code_sets[column]))}
            for value, count in (answer or {}).items():
                if value in known:
                    yield "known_code", column, value, count
                elif count >= SHOWN_FROM and len(value) <= LONGEST_CODE:
                    yield "other_code", column, value, count
        else:
            yield kind, column, "", answer


def _headers(receipt: Receipt) -> Iterator[tuple[str, str, str, int]]:
    for kind, columns in (("missing", receipt.columns_missing), ("ignored", receipt.columns_ignored)):
        yield from ((kind, column, "", receipt.rows_made) for column in columns.split(", ") if column)
