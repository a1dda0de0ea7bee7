"""Staged records into raw Parquet, by DuckDB, without a Python loop over rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from warehouse import duck
from warehouse.landing import csv_reader
from warehouse.landing.header import raw_columns
from warehouse.landing.ledger import Receipt, Reject
from warehouse.landing.quarantine import Quarantine
from warehouse.landing.staged import Staged
from warehouse.settings import Settings
from warehouse.specification import Extract

# What counts as blank around a value: spaces, tabs, line ends, the non-breaking space of Excel and web pages.
_BLANKS = " \t\r\n\u00a0\ufeff"
_MOST_REJECTED = 0.5
_ROW_GROUP = 122_880  # rows, as DuckDB writes them


class NotAccountedFor(Exception):
    """DuckDB's accepted and refused records do not add up to the records received, or it gave up on the file."""


@dataclass(frozen=True)
class Written:
    """A finished Parquet file: what was received, loaded and refused."""

    received: int
    loaded: int
    rejects: tuple[Reject, ...]


def write(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    staged: Staged,
    extract: Extract,
    receipt: Receipt,
    constants: dict[str, str],
    target: Path,
    sieve: Callable[[Staged], Staged],
) -> Written:
    """Write `target` from staged records, refusing those without a key. Received = loaded + refused, always.

    `sieve` reads the file again, record by record, where DuckDB could not account for it.
    Raises Quarantine: truncated or too_many_rejects.
    """
    try:
        written = _write(connection, staged, extract, receipt, constants, target)
    except NotAccountedFor:
        if staged.numbered:
            raise
        staged = sieve(staged)
        with duck.memory(settings.threads, settings.memory, settings.home.work / "spill") as fresh:
            written = _write(fresh, staged, extract, receipt, constants, target)
    _refuse_truncated(receipt.file_name, staged, written)
    if len(written.rejects) > written.received * _MOST_REJECTED:
        reasons = sorted({reject.reason_code for reject in written.rejects})
        raise Quarantine(
            "too_many_rejects",
            f"{receipt.file_name}: {len(written.rejects)} of {written.received} rows break the layout "
            f"({', '.join(reasons)}; the first is record {written.rejects[0].source_row}). "
            f"Compare the file with the layout of {extract.name} and export it again.",
        )
    return written


def adopt(
    connection: duckdb.DuckDBPyConnection, extract: Extract, receipt: Receipt, made: list[Path], target: Path
) -> None:
    """Write `target` from rows that a profile made, with whose they are."""
    columns = ", ".join(f"{_quoted_name(name)}::varchar as {_quoted_name(name)}" for name in raw_columns(extract))
    nothing = ", ".join(f"null as {_quoted_name(name)}" for name in (*raw_columns(extract), "_source_file"))
    listed = ", ".join(f"'{duck.quoted(each)}'" for each in made)
    rows = f"read_parquet([{listed}])" if made else f"(select {nothing}, 0::bigint as _source_row limit 0)"
    connection.execute(
        f"copy (select {columns}, {_technical(receipt, '_source_row')} from {rows} order by _source_row) "
        f"to '{duck.quoted(target)}' (format parquet, compression zstd)"
    ).fetchall()


def _technical(receipt: Receipt, number: str) -> str:
    """The columns that say where a row is from."""
    return (
        f"{_constant(receipt.receipt_id)} as _receipt_id, "
        f"{_constant(receipt.file_name)} as _source_file, {number} as _source_row, "
        f"{_constant(receipt.file_hash)} as _file_hash, "
        f"date '{receipt.snapshot_date.isoformat()}' as _snapshot_date, "
        f"timestamp '{receipt.landed_at.isoformat(sep=' ')}' as _landed_at"
    )


