"""One return judged: read into record tables in memory, the warehouse's rules over them, findings with their places."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from warehouse import duck, specification
from warehouse.returns import layout
from warehouse.returns.check import mend, read, rules, sheets
from warehouse.returns.check.columns import of as column_of
from warehouse.returns.check.fast import FastReader
from warehouse.returns.check.read import Reader, Unreadable
from warehouse.returns.check.shape import Message
from warehouse.returns.check.sheets import SheetReader

MEMORY = "1GB"
STRUCTURE = "H12"
# What nothing but the register of settings can answer; D03 and D14 are answered in part without it.
NEEDS_REGISTER = ("D03", "D04", "D06", "D14", "D15", "D16", "L03", "L21", "X07")
_BATCH = 10_000
_RECORD = "person_record_id, request_record_id, record_id"
_FINDING = f"level, flag, printed_id, record_type, {_RECORD}, source_file, source_row, elements, message, what_to_do"


@dataclass(frozen=True)
class Finding:
    """One rule that one record breaks, or one place where the file's structure is wrong. It holds no child's value.

    `path` is the record's place as an XPath, `person` the person's position in the file from 1, `line` where the record
    begins (for a fault of structure, where it is); None where there is none.
    """

    file: str
    rule: str
    level: str
    kind: str
    module: str
    path: str
    person: int | None
    line: int | None
    elements: tuple[str, ...]
    message: str
    what_to_do: str


@dataclass(frozen=True)
class Count:
    """How often a rule was broken, with the first places."""

    rule: str
    level: str
    message: str
    what_to_do: str
    count: int
    places: tuple[Finding, ...]


@dataclass(frozen=True)
class LastYear:
    """The return of the year before that this one was held against, and how many faults its structure has."""

    file: str
    faults: int


class Kept:
    """What several files are held against, read once: a folder for it, which is the caller's to remove."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.last_year: dict[int, LastYear] = {}

    def fill(self, connection: duckdb.DuckDBPyConnection, name: str, tables: Iterable[str], year: int) -> bool:
        """Fill tables with what was kept of a year under a name, if it was."""
        kept = self.folder / f"{name}_{year}"
        if not kept.exists():
            return False
        for table in tables:
            rows = f"read_parquet('{duck.quoted(kept / table)}.parquet')"
            connection.execute(f'insert into "{table}" by name select * from {rows}')
        return True

    def keep(self, connection: duckdb.DuckDBPyConnection, name: str, queries: dict[str, str], year: int) -> None:
        """Keep the rows of a query for each table."""
        kept = self.folder / f"{name}_{year}"
        kept.mkdir()
        for table, query in queries.items():
            connection.execute(f"copy ({query}) to '{duck.quoted(kept / table)}.parquet' (format parquet)")


