"""Files in a council's own layout, read by a profile: the delivered rows as they are, then SQL to canonical rows.

Each file is first read in its own layout by the readers of this package, so that its records are counted and refused
as those of any other file. What the profile says is then one query per extract. Every record of a file ends in one of
four ways: it makes rows of an extract, it is refused with a reason, it is joined to a row that does, or (of a file
that feeds several extracts) it is of another kind than this extract asks for.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from pathlib import Path

import duckdb

from warehouse import duck
from warehouse.landing import csv_reader, discover, writer, xlsx_reader
from warehouse.landing.discover import Delivery
from warehouse.landing.header import raw_columns
from warehouse.landing.ledger import Receipt, Reject
from warehouse.landing.quarantine import Quarantine
from warehouse.landing.staged import Staged
from warehouse.profiles import Profile
from warehouse.profiles.profile import ROW, Field, File, Join, Part, quoted, text
from warehouse.settings import Settings
from warehouse.specification import Column, Extract, Source, normal_header

# More of these than so many in a hundred, and the profile is not one of this file.
_MOST_LOST = 0.5
_LOST = ("blank_key", "unjoined", "no_row", "no_extract")


@dataclass(frozen=True)
class Parcel:
    """The files of one delivery that one profile reads together: for each of its files what was delivered."""

    profile: Profile
    files: dict[str, tuple[Delivery, ...]]

    @property
    def deliveries(self) -> tuple[Delivery, ...]:
        """Its files, each once."""
        return tuple({each.name: each for several in self.files.values() for each in several}.values())

    @property
    def entities(self) -> dict[str, tuple[Part, ...]]:
        """The extracts that it feeds, or would."""
        return {
            entity: parts
            for entity, parts in self.profile.extracts.items()
            if any(file in self.files for part in parts for file in _files_of(part))
        }

    def whole(self, digests: dict[str, str]) -> str:
        """The hash of all that its rows are made from."""
        said = [self.profile.hash, *(f"{name} {digest}" for name, digest in sorted(digests.items()))]
        return hashlib.sha256("\n".join(said).encode()).hexdigest()

    def receipts(self) -> list[tuple[Delivery, str]]:
        """Which receipts it is to have: each file for each extract that it is made into, one at least."""
        found: dict[tuple[str, str], Delivery] = {}
        for name, delivered in self.files.items():
            for entity in self.receipt_entities(name):
                found |= {(delivery.name, entity): delivery for delivery in delivered}
        return [(delivery, entity) for (_, entity), delivery in found.items()]

    def receipt_entities(self, name: str) -> list[str]:
        """The extracts made of a file's rows; of a file that is joined only, the first that it is joined in."""
        made = [e for e, parts in self.entities.items() if any(part.source_file == name for part in parts)]
        return made or [e for e, parts in self.entities.items() if any(name in _files_of(part) for part in parts)][:1]


@dataclass
class Outcome:
    """What became of one file for one extract. `made` rows lie in `parquets` (of a workbook one for each sheet);
    `elsewhere` are of another kind than the `kind` rows that the extract asks for."""

    parquets: list[Path] = field(default_factory=list)
    kind: int = 0
    received: int = 0
    loaded: int = 0
    made: int = 0
    elsewhere: int = 0
    rejects: list[Reject] = field(default_factory=list)
    refusal: Quarantine | None = None
    staged: Staged | None = None
    period: str = ""


def parcels(source: Source, deliveries: Iterable[Delivery], profiles: Iterable[Profile]) -> list[Parcel]:
    """Deliveries that a profile reads, put together by profile, folder and day; the first profile that knows a file."""
    found: dict[tuple[str, str, date, frozenset[str]], dict[str, list[Delivery]]] = defaultdict(dict)
    by_name = {profile.name: profile for profile in profiles}
    for delivery in deliveries:
        folder = delivery.name.rpartition("/")[0]
        for profile in by_name.values():
            names = _matching(profile, delivery)
            for name in names:
                group = next(group for group in profile.groups if name in group)
                found[profile.name, folder, delivery.snapshot_date, group].setdefault(name, []).append(delivery)
            if names:
                break
    return [
        Parcel(by_name[name], {file: tuple(delivered) for file, delivered in files.items()})
        for (name, _, _, _), files in found.items()
    ]