def _write(
    connection: duckdb.DuckDBPyConnection,
    staged: Staged,
    extract: Extract,
    receipt: Receipt,
    constants: dict[str, str],
    target: Path,
) -> Written:
    first = target.with_name(f"{target.name}.1")
    try:
        connection.execute("drop table if exists reject_errors")
        connection.execute("drop table if exists reject_scans")
        # Counting records keeps them in the file's order by itself; held to it by COPY too, memory grows with the file.
        connection.execute(
            f"copy ({_select(staged, extract, receipt, constants)}) to '{duck.quoted(first)}' "
            f"(format parquet, compression zstd, preserve_order {'true' if staged.numbered else 'false'})"
        ).fetchall()
        refused = [] if staged.numbered else _refused(connection, staged)
        parsed = _one(connection, f"select count(*) from read_parquet('{duck.quoted(first)}')")
        if parsed + len(refused) + len(staged.rejects) != staged.received:
            raise NotAccountedFor(f"{receipt.file_name}: received {staged.received}, parsed {parsed}")
        keys = _key_in_file(extract, staged, constants)
        keyless = _keyless(connection, first, keys, _is_header(extract, keys), refused)
        if refused or keyless:
            _rewrite(first, target, refused, keyless)
        else:
            first.replace(target)
        loaded = _one(connection, f"select count(*) from read_parquet('{duck.quoted(target)}')")
    except duckdb.Error as error:
        if staged.numbered:
            raise
        # DuckDB quotes the row in its message, so only the kind of error may go on.
        raise NotAccountedFor(f"{receipt.file_name}: {type(error).__name__}") from None
    finally:
        first.unlink(missing_ok=True)
    rejects = _with_text([*staged.rejects, *refused, *keyless], staged)
    if loaded + len(rejects) != staged.received:
        raise NotAccountedFor(
            f"{receipt.file_name}: received {staged.received}, loaded {loaded}, {len(rejects)} refused"
        )
    return Written(staged.received, loaded, rejects)


def _select(staged: Staged, extract: Extract, receipt: Receipt, constants: dict[str, str]) -> str:
    shift = 1 if staged.numbered else 0
    columns = [
        f"{_value(name, staged, constants, shift)} as {_quoted_name(name)}"
        for name in raw_columns(extract)
        if name in staged.fields or name in constants or not _is_many(name, extract)
    ]
    # Headers of a `many` column beyond the declared range are data too.
    columns += [
        f"{_value(name, staged, constants, shift)} as {_quoted_name(name)}"
        for name in staged.fields
        if name not in raw_columns(extract)
    ]
    number = "cast(f0 as bigint)" if staged.numbered else f"row_number() over () + {staged.first_record - 1}"
    return f"select {', '.join(columns)}, {_technical(receipt, number)} from {_read_csv(staged, shift)}"


def _read_csv(staged: Staged, shift: int) -> str:
    columns = ", ".join(f"'f{position}': 'VARCHAR'" for position in range(staged.width + shift))
    delimiter = "\\t" if staged.delimiter == "\t" else staged.delimiter
    # A file of our own making has one kind of line end; DuckDB would otherwise guess it from a value.
    how = (
        "header = false, new_line = '\\n'"
        if staged.numbered
        else f"header = true, skip = {staged.first_record - 2}, store_rejects = true, rejects_limit = 0"
    )
    return (
        f"read_csv('{duck.quoted(staged.file)}', auto_detect = false, columns = {{{columns}}}, "
        f"delim = '{delimiter}', quote = '\"', escape = '\"', {how})"
    )


def _value(name: str, staged: Staged, constants: dict[str, str], shift: int) -> str:
    if name in constants:
        return _constant(constants[name]) if constants[name] else "cast(null as varchar)"
    if name not in staged.fields:
        return "cast(null as varchar)"
    field = f"f{staged.fields[name] + shift}"
    return f"nullif(trim({field}, {_text(_BLANKS)}), '')" if staged.is_padded else field


def _refused(connection: duckdb.DuckDBPyConnection, staged: Staged) -> list[Reject]:
    """DuckDB's own rejects, one per record; a kind that it may misjudge sends the file to the sieve."""
    rows = connection.execute(
        "select line, min(error_type::varchar), max(error_type::varchar) from reject_errors group by line order by line"
    ).fetchall()
    rejects = []
    for number, kind, other in rows:
        if kind != other or kind not in ("MISSING COLUMNS", "TOO MANY COLUMNS"):
            raise NotAccountedFor(kind)
        if kind == "MISSING COLUMNS":
            rejects.append(csv_reader.too_few(number, None, staged.width, ""))
        else:
            rejects.append(csv_reader.too_many(number, staged.width, ""))
    return rejects


def _key_in_file(extract: Extract, staged: Staged, constants: dict[str, str]) -> list[str]:
    return [
        name
        for name in extract.key
        if extract.column(name).required and (name in staged.fields or not constants.get(name))
    ]