class Judged:
    """A file that was read. `levels` counts findings by level; `findings()` streams them, worst first."""

    def __init__(
        self,
        file: Path,
        reader: Reader | SheetReader,
        connection: duckdb.DuckDBPyConnection,
        has_register: bool,
        last_year: LastYear | None,
    ):
        self.file = file
        self.year = reader.message.year
        self.people = reader.people
        self.has_header = reader.has_header
        self.has_register = has_register
        self.last_year = last_year
        self.is_provisional = layout.collection(self.year)["is_provisional"] == "true"
        self._message = reader.message
        self._faults = reader.faults
        self._connection = connection
        self._structure = next(
            row
            for row in specification.rows("rule")
            if row["rule_id"] == STRUCTURE and specification.in_force(row, self.year)
        )
        self._kinds = reader.counts
        self.levels: Counter[str] = Counter({"E": 0, "Q": 0, "W": 0})
        self.levels[self._structure["level"]] += reader.counts.total()
        self.records = {
            name: connection.execute(
                f'select count(*) from "{name}" where collection_year = ?', [self.year]
            ).fetchone()[0]
            for name in rules.RECORDS
        }
        for level, count in connection.execute(
            f"select level, count(*) from {rules.FINDINGS} where collection_year = ? group by level", [self.year]
        ).fetchall():
            self.levels[level] += count

    @property
    def unlisted(self) -> int:
        """Faults of structure that are counted and not listed one by one."""
        return self._kinds.total() - len(self._faults)

    def findings(self) -> Iterator[Finding]:
        """Faults of structure in the order of the file, then findings by level, rule and record."""
        for fault in self._faults:
            yield self._fault(fault)
        cursor = self._connection.cursor().execute(
            f"select {_FINDING} from {rules.FINDINGS} where collection_year = ? "
            f"order by level, rule_id, flag, {_RECORD}",
            [self.year],
        )
        while batch := cursor.fetchmany(_BATCH):
            yield from map(self._finding, batch)

    def counts(self, places: int = 3) -> Iterator[Count]:
        """Findings per rule with the first places of each: structure by kind, then by level and rule."""
        kinds: Counter[str] = Counter()
        for (kind, _), count in self._kinds.items():
            kinds[kind] += count
        for kind, count in sorted(kinds.items()):
            first = tuple(self._fault(fault) for fault in self._faults if fault.kind == kind)[:places]
            structure = self._structure
            words, what_to_do = read.WORDS[kind], mend.MENDS[kind]
            yield Count(structure["printed_id"], structure["level"], words, what_to_do, count, first)
        cursor = self._connection.cursor().execute(
            f"select count(*) over of_rule as found, {_FINDING} from {rules.FINDINGS} where collection_year = ? "
            f"window of_rule as (partition by level, flag) "
            f"qualify row_number() over (of_rule order by {_RECORD}) <= ? order by level, flag, {_RECORD}",
            [self.year, places],
        )
        for _, group in groupby(cursor.fetchall(), key=lambda row: row[1:3]):
            (count, *_), *_ = rows = list(group)
            first = tuple(self._finding(row[1:]) for row in rows)
            yield Count(first[0].rule, first[0].level, first[0].message, first[0].what_to_do, count, first)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What a query says of the record tables (rules.RECORDS) and of the findings, as long as the block is open."""
        return self._connection.cursor().execute(query).fetchall()

    def _fault(self, fault: read.Fault) -> Finding:
        return Finding(
            file=fault.file or self.file.name,
            rule=self._structure["printed_id"],
            level=self._structure["level"],
            kind=fault.kind,
            module=fault.module,
            path=fault.path,
            person=fault.person,
            line=fault.line or None,
            elements=(fault.element,),
            message=read.WORDS[fault.kind],
            what_to_do=mend.one(self._message, fault),
        )

    def _finding(self, row: tuple[Any, ...]) -> Finding:
        level, _, printed_id, module, *ids, file, line, elements, message, what_to_do = row
        return Finding(
            file=file or self.file.name,
            rule=printed_id,
            level=level,
            kind="rule",
            module=module,
            path=self._message.path(module, self._ids(module, *ids)),
            person=int(ids[0]) if ids[0] else None,
            line=line,
            elements=tuple((elements or "").split()),
            message=message,
            what_to_do=what_to_do,
        )

    def _ids(self, module: str, *ids: str | None) -> dict[str, int]:
        """Positions by id column: an id is the positions from the person downwards, with points between."""
        shape = self._message.shapes[module]
        columns = dict.fromkeys(column for step in (*shape.path, shape) for column in step.key)
        pairs = zip(columns, ids, strict=False)
        return {column: int(found.rpartition(".")[2]) for column, found in pairs if found is not None}


@contextmanager
def judge(
    file: Path,
    year: int | None = None,
    register: Sequence[Path] = (),
    demonstration: bool = False,
    last_year: Path | None = None,
    progress: Callable[[str], None] | None = None,
    kept: Kept | None = None,
) -> Iterator[Judged]:
    """Read and judge one file; what is yielded can be read until the end of the block.

    `last_year` is the return of the year before, in any form that can be read, for the rules between years.
    `register` is GIAS's download, and the one of its links if D04 is to know what followed a closed school.
    Of several files that are held against the same, the first reads it and the others find it in `kept`.
    Memory is bounded: what does not fit is spilled to a temporary folder that goes when the block ends. Codes of the
    invented council count only with `demonstration`. Raises Unreadable, OSError.
    """
    message = read.message_for(year, _year_of(file))
    columns, tables = program(message.year, demonstration, last_year is not None)
    say = progress or (lambda _line: None)
    with (
        tempfile.TemporaryDirectory(prefix="countywide-check-") as spill,
        duck.memory(memory_limit=MEMORY, spill=Path(spill)) as connection,
    ):
        # Each batch would have all before it compressed again; they are read a few times and go.
        connection.execute("set checkpoint_threshold = '1TB'")
        rules.run(connection, tables["given"])
        reader = load(connection, columns, message, file, say)
        before = _load_last_year(connection, columns, message.year, last_year, say, kept) if last_year else None
        if register:
            _load_register(connection, message.year, register, Path(spill), kept)
        rules.run(connection, tables["derived"], lambda done: say(f"judging {reader.people:,} people {bar(done)}"))
        yield Judged(file, reader, connection, bool(register), before)


def _load_last_year(
    connection: duckdb.DuckDBPyConnection,
    columns: dict[str, dict[str, str]],
    year: int,
    file: Path,
    say: Callable[[str], None],
    kept: Kept | None,
) -> LastYear:
    if kept and kept.fill(connection, "last_year", rules.RECORDS, year):
        return kept.last_year[year]
    reader = load(connection, columns, _message_before(year, file), file, say)
    before = LastYear(file.name, reader.counts.total())
    if kept:
        queries = {name: f'select * from "{name}" where collection_year = {year - 1}' for name in rules.RECORDS}
        kept.keep(connection, "last_year", queries, year)
        kept.last_year[year] = before
    return before


def _load_register(
    connection: duckdb.DuckDBPyConnection, year: int, files: Sequence[Path], spill: Path, kept: Kept | None
) -> None:
    from warehouse.returns.check import register  # landing is slow to import, and few files come with a register

    if kept and kept.fill(connection, "register", [rules.REGISTER], year):
        return
    register.load(connection, year, files, spill)
    if kept:
        kept.keep(connection, "register", {rules.REGISTER: f'select * from "{rules.REGISTER}"'}, year)


def bar(share: float) -> str:
    """How far something is, drawn."""
    return f"[{'#' * round(20 * share):<20}] {share:4.0%}"


def _year_of(file: Path) -> int | None:
    return sheets.year_of(file) if sheets.is_sheets(file) else read.year_of(file)


def _message_before(year: int, file: Path) -> Message:
    """The shape of last year's return, which has to be one of the year before."""
    named = _year_of(file)
    if named not in (year - 1, None):
        raise Unreadable(f"{file.name} is a return of {named}; to be held against {year} it has to be of {year - 1}")
    return read.message_for(year - 1, named)