def layout_of(profile: Profile, file: File) -> Extract:
    """A file of a profile in the words of a declared extract, for the readers."""
    return Extract(
        source=profile.name,
        entity=file.name,
        description="",
        columns=tuple(
            Column(name=name, data_type="string", aliases=aliases, required=name in file.required)
            for name, aliases in file.columns.items()
        ),
        meta={
            "key": [],
            "profile": profile.name,
            "lines_above_header": file.header_row - 1,
            "lines_below_header": file.skip_rows,
            "drops_totals": file.drops_totals,
            "sheet": file.sheet,
        },
        source_meta={},
    )


@contextmanager
def read(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    parcel: Parcel,
    originals: dict[str, Path],
    source: Source,
    scratch: Path,
) -> Iterator[dict[tuple[str, str], Outcome]]:
    """Read a parcel: an outcome per delivered file and extract, by their names. Its Parquet is in `scratch`.

    `originals` has the bytes of each file by its name. No error here quotes a row.
    """
    reading = _Reading(connection, settings, parcel, originals, source, scratch)
    try:
        yield reading.outcomes()
    finally:
        for name in parcel.profile.files:
            connection.execute(f"drop table if exists {_table(name)}")
        connection.execute("drop table if exists made")
        connection.execute("drop table if exists used")