def _is_header(extract: Extract, keys: list[str]) -> str:
    """SQL: the record is the header again, as where files were put end to end: each part of its key is its own name."""
    named = [(_quoted_name(name), sorted(extract.column(name).normal_headers)) for name in keys]
    # No name begins with a digit, and a date or a number does: of those this is all that is asked.
    numbers = [f"not ({name} >= '0' and {name} < ':')" for name, names in named if not names[0][:1].isdigit()]
    spelled = [f"translate(lower({name}), ' _-.()', '') in ({', '.join(map(_text, names))})" for name, names in named]
    return f"coalesce({' and '.join([*numbers, *spelled])}, false)"


def _keyless(
    connection: duckdb.DuckDBPyConnection, parquet: Path, keys: list[str], is_header: str, refused: list[Reject]
) -> list[Reject]:
    """Records that leave a required part of the key blank, or hold the header in it, by record number."""
    if not keys:
        return []
    rejects = []
    blank = ", ".join(f"case when {_quoted_name(name)} is null then {_text(name)} end" for name in keys)
    found = connection.execute(
        f"select _source_row, concat_ws(', ', {blank}) from read_parquet('{duck.quoted(parquet)}') "
        f"where {' or '.join(f'{_quoted_name(name)} is null' for name in keys)} or {is_header} order by _source_row"
    ).fetchall()
    numbers = _record_numbers(np.array([place for place, _ in found], dtype=np.int64), refused).tolist()
    for number, (_, columns) in zip(numbers, found, strict=True):
        if columns:
            said = f"Record {number} leaves {columns} blank, and says nothing without. Fill it in."
            rejects.append(Reject(number, "blank_key", columns, said, ""))
        else:
            said = f"Record {number} is the header again: files were put end to end. Deliver each by itself."
            rejects.append(Reject(number, "repeated_header", "", said, ""))
    return rejects


def _rewrite(source: Path, target: Path, refused: list[Reject], keyless: list[Reject]) -> None:
    """The accepted records again: without the keyless, and numbered with the refused ones in between."""
    left_out = np.array([reject.source_row for reject in keyless], dtype=np.int64)
    with pq.ParquetFile(source) as file, pq.ParquetWriter(target, file.schema_arrow, compression="zstd") as out:
        place = file.schema_arrow.get_field_index("_source_row")
        for batch in file.iter_batches(_ROW_GROUP):
            numbers = _record_numbers(batch.column(place).to_numpy(), refused)
            numbered = batch.set_column(place, file.schema_arrow.field(place), pa.array(numbers))
            out.write_batch(numbered.filter(pa.array(~np.isin(numbers, left_out))))


def _record_numbers(accepted: np.ndarray, refused: list[Reject]) -> np.ndarray:
    """Record numbers in the file of those that DuckDB accepted, given their numbers (from the header's, 1) among
    themselves: number n comes after the j-th refusal, at record r, if n is more than r - j."""
    steps = [reject.source_row - place for place, reject in enumerate(refused, start=1)]
    return accepted + np.searchsorted(np.array(steps, dtype=np.int64), accepted)


def _with_text(rejects: list[Reject], staged: Staged) -> tuple[Reject, ...]:
    wanted = {reject.source_row for reject in rejects if not reject.raw_text}
    texts = staged.raw_text(wanted) if wanted else {}
    return tuple(
        sorted(
            (
                reject if reject.raw_text else replace(reject, raw_text=texts.get(reject.source_row, ""))
                for reject in rejects
            ),
            key=lambda reject: reject.source_row,
        )
    )


def _refuse_truncated(file: str, staged: Staged, written: Written) -> None:
    last = written.rejects[-1] if written.rejects else None
    if last and last.reason_code == "too_few_fields" and not staged.ends_with_newline and _is_last(last, staged):
        raise csv_reader.truncated(file, last.source_row)


def _is_last(reject: Reject, staged: Staged) -> bool:
    return not staged.raw_text({reject.source_row + 1})


def _is_many(name: str, extract: Extract) -> bool:
    return any(column.many and name.startswith(f"{column.name}_") for column in extract.columns)


def _one(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    return connection.execute(query).fetchall()[0][0]


def _constant(value: str) -> str:
    """A text that is the same in every row. As an enum it takes a byte of each row until it is written, and is written
    as text."""
    return f"cast({_text(value)} as enum ({_text(value)}))"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _quoted_name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
