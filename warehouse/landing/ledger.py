"""Landing's own tables: one Parquet file per delivered file, written whole or not at all."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow.dataset import dataset

from warehouse.landing.header import raw_columns
from warehouse.specification import Extract, ledger, register, reported

# Raise it when the same bytes would land differently: files already landed are then landed anew.
LANDING_VERSION = "1"
TEMPORARY = ".landing-tmp"

_ARROW = {
    "string": pa.string(),
    "integer": pa.int64(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
    "boolean": pa.bool_(),
    "double": pa.float64(),
}
_TECHNICAL = pa.schema(
    [
        ("_receipt_id", pa.string()),
        ("_source_file", pa.string()),
        ("_source_row", pa.int64()),
        ("_file_hash", pa.string()),
        ("_snapshot_date", pa.date32()),
        ("_landed_at", pa.timestamp("us")),
    ]
)


@dataclass(frozen=True)
class Receipt:
    """What became of one file and extract. Columns as declared in _landing__sources.yml; times are UTC.

    Received, loaded and rejected are records of the file; a profile may make several rows of one, or none (`rows_made`
    counts them), and ask for some of a file's records only (`rows_elsewhere` are for other extracts).
    """

    receipt_id: str
    source: str
    entity: str
    file_name: str
    file_hash: str
    file_bytes: int
    snapshot_date: date
    period: str
    layout_version: str
    encoding: str
    delimiter: str
    status: str
    reason_code: str
    message: str
    rows_received: int
    rows_loaded: int
    rows_rejected: int
    columns_missing: str
    columns_ignored: str
    landed_at: datetime
    landing_version: str
    profile: str = ""
    rows_made: int = 0
    rows_elsewhere: int = 0

    @property
    def is_loaded(self) -> bool:
        return self.status == "loaded"

    @property
    def is_quarantined(self) -> bool:
        return self.status == "quarantined"


@dataclass(frozen=True)
class Reject:
    """One refused record: its number in the file, why, and the text as delivered (restricted)."""

    source_row: int
    reason_code: str
    column_name: str
    message: str
    raw_text: str


def receipt_id(source: str, entity: str, snapshot_date: date, file_name: str, file_hash: str) -> str:
    """The same delivery has the same id for ever."""
    text = "\x1f".join((source, entity, snapshot_date.isoformat(), file_name, file_hash))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def parquet_file(raw: Path, receipt: Receipt) -> Path:
    """Where the rows of one loaded receipt lie."""
    folder = raw / receipt.source / receipt.entity / f"snapshot_date={receipt.snapshot_date.isoformat()}"
    return folder / f"{receipt.file_hash[:16]}-{receipt.receipt_id[:8]}.parquet"


def read_receipts(folder: Path) -> list[Receipt]:
    """Every receipt in the ledger, oldest first."""
    files = [file.as_posix() for file in sorted((folder / "receipt").glob("*.parquet"))]
    rows = dataset(files, schema=_declared(ledger()["receipt"])).to_table().to_pylist() if files else []
    found = [Receipt(**_filled(row)) for row in rows]
    return sorted(found, key=lambda receipt: (receipt.landed_at, receipt.receipt_id))


def _filled(row: dict[str, Any]) -> dict[str, Any]:
    """A row without nulls; receipts from before profiles made one row of each record."""
    if row["rows_made"] is None:
        row |= {"rows_made": row["rows_loaded"], "rows_elsewhere": 0}
    return {name: "" if value is None else value for name, value in row.items()}


def write_receipts(folder: Path, name: str, receipts: Iterable[Receipt]) -> None:
    """Write the receipts of one delivered file at once: from here on the delivery counts as done."""
    write_rows(folder / "receipt" / f"{name}.parquet", "receipt", [asdict(receipt) for receipt in receipts])


def write_rejects(folder: Path, receipt: Receipt, rejects: Iterable[Reject]) -> None:
    """Write the refused records of one receipt; without any, make sure that none of an earlier try is left."""
    file = folder / "reject" / f"{receipt.receipt_id}.parquet"
    whose = {name: getattr(receipt, name) for name in ("receipt_id", "source", "entity", "file_name")}
    rows = [whose | asdict(reject) for reject in rejects]
    if rows:
        write_rows(file, "reject", rows)
    else:
        file.unlink(missing_ok=True)


def write_rows(file: Path, table: str, rows: list[dict[str, Any]]) -> None:
    """Write rows of a declared ledger table to one Parquet file, blank text as null."""
    schema = _declared(ledger()[table])
    blanked = [{name: row[name] if row[name] != "" else None for name in schema.names} for row in rows]
    with replacing(file) as temporary:
        pq.write_table(pa.Table.from_pylist(blanked, schema=schema), temporary, compression="zstd")


def write_layouts(raw: Path, ledger_folder: Path, extracts: Iterable[Extract]) -> None:
    """Give every declared table a Parquet file of no rows, so that dbt finds each source whatever has arrived."""
    for extract in extracts:
        columns = [(name, pa.string()) for name in raw_columns(extract)]
        _write_layout(raw / extract.source / extract.entity, pa.schema([*columns, *_TECHNICAL]))
    for name, table in ledger().items():
        _write_layout(ledger_folder / name, _declared(table))
    for name, table in register().items():
        _write_layout(raw / "_person" / name, _declared(table))
    for name, table in reported().items():
        _write_layout(raw / "_reported" / name, _declared(table))


@contextmanager
def replacing(file: Path, is_kept: bool = True) -> Iterator[Path]:
    """A temporary file beside `file` that takes its place when the block ends well, and is removed when it does not.

    What has to be kept is on the disk before it is in place, so that a power cut leaves no empty file under its name.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_name(f"{file.name}{TEMPORARY}")
    try:
        yield temporary
        if is_kept:
            with temporary.open("rb+") as handle:
                os.fsync(handle.fileno())
        temporary.replace(file)
    finally:
        temporary.unlink(missing_ok=True)


def sweep(raw: Path) -> None:
    """Remove what a killed run left half written."""
    for leftover in raw.rglob(f"*{TEMPORARY}"):
        leftover.unlink(missing_ok=True)


def _write_layout(folder: Path, schema: pa.Schema) -> None:
    file = folder / "_layout.parquet"
    rowless = _rowless(schema)
    if file.is_file() and file.read_bytes() == rowless:
        return
    with replacing(file, is_kept=False) as temporary:
        temporary.write_bytes(rowless)


@cache
def _rowless(schema: pa.Schema) -> bytes:
    """A Parquet file of no rows. Bytes are what is compared: to read 130 schemas took each landing thrice as long."""
    made = pa.BufferOutputStream()
    pq.write_table(schema.empty_table(), made, compression="zstd")
    return made.getvalue().to_pybytes()


def _declared(table: Extract) -> pa.Schema:
    return pa.schema([(column.name, _ARROW[column.data_type]) for column in table.columns])