class _Reading:
    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        settings: Settings,
        parcel: Parcel,
        originals: dict[str, Path],
        source: Source,
        scratch: Path,
    ) -> None:
        self.connection = connection
        self.settings = settings
        self.parcel = parcel
        self.originals = originals
        self.source = source
        self.scratch = scratch
        self.staged: dict[tuple[str, str], Staged] = {}
        self.refused: dict[tuple[str, str], list[Reject]] = {}
        self.refusals: dict[tuple[str, str], Quarantine] = {}
        self.found: dict[tuple[str, str], Outcome] = {}
        # By file of the profile, delivery and extract: records that the extract asks for, and those that make no row.
        self.kinds: dict[tuple[str, str, str], int] = {}
        self.lost: dict[tuple[str, str, str], list[Reject]] = {}
        self.made: set[str] = set()

    def outcomes(self) -> dict[tuple[str, str], Outcome]:
        for delivery, entity in self.parcel.receipts():
            self.found[delivery.name, entity] = Outcome()
        for name in self.parcel.files:
            self._stage(name)
        self.connection.execute(
            "create or replace temp table used (file varchar, _source_file varchar, _source_row bigint)"
        )
        for entity, parts in self.parcel.entities.items():
            self._extract(entity, parts)
        for name in self.parcel.files:
            self._settle(name)
        for (delivery, _), outcome in self.found.items():
            self._judge(delivery, outcome)
        return self.found

    def _stage(self, name: str) -> None:
        """Every delivered file of one kind, in its own layout, into one table; with the reason of a row left out."""
        file = self.parcel.profile.files[name]
        layout = layout_of(self.parcel.profile, file)
        parts = []
        for number, delivery in enumerate(self.parcel.files[name]):
            folder = self.scratch / f"{name}-{number}"
            folder.mkdir()
            try:
                parts.append(self._one(name, delivery, layout, folder))
            except Quarantine as refusal:
                self.refusals[name, delivery.name] = refusal
        if not parts:
            return
        columns = list(file.columns)
        listed = ", ".join(f"'{duck.quoted(part)}'" for part in parts)
        filled = ", ".join(
            f"last_value({quoted(c)} ignore nulls) over (partition by _source_file order by _source_row "
            f"rows between unbounded preceding and current row) as {quoted(c)}"
            for c in file.fill_down
        )
        blank = " and ".join(f"{quoted(column)} is null" for column in columns)
        again = " and ".join(
            f"coalesce({_normal(quoted(c))} in ({', '.join(map(text, self._headers(file, c)))}), true)" for c in columns
        )
        whys = " ".join(f"when {filtered.where} then 'filtered:{place}'" for place, filtered in enumerate(file.filters))
        try:
            self.connection.execute(
                f"create or replace temp table {_table(name)} as "
                f"with delivered as (select *, {blank} as _is_blank from read_parquet([{listed}])), "
                f"filled as (select * {f'replace ({filled})' if filled else ''} from delivered) "
                f"select * exclude (_is_blank), case when _is_blank then 'blank_row' "
                f"when {again} then 'repeated_header' {whys} end as _why from filled as {ROW}"
            )
        except duckdb.Error as error:
            for delivery in self.parcel.files[name]:
                self.staged.pop((name, delivery.name), None)
                self.refusals.setdefault((name, delivery.name), self._broken_where(type(error).__name__))

    def _headers(self, file: File, column: str) -> list[str]:
        return sorted({normal_header(name) for name in (column, *file.columns[column])})

    def _one(self, name: str, delivery: Delivery, layout: Extract, folder: Path) -> Path:
        path = self.originals[delivery.name]
        target = folder / "rows.parquet"
        if delivery.format == "xlsx":
            with xlsx_reader.opened(delivery.name, path) as workbook:
                sheets = {normal_header(each): each for each in workbook.names}
                wanted = normal_header(layout.meta["sheet"])
                if wanted and wanted not in sheets:
                    raise Quarantine(
                        "wrong_header",
                        f"{delivery.name}: the workbook has no sheet {layout.meta['sheet']}. "
                        f"Name the sheet so, or say its name in the profile {self.parcel.profile.name}.",
                    )
                sheet = sheets[wanted] if wanted else workbook.names[0]
                staged = xlsx_reader.read(delivery.name, workbook, sheet, layout, folder)
        else:
            staged = csv_reader.read(delivery.name, path, layout, folder)
        receipt = blank_receipt(self.source.name, delivery)
        written = writer.write(
            self.connection,
            self.settings,
            staged,
            layout,
            receipt,
            {},
            target,
            lambda odd: csv_reader.sieve(delivery.name, odd, folder),
        )
        ignored = {normal_header(column) for column in self.parcel.profile.files[name].ignored}
        new = tuple(column for column in staged.ignored if normal_header(column) not in ignored)
        self.staged[name, delivery.name] = replace(staged, received=written.received, ignored=new)
        self.refused[name, delivery.name] = list(written.rejects)
        return target

    def _extract(self, entity: str, parts: tuple[Part, ...]) -> None:
        """Rows of one extract from every part that was delivered, into Parquet per file."""
        extract = next(each for each in self.source.extracts if each.entity == entity)
        for name in dict.fromkeys(part.source_file for part in parts):
            if not self._is_staged(name):
                continue
            mine = [part for part in parts if part.source_file == name]
            with suppress(duckdb.Error):  # whatever becomes of the extract, these rows are of its kind
                self.connection.execute(
                    f"insert into used select distinct {text(name)}, _source_file, _source_row "
                    f"from {_table(name)} as {ROW} where _why is null and ({_any(mine)})"
                )
            absent = sorted({join.file for part in mine for join in part.joins if not self._is_staged(join.file)})
            if absent:
                for delivery in self.parcel.files[name]:
                    self.found[delivery.name, entity].refusal = Quarantine(
                        "incomplete_delivery",
                        f"{delivery.name}: {entity} is made of this file and of {', '.join(absent)} (profile "
                        f"{self.parcel.profile.name}), which did not come or was refused. Deliver them together, in "
                        "one folder and under one date.",
                    )
                continue
            try:
                self._make(extract, name, mine)
            except duckdb.Error as error:
                # DuckDB quotes the row in its message, so only the place may go on.
                refusal = self._broken(extract, mine, type(error).__name__)
                for delivery in self.parcel.files[name]:
                    self.found[delivery.name, entity].refusal = refusal

    def _make(self, extract: Extract, name: str, parts: list[Part]) -> None:
        rows = " union all ".join(f"select * from ({self._rows(extract, part)})" for part in parts)
        self.connection.execute(f"create or replace temp table made as {rows}")
        self.made.add(extract.entity)
        for part in parts:
            for join in part.joins:
                self.connection.execute(
                    f"insert into used select distinct {text(join.file)}, {join.alias}._source_file, "
                    f"{join.alias}._source_row from {_table(name)} as {ROW} {self._joined(part)} "
                    f"where {ROW}._why is null and ({part.where}) and {join.alias}._source_row is not null"
                )
        for number, delivery in enumerate(self.parcel.files[name]):
            if (name, delivery.name) in self.refusals:
                continue
            outcome = self.found[delivery.name, extract.entity]
            target = self.scratch / f"{extract.entity}-{name}-{number}.made"
            outcome.parquets.append(target)
            self._write(extract, delivery, target)
            its = f"_source_file = {text(delivery.name)}"
            of_kind = (
                f"select _source_row from {_table(name)} as {ROW} where {its} and _why is null and ({_any(parts)})"
            )
            place = (name, delivery.name, extract.entity)
            self.kinds[place] = self._count(of_kind)
            outcome.kind += self.kinds[place]
            outcome.loaded += self._count(f"select distinct _source_row from made where {its} and _fault is null")
            outcome.made += self._count(f"select 1 from read_parquet('{duck.quoted(target)}')")
            lost = self.connection.execute(
                f"select k._source_row, min(m._fault) from ({of_kind}) as k "
                f"left join (select * from made where {its}) as m on m._source_row = k._source_row "
                f"group by k._source_row "
                f"having count(*) filter (where m._source_row is not null and m._fault is null) = 0 "
                f"order by k._source_row"
            ).fetchall()
            self.lost[place] = [self._reject(number, fault, extract.entity) for number, fault in lost]

    def _rows(self, extract: Extract, part: Part) -> str:
        """One part as SQL: canonical columns, where each row is from, and what is wrong with it (`_fault`)."""
        base = f"select * from {_table(part.source_file)} as {ROW} where _why is null and ({part.where})"
        if part.split:
            split = part.split
            parts = (
                f"list_filter(list_transform(string_split({quoted(split.column)}, {text(split.separator)}), "
                f"lambda x: trim(x)), lambda x: x <> '')"
            )
            rank = f", unnest(range(1, len(_parts) + 1))::varchar as {quoted(split.rank)}" if split.rank else ""
            base = (
                f"select * exclude (_parts), unnest(_parts) as {quoted(split.value)}{rank} "
                f"from (select *, {parts} as _parts from ({base}))"
            )
        elif part.unpivot:
            unpivot = part.unpivot
            places = range(len(next(iter(unpivot.columns.values()))))
            base = " union all ".join(
                f"select *, {', '.join(f'{quoted(c[place])} as {quoted(n)}' for n, c in unpivot.columns.items())}"
                + (f", {text(str(place + 1))} as {quoted(unpivot.rank)}" if unpivot.rank else "")
                + f" from ({base}) where "
                + " or ".join(f"{quoted(columns[place])} is not null" for columns in unpivot.columns.values())
                for place in places
            )
        made = {each.name: each for each in part.fields}
        columns = []
        for column in raw_columns(extract):
            sql = _field_sql(made[column]) if column in made else "cast(null as varchar)"
            columns.append(f"{sql} as {quoted(column)}")
        keys = [name for name in extract.key if extract.column(name).required and name in made]
        unjoined = " or ".join(f"{j.alias}._source_row is null" for j in part.joins if j.is_required)
        blank = ", ".join(f"case when {quoted(name)} is null then {text(name)} end" for name in keys) or "null"
        return (
            f"select *, case when _is_unjoined then 'unjoined' "
            f"when concat_ws('', null, {blank}) <> '' then 'blank_key:' || concat_ws(', ', {blank}) end as _fault "
            f"from (select {', '.join(columns)}, {unjoined or 'false'} as _is_unjoined, "
            f"{ROW}._source_file, {ROW}._source_row from ({base}) as {ROW} {self._joined(part)})"
        )

    def _partners(self, join: Join) -> str:
        keys = ", ".join(quoted(theirs) for theirs in join.on.values())
        return (
            f"select * from {_table(join.file)} as {ROW} where _why is null and ({join.where}) "
            f"qualify row_number() over (partition by {keys} order by _source_file desc, _source_row desc) = 1"
        )

    def _joined(self, part: Part) -> str:
        joins = []
        for join in part.joins:
            on = " and ".join(f"{mine} = {join.alias}.{quoted(theirs)}" for mine, theirs in join.on.items())
            joins.append(f"left join ({self._partners(join)}) as {join.alias} on {on}")
        return " ".join(joins)

    def _write(self, extract: Extract, delivery: Delivery, target: Path) -> None:
        """Rows of every record of a file that makes a sound one; run.py adds whose they are."""
        its = f"_source_file = {text(delivery.name)}"
        constants = self._constants(extract, delivery)
        columns = ", ".join(
            f"{text(constants[name])} as {quoted(name)}" if constants.get(name) else quoted(name)
            for name in raw_columns(extract)
        )
        rows = f"select {columns}, _source_file, _source_row from made where {its}"
        if self._count(f"select 1 from made where {its} and _fault is not null"):
            rows += f" and _source_row in (select _source_row from made where {its} and _fault is null)"
        self.connection.execute(f"copy ({rows}) to '{duck.quoted(target)}' (format parquet)").fetchall()
        if extract.period:
            said = " || '/' || ".join(f"coalesce({quoted(name)}, '')" for name in extract.period)
            found = self.connection.execute(
                f"select distinct {said} from read_parquet('{duck.quoted(target)}') limit 2"
            ).fetchall()
            if len(found) == 1:
                self.found[delivery.name, extract.entity].period = found[0][0]

    def _constants(self, extract: Extract, delivery: Delivery) -> dict[str, str]:
        """Columns that the name of the file carries, by the named groups of the profile's pattern."""
        named: dict[str, str] = {}
        for file in self.parcel.profile.files.values():
            match = _match(file, delivery)
            named |= {name: value for name, value in (match.groupdict() if match else {}).items() if value}
        return {c.name: named[c.name] for c in extract.columns if c.from_file_name and c.name in named}

    def _settle(self, name: str) -> None:
        """What belongs to a file and to no extract is told once, in the receipt of the first that it feeds."""
        entities = self.parcel.receipt_entities(name)
        feeds = any(part.source_file == name for part in self.parcel.entities[entities[0]])
        for delivery in self.parcel.files[name]:
            refusal = self.refusals.get((name, delivery.name))
            if refusal:
                for entity in entities:
                    self.found[delivery.name, entity].refusal = refusal
                continue
            if not feeds and not any(e in self.made and self._joins(e, name) for e in self.parcel.entities):
                self.found[delivery.name, entities[0]].refusal = Quarantine(
                    "incomplete_delivery",
                    f"{delivery.name}: nothing that is joined with this file came (profile "
                    f"{self.parcel.profile.name}). Deliver them together, in one folder and under one date.",
                )
                continue
            first = self.found[delivery.name, entities[0]]
            staged = self.staged[name, delivery.name]
            its = f"_source_file = {text(delivery.name)}"
            used = f"select distinct _source_row from used where file = {text(name)} and {its}"
            orphans = self.connection.execute(
                f"select _source_row from {_table(name)} where {its} and _why is null and _source_row not in ({used})"
            ).fetchall()
            left_out = self.connection.execute(
                f"select _source_row, _why from {_table(name)} where {its} and _why is not null"
            ).fetchall()
            rejects = {entity: self.lost.get((name, delivery.name, entity), []) for entity in entities}
            rejects[entities[0]] = [
                *rejects[entities[0]],
                *self.refused[name, delivery.name],
                *(self._left_out(name, number, why) for number, why in left_out),
                *(self._orphan(number, feeds) for (number,) in orphans),
            ]
            first.staged = staged
            if feeds:
                for entity in entities:
                    its_own = self.found[delivery.name, entity]
                    kind = self.kinds.get((name, delivery.name, entity), 0)
                    elsewhere = self._count(used) - kind
                    its_own.elsewhere += elsewhere
                    # Of the first, what is received is counted from the file as delivered, not from what was loaded.
                    its_own.received += staged.received - elsewhere if its_own is first else kind
                    its_own.staged = its_own.staged or replace(staged, missing=(), ignored=())
            else:
                first.loaded += self._count(used)
                first.received += staged.received
            self._keep(name, delivery.name, rejects)

    def _joins(self, entity: str, name: str) -> bool:
        return any(name in _files_of(part) for part in self.parcel.entities[entity])

    def _keep(self, name: str, delivery: str, rejects: dict[str, list[Reject]]) -> None:
        """Refused records by extract into their outcomes, with the delivered text, and the sheet where it has one."""
        staged = self.staged[name, delivery]
        wanted = {reject.source_row for each in rejects.values() for reject in each if not reject.raw_text}
        texts = staged.raw_text(wanted) if wanted else {}
        sheet = self.parcel.profile.files[name].sheet
        for entity, refused in rejects.items():
            outcome = self.found[delivery, entity]
            for reject in refused:
                said = f"Sheet {sheet}: {reject.message}" if sheet else reject.message
                outcome.rejects.append(
                    replace(reject, message=said, raw_text=reject.raw_text or texts.get(reject.source_row, ""))
                )
            outcome.rejects.sort(key=lambda reject: reject.source_row)

    def _judge(self, file: str, outcome: Outcome) -> None:
        if outcome.refusal:
            return
        if outcome.received != outcome.loaded + len(outcome.rejects):
            raise writer.NotAccountedFor(
                f"{file}: received {outcome.received}, loaded {outcome.loaded}, {len(outcome.rejects)} refused"
            )
        # Of a file that is only joined most may be for nobody here: a history of addresses is.
        lost = [reject for reject in outcome.rejects if outcome.kind and reject.reason_code in _LOST]
        if len(lost) > outcome.received * _MOST_LOST:
            reasons = ", ".join(sorted({reject.reason_code for reject in lost}))
            outcome.refusal = Quarantine(
                "too_many_rejects",
                f"{file}: {len(lost)} of {outcome.received} rows say nothing as the profile "
                f"{self.parcel.profile.name} reads them ({reasons}; the first is record {lost[0].source_row}). "
                "Compare the file with the profile.",
            )

    def _broken(self, extract: Extract, parts: list[Part], error: str) -> Quarantine:
        """Which column's expression breaks on some row: each is tried by itself."""
        for part in parts:
            for each in part.fields:
                bare = replace(part, fields=(each,))
                try:
                    self.connection.execute(f"create or replace temp table made as {self._rows(extract, bare)}")
                except duckdb.Error:
                    return Quarantine(
                        "broken_expression",
                        f"The profile {self.parcel.profile.name}, line {each.line} ({each.name}), breaks on some row "
                        f"({error}). Write try_cast for cast and try_strptime for strptime.",
                    )
        return self._broken_where(error)

    def _broken_where(self, error: str) -> Quarantine:
        return Quarantine(
            "broken_expression",
            f"A `where` of the profile {self.parcel.profile.name} breaks on some row ({error}). "
            "Write try_cast for cast and try_strptime for strptime.",
        )

    def _reject(self, number: int, fault: str | None, entity: str) -> Reject:
        if fault is None:
            said = f"Record {number} makes no row of {entity}: what it would be made of is blank."
            return Reject(number, "no_row", "", said, "")
        reason, _, column = fault.partition(":")
        if reason == "unjoined":
            said = f"Record {number} has no partner in the file that {entity} is joined with. Deliver both whole."
        else:
            said = f"Record {number} leaves {column} blank, and says nothing of {entity} without. Fill it in."
        return Reject(number, reason, column, said, "")

    def _left_out(self, name: str, number: int, why: str) -> Reject:
        reason, _, place = why.partition(":")
        if reason == "filtered":
            its = self.parcel.profile.files[name].filters[int(place)].reason
            return Reject(number, "filtered", "", f"Record {number} was left out, as the profile says: {its}.", "")
        if reason == "blank_row":
            return Reject(number, "blank_row", "", f"Record {number} is blank in every column that is read.", "")
        said = f"Record {number} is the header again: files were put end to end. Deliver each by itself."
        return Reject(number, "repeated_header", "", said, "")

    def _orphan(self, number: int, feeds: bool) -> Reject:
        if feeds:
            said = (
                f"Record {number} is of no kind that the profile {self.parcel.profile.name} reads. Add a part for it."
            )
            return Reject(number, "no_extract", "", said, "")
        said = f"Record {number} joins no row, or a later one with the same key counts."
        return Reject(number, "unjoined", "", said, "")

    def _is_staged(self, name: str) -> bool:
        return any(file == name for file, _ in self.staged)

    def _count(self, query: str) -> int:
        return int(self.connection.execute(f"select count(*) from ({query})").fetchall()[0][0])