@cache
def program(
    year: int, demonstration: bool, with_last_year: bool = False
) -> tuple[dict[str, dict[str, str]], dict[str, list[rules.Table]]]:
    """Columns of each record table with their types, and the tables to make before and after they are filled."""
    years = [year - 1, year] if with_last_year else [year]
    # Findings about last year's records, by the lists of this year, are not told: only this year's are.
    project = rules.Project(rules.variables(year, demonstration) | {"collection_years": years}, year=year)
    return {name: project.columns(name) for name in rules.RECORDS}, project.tables([rules.FINDINGS])


def load(
    connection: duckdb.DuckDBPyConnection,
    columns: dict[str, dict[str, str]],
    message: Message,
    file: Path,
    progress: Callable[[str], None] = lambda _line: None,
) -> Reader | SheetReader:
    """Read a file, a folder of COLLECT's or a workbook into the record tables that are there. Raises Unreadable."""
    given = {"collection_year": message.year, "source_file": file.name}

    def keep(table: str, rows: list[dict[str, Any]]) -> None:
        names = dict.fromkeys(name for row in rows for name in row)
        made = [column_of([row.get(name) for row in rows], columns[table][name]) for name in names]
        take(table, pa.Table.from_arrays(made, list(names)))

    def take(table: str, batch: pa.Table) -> None:
        names = set(batch.column_names)
        constants = {name: value for name, value in given.items() if name in columns[table] and name not in names}
        selected = ", ".join([*(f"? as {name}" for name in constants), "batch_of_records.*"])
        connection.register("batch_of_records", batch)
        connection.execute(
            f'insert into "{table}" by name select {selected} from batch_of_records',
            list(constants.values()),
        )
        connection.unregister("batch_of_records")
        share = f" {bar(reader.done / size)}" if size else ""
        progress(f"reading {file.name}: {reader.people:,} people{share}")

    size = 0 if sheets.is_sheets(file) else file.stat().st_size
    reader = SheetReader(message, keep) if sheets.is_sheets(file) else FastReader(message, keep, take)
    reader.read(file)
    if reader.has_header:
        _finish_header(connection, message.year)
    return reader


def _finish_header(connection: duckdb.DuckDBPyConnection, year: int) -> None:
    """What the mart's header knows and a file does not tell. A file without a header has an empty one.

    The day of the build is not known, so a file is never dated too late here (half of H08).
    """
    if not connection.execute("select count(*) from sen2__header where collection_year = ?", [year]).fetchone()[0]:
        connection.execute("insert into sen2__header by name select ? as collection_year", [year])
    connection.execute(
        "update sen2__header set is_provisional = ?, as_at_date = date '9999-12-31' where collection_year = ?",
        [layout.collection(year)["is_provisional"] == "true", year],
    )


__all__ = ["Count", "Finding", "Judged", "Kept", "LastYear", "Unreadable", "judge", "load"]