def _matching(profile: Profile, delivery: Delivery) -> list[str]:
    """The files of a profile that a delivery is: several only of a workbook, each a sheet."""
    if delivery.format not in ("csv", "xlsx"):
        return []
    found = [name for name, file in profile.files.items() if _match(file, delivery)]
    return found if delivery.format == "xlsx" and all(profile.files[name].sheet for name in found) else found[:1]


def _match(file: File, delivery: Delivery) -> re.Match[str] | None:
    last = delivery.name.rsplit("/", 1)[-1]
    return discover.match(file.pattern, last, discover.undated(last), discover.without_period(last))


def _files_of(part: Part) -> list[str]:
    return [part.source_file, *(join.file for join in part.joins)]


def _field_sql(each: Field) -> str:
    """A canonical column: its expression, then what is blank, then codes, then dates as 2027-01-21."""
    sql = f"nullif(trim(cast({each.sql} as varchar)), '')"
    if each.blanks:
        listed = ", ".join(text(blank.strip().upper()) for blank in each.blanks)
        sql = f"case when upper({sql}) not in ({listed}) then {sql} end"
    if each.codes:
        whens = " ".join(f"when {text(theirs)} then nullif({text(ours)}, '')" for theirs, ours in each.codes.items())
        sql = f"case upper({sql}) {whens} else {sql} end"
    if each.date_formats:
        formats = ", ".join(map(text, each.date_formats))
        sql = f"coalesce(strftime(try_strptime({sql}, [{formats}]), '%Y-%m-%d'), {sql})"
    return sql


def _any(parts: list[Part]) -> str:
    return " or ".join(f"({part.where})" for part in parts)


def _table(name: str) -> str:
    return quoted(f"delivered_{name}")


def _normal(column: str) -> str:
    return f"translate(lower({column}), ' _-./()', '')"


def blank_receipt(source: str, delivery: Delivery) -> Receipt:
    """For the technical columns that the writer adds: only the file's name and the record number are read here."""
    texts = {name: "" for name, its in Receipt.__annotations__.items() if its == "str"}
    numbers = {name: 0 for name, its in Receipt.__annotations__.items() if its == "int"}
    day = delivery.snapshot_date
    named = {"source": source, "file_name": delivery.name}
    return Receipt(**texts | named, **numbers, snapshot_date=day, landed_at=datetime.combine(day, time()))
