"""A first profile of files that nobody has described yet, and what it would make of them. No value leaves this module
but on request: names of columns, shares and codes do, and of a code column those values that stand in many rows."""

from __future__ import annotations

import csv
import json
import re
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from warehouse import duck
from warehouse.identifiers import has_format
from warehouse.landing import csv_reader, discover, encoding, header, mapped, writer, xlsx_reader
from warehouse.landing.discover import Delivery
from warehouse.landing.mapped import Outcome, Parcel
from warehouse.profiles import Profile, profile
from warehouse.settings import Settings
from warehouse.specification import (
    SHOWN_FROM,
    Column,
    Extract,
    Source,
    codes,
    crosswalk,
    meanings,
    nearest_code,
    normal_header,
    sources,
)

_DATE_FORMATS = (
    *("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%d %b %Y", "%d-%b-%Y", "%d-%b-%y", "%d %B %Y", "%d/%m/%y"),
    *("%m/%d/%Y", "%Y%m%d", "%d/%m/%Y %H:%M", "%d/%m/%Y %H:%M:%S", "%Y-%m-%d %H:%M:%S"),
)
_SEPARATORS = (";", "|", "/", ",", "+", "&")
_SURE, _LIKELY, _LEAST = 0.9, 0.7, 0.5
_PLENTY = 2.5  # three columns of which one is nearly sure
# Short forms and words of one meaning in headers, and words that say nothing of which column it is.
_SAME = {
    **dict.fromkeys(("no", "num", "number", "nbr", "ref", "reference", "key"), "id"),
    **dict.fromkeys(("child", "childs", "pupil", "student", "stud", "learner", "client", "yp"), "person"),
    **dict.fromkeys(("req", "referral"), "request"),
    **dict.fromkeys(("recd", "rcvd", "rec"), "received"),
    **dict.fromkeys(("sch", "establishment", "estab"), "school"),
    **dict.fromkeys(("plc", "plcmt"), "placement"),
    **dict.fromkeys(("ehcp", "plans"), "plan"),
    **dict.fromkeys(("needs", "areas", "area"), "need"),
    **dict.fromkeys(("ended", "end", "closed", "ceased"), "cease"),
    **dict.fromkeys(("started", "begin", "began"), "start"),
    **dict.fromkeys(("assmt", "assess", "asst"), "assessment"),
    **dict.fromkeys(("appt", "appts"), "appointment"),
    **{"gender": "sex", "fname": "forename", "sname": "surname", "dob": "birth"},
}
_IDLE = frozenset(
    {"date", "dt", "of", "the", "at", "to", "for", "by", "in", "on", "is"}
    | {"current", "latest", "final", "legal", "ehc", "sen", "send", "code", "desc", "description"}
)
_SCHOOL_WORDS = frozenset({"urn", "school", "placement", "setting"})
# The column of an extract that a URN means by itself: not the school before, or the one that was asked.
_URN_COLUMNS = ("urn", "school_urn", "setting_urn")
# Numbers that GIAS has given out so far: source-extracts section 2.
_URN_RANGE = (100_000, 159_999)
_OLDEST = 26
_SCHOOL_AGE = 5
_WORLDS = ("education", "health", "care")
_MOST_CODES = 80
_LONGEST_NAME = 60
_ROWS_SHOWN = 5
_FEW_CODES = 12


class NotDrafted(ValueError):
    """A file of which no profile can be drafted; the message says why, and holds no value."""


@dataclass(frozen=True)
class Seen:
    """One column as counts. `formats` are shares of the filled rows that have a form; `dates` the best date format."""

    name: str
    filled: float
    distinct: int
    is_story: bool  # many of its values are longer than a name or a label
    formats: dict[str, float]
    date_format: str
    dates: float
    birth_dates: float
    urns: float  # in the register of schools where GIAS has landed, else in the range of its numbers
    is_in_register: bool  # whether `urns` was told by the register
    long_ago: float  # of the dates, those of more than _SCHOOL_AGE years ago, as most births of pupils are
    values: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Table:
    """One table of a file: how it is written, and its columns."""

    delivery: Delivery
    sheet: str
    encoding: str
    delimiter: str
    header_row: int
    rows: int
    has_totals: bool
    columns: tuple[Seen, ...]


@dataclass(frozen=True)
class Guess:
    """A canonical column, the column that may hold it, how sure (0 to 1) and why."""

    field: Column
    column: Seen
    confidence: float
    why: str
    separator: str = ""
    unmapped: tuple[tuple[str, int, str], ...] = ()
    unmapped_rare: int = 0
    # Columns side by side of which each is the field in one row: (code that it stands for, or blank; column).
    beside: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Draft:
    """A drafted profile, as text, and what it was drafted from. `lines` are for people; they hold no child's value."""

    text: str
    lines: tuple[str, ...]


def draft(settings: Settings, files: list[Path], source: str = "", show_values: bool = False) -> Draft:
    """Read unknown CSV and Excel files and draft the profile by which they would land.

    Raises NotDrafted where no header is found or nothing in it is known, Quarantine where a file is none.
    """
    with (
        tempfile.TemporaryDirectory(prefix="countywide-draft-") as folder,
        duck.memory(settings.threads, settings.memory) as connection,
    ):
        scratch = Path(folder)
        _register_of_schools(connection, settings)
        tables = [
            table for number, file in enumerate(files) for table in _tables(connection, settings, file, scratch, number)
        ]
        name = source or _best_source(tables)
        if name not in sources():
            raise NotDrafted(f"{name} is no declared source. Sources: {', '.join(sources())}")
        its = sources()[name]
        lines: list[str] = []
        body: list[str] = []
        blocks: dict[str, list[str]] = {}
        formats: Counter[str] = Counter()
        for table in tables:
            file_name = _file_name(table)
            guesses = _guesses(table, its)
            lines += _about(table, guesses)
            body += _file_block(table, file_name, its, guesses)
            formats.update(c.date_format for c in table.columns if c.dates >= _LIKELY and c.date_format != "%Y-%m-%d")
            for entity, part in _parts(table, its, file_name, guesses).items():
                blocks.setdefault(entity, []).extend(part)
        if not blocks:
            raise NotDrafted(
                "\n".join(lines) + f"\nToo little of this is known to {name}. Say --source if it is of another one, or "
                "write the profile by hand: docs/guides/local-layouts.md."
            )
        text = _written(name, formats, body, blocks, files[0])
        made = profile.parse(text, Path("draft.yml"))
        lines += _preview(connection, settings, made, its, tables, scratch, show_values)
    return Draft(text, tuple(lines))


def _tables(
    connection: duckdb.DuckDBPyConnection, settings: Settings, file: Path, scratch: Path, number: int
) -> Iterator[Table]:
    if not file.is_file():
        raise NotDrafted(f"{file}: there is no such file")
    nobody = Source("", "", {}, ())
    dated = discover.day_of(nobody, file.name, settings.as_at)
    delivery = Delivery(nobody, file, file.name, dated or settings.as_at, dated is not None)
    if delivery.format == "xlsx":
        with xlsx_reader.opened(file.name, file) as workbook:
            for sheet in workbook.names:
                records = xlsx_reader.cells(file.name, workbook, sheet)[: header.SEARCHED]
                if any(any(row) for row in records):
                    with suppress(NotDrafted):  # a cover, a note: a sheet without a header is no table
                        yield _table(connection, settings, delivery, sheet, "xlsx", "", records, scratch, number)
        return
    if delivery.format != "csv":
        raise NotDrafted(f"{file.name}: CSV and Excel (.xlsx) files can be drafted. Save it as one of them")
    found = encoding.detect(file.name, file)
    folder = scratch / f"text-{number}"
    folder.mkdir(exist_ok=True)
    head = csv_reader.head(encoding.as_utf8(file, found, folder))
    delimiter = max(csv_reader.DELIMITERS, key=lambda mark: _regularity(csv_reader.records(head, mark)))
    records = csv_reader.records(head, delimiter)
    yield _table(*(connection, settings, delivery, "", found.removesuffix("-sig"), delimiter, records, scratch, number))


def _regularity(records: list[list[str]]) -> tuple[int, int]:
    """How many records agree on a width above one, and that width."""
    widths = Counter(len(record) for record in records if len(record) > 1)
    if not widths:
        return 0, 0
    width, count = max(widths.items(), key=lambda item: (item[1], item[0]))
    return count, width


def _header_at(records: list[list[str]]) -> int:
    """Which record is the header: names of columns that we know, in a record as wide as the widest; else none.

    Raises NotDrafted. Without a known name no cell may be shown, for it may be a child's.
    """
    widest = max((sum(bool(cell.strip()) for cell in record) for record in records), default=0)
    best, known = 0, 0
    for index, record in enumerate(records):
        filled = [cell for cell in record if cell.strip()]
        named = sum(map(_is_header_like, filled))
        if named > known and len(filled) * 2 > widest and named * 2 >= len(filled):
            best, known = index, named
    if known < 2:
        raise NotDrafted("no header was found: none of the first 20 lines names columns that are known")
    return best


def _table(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    delivery: Delivery,
    sheet: str,
    found: str,
    delimiter: str,
    records: list[list[str]],
    scratch: Path,
    number: int,
) -> Table:
    try:
        at = _header_at(records)
    except NotDrafted as error:
        raise NotDrafted(f"{delivery.name}{f' (sheet {sheet})' if sheet else ''}: {error}") from None
    names = {normal_header(cell): cell.strip() for cell in records[at] if normal_header(cell)}.values()
    layout = Extract(
        source="draft",
        entity=f"t{number}",
        description="",
        columns=tuple(Column(name=each, data_type="string", required=True, repeated=True) for each in names),
        meta={"key": [], "profile": "draft", "lines_above_header": at, "drops_totals": True},
        source_meta={},
    )
    folder = scratch / f"{number}-{len(list(scratch.iterdir()))}"
    folder.mkdir()
    parquet = folder / "rows.parquet"
    if sheet:
        with xlsx_reader.opened(delivery.name, delivery.path) as workbook:
            staged = xlsx_reader.read(delivery.name, workbook, sheet, layout, folder)
    else:
        staged = csv_reader.read(delivery.name, delivery.path, layout, folder)
    receipt = mapped.blank_receipt("draft", delivery)
    written = writer.write(
        connection,
        settings,
        staged,
        layout,
        receipt,
        {},
        parquet,
        lambda odd: csv_reader.sieve(delivery.name, odd, folder),
    )
    return Table(
        delivery=delivery,
        sheet=sheet,
        encoding=found,
        delimiter=staged.delimiter if delimiter else "",
        header_row=at + 1,
        rows=written.loaded,
        has_totals=any(reject.reason_code == "total_row" for reject in written.rejects),
        columns=tuple(_seen(connection, parquet, column.name, settings.as_at) for column in layout.columns),
    )


def _register_of_schools(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """The numbers of the schools that GIAS has brought: none, where it has not landed."""
    files = sorted((settings.home.raw / "gias" / "establishment").glob("snapshot_date=*/*.parquet"))
    numbers = f"select distinct urn from {_rows_of(files)}" if files else "select null as urn where false"
    connection.execute(f"create temp table school_number as {numbers}")


def _rows_of(files: list[Path]) -> str:
    """Parquet files as a table in SQL."""
    return f"read_parquet([{', '.join(profile.text(file.as_posix()) for file in files)}])"


def _seen(connection: duckdb.DuckDBPyConnection, parquet: Path, name: str, as_at: date) -> Seen:
    value = profile.quoted(name)
    kinds = ("upn", "uln", "nhs_number", "postcode", "urn", "ukprn")
    checks = [f"count(*) filter (where {has_format(value, kind)})" for kind in kinds]
    told = f"count(*) filter (where length({value}) > {_LONGEST_NAME})"
    earliest = as_at - timedelta(days=366 * _OLDEST)
    before = as_at - timedelta(days=366 * _SCHOOL_AGE)
    # 04-Jan-26 parses as %d-%b-%Y too, in the year 26.
    parsed = [f"try_strptime({value}, '{form}')" for form in _DATE_FORMATS]
    dates = [f"count(*) filter (where {day} >= date '1000-01-01')" for day in parsed]
    born = [f"count(*) filter (where {day} between date '{earliest}' and date '{as_at}')" for day in parsed]
    old = [f"count(*) filter (where {day} between date '1000-01-01' and date '{before}')" for day in parsed]
    total, filled, distinct, stories, *counts = connection.execute(
        f"select count(*), count({value}), count(distinct {value}), {told}, {', '.join(checks + dates + born + old)} "
        f"from read_parquet('{duck.quoted(parquet)}')"
    ).fetchall()[0]
    by_format = counts[len(kinds) : len(kinds) + len(_DATE_FORMATS)]
    best = max(range(len(_DATE_FORMATS)), key=lambda place: (by_format[place], -place))
    number = f"replace({value}, ' ', '')"
    is_urn = (
        f"{number} in (select urn from school_number) or ((select count(*) from school_number) = 0 "
        f"and length({number}) = 6 and try_cast({number} as integer) between {_URN_RANGE[0]} and {_URN_RANGE[1]})"
    )
    urns, registered = connection.execute(
        f"select count(*) filter (where {is_urn}), (select count(*) from school_number) "
        f"from read_parquet('{duck.quoted(parquet)}')"
    ).fetchall()[0]
    values: Counter[str] = Counter()
    if distinct <= _MOST_CODES or distinct * 4 < filled:
        found = connection.execute(
            f"select {value}, count(*) from read_parquet('{duck.quoted(parquet)}') where {value} is not null "
            f"group by 1 order by 2 desc, 1 limit 500"
        ).fetchall()
        values.update(dict(found))
    return Seen(
        name=name,
        filled=filled / total if total else 0.0,
        distinct=distinct,
        is_story=stories * 5 > filled,
        formats={kind: count / filled if filled else 0.0 for kind, count in zip(kinds, counts, strict=False)},
        date_format=_DATE_FORMATS[best],
        dates=by_format[best] / filled if filled else 0.0,
        birth_dates=counts[len(kinds) + len(_DATE_FORMATS) + best] / filled if filled else 0.0,
        urns=urns / filled if filled else 0.0,
        is_in_register=registered > 0,
        long_ago=counts[len(kinds) + 2 * len(_DATE_FORMATS) + best] / filled if filled else 0.0,
        values=values,
    )


@cache
def _synonym_rows() -> tuple[tuple[str, str], ...]:
    """What systems call a canonical column: (field, header); a field may say its extract."""
    with (profile.SHIPPED / "synonyms.csv").open(encoding="utf-8", newline="") as handle:
        return tuple((row["field"], row["header"]) for row in csv.DictReader(handle))


@cache
def _known_names() -> frozenset[str]:
    """Every header that means a declared column, without case and punctuation."""
    declared = (column.normal_headers for source in sources().values() for e in source.extracts for column in e.columns)
    return frozenset(normal_header(header) for _, header in _synonym_rows()).union(*declared)


@cache
def _known_words() -> frozenset[str]:
    columns = {c.name for source in sources().values() for e in source.extracts for c in e.columns}
    return frozenset().union(*map(_words, columns), *(_words(header) for _, header in _synonym_rows()), _SAME, _IDLE)


@cache
def _words(name: str) -> frozenset[str]:
    """The words of a header that say something, the usual short forms written out: REQ_NO is request and id."""
    words = (_SAME.get(word, word) for word in _split_words(name))
    return frozenset(word for word in words if word not in _IDLE)


def _split_words(name: str) -> list[str]:
    return re.findall(r"[a-z]+", re.sub(r"([a-z])([A-Z])", r"\1 \2", name).lower().replace("d.o.b", "dob"))


def _is_header_like(cell: str) -> bool:
    """A name that we know, or one that is made of words that headers are made of; never a child's."""
    words = _split_words(cell)
    is_made_of_them = bool(words) and sum(word in _known_words() for word in words) * 2 >= len(words)
    return normal_header(cell) in _known_names() or is_made_of_them


def _name_score(column: Column, entity: str, name: str) -> float:
    """How much a header says that it is a canonical column: 1 its name, less what has some of its words."""
    given = [header for field, header in _synonym_rows() if field in (column.name, f"{entity}.{column.name}")]
    names = [column.name, column.printed_header, *column.aliases, *given]
    known = {normal_header(each) for each in names}
    normal = normal_header(name)
    if normal in known or normal in {normal_header(entity) + each for each in known}:
        return 1.0
    mine = _words(name)
    best = 0.0
    for each in map(_words, names):
        for theirs in (each, each | {entity}, each - {entity}):
            if mine and theirs:
                best = max(best, 2 * len(mine & theirs) / (len(mine) + len(theirs)))
    if best == 1.0:
        return 0.9
    near = max((SequenceMatcher(None, normal, each).ratio() for each in known), default=0.0)
    return max(best if best >= 0.6 else 0.0, near if near >= 0.85 else 0.0) * 0.8


def _guess(column: Column, extract: Extract, seen: Seen) -> Guess | None:
    """Whether a column may hold a canonical one, judged by its name and by what is in it."""
    if column.from_file_name or column.many or column.given or not seen.filled:
        return None
    named = _name_score(column, extract.entity, seen.name)
    if seen.is_story:
        return None
    if column.format == "urn" and seen.urns >= _SURE and _is_place(column, seen, named):
        why = f"{seen.urns:.0%} are {'schools of GIAS' if seen.is_in_register else 'in the range of URNs'}"
        return Guess(column, seen, max(named * 0.5 + seen.urns * 0.5, seen.urns * 0.75), _why(named, why))
    if column.format:
        share = seen.formats.get(column.format, 0.0)
        if not named and (share < _SURE or column.format in ("urn", "ukprn") or column.name.startswith("former")):
            return None
        why = f"{share:.0%} have the form of {_kind(column.format)}"
        return Guess(column, seen, named * 0.5 + share * 0.5 if named else share * 0.85, _why(named, why))
    if column.data_type == "date":
        if column.name == "birth_date" and not named and seen.long_ago >= _LIKELY and seen.birth_dates >= _SURE:
            why = f"{seen.birth_dates:.0%} are dates of 0 to {_OLDEST} years ago, most of them long ago"
            return Guess(column, seen, 0.6, _why(named, why))
        if named and seen.dates >= _LEAST:
            why = f"{seen.dates:.0%} are dates as {seen.date_format}"
            if column.name == "birth_date":
                why = f"{seen.birth_dates:.0%} are dates of birth of 0 to {_OLDEST}"
                return Guess(column, seen, named * 0.5 + seen.birth_dates * 0.5, _why(named, why))
            return Guess(column, seen, named * 0.5 + seen.dates * 0.5, _why(named, why))
        return None
    if column.code_set and seen.values:
        separator, share = _split_share(column, extract, seen)
        if share >= _LIKELY or (named and share) or named == 1:
            unmapped, rare = _unmapped(column, extract, seen, separator)
            if not share and not unmapped:  # words of each row's own
                return None
            content = f"{share:.0%} are codes of {column.code_set}" + (f", split at {separator}" if separator else "")
            sure = named * 0.5 + share * 0.5 if named else share * 0.5
            if column.code_set in ("rank",) and not named:
                return None
            return Guess(column, seen, max(sure, named * 0.6), _why(named, content), separator, unmapped, rare)
        return None
    is_known_number = any(seen.formats[kind] >= _SURE for kind in ("upn", "uln", "nhs_number", "postcode"))
    if not named or (_is_id(column.name) and is_known_number):
        return None
    return Guess(column, seen, named * 0.9, _why(named, ""))


def _is_place(column: Column, seen: Seen, named: float) -> bool:
    """Whether numbers of schools in a column are what a canonical one holds. Where no register tells them from other
    numbers of six figures, the name has to speak of a school."""
    words = _words(seen.name)
    is_other = "person" in words or ("id" in words and not words & (_SCHOOL_WORDS - {"placement"}))
    may_be = column.name in _URN_COLUMNS and not is_other
    return bool(named) or (may_be and (seen.is_in_register or bool(words & _SCHOOL_WORDS)))


def _is_id(name: str) -> bool:
    return name.endswith("_id")


def _why(named: float, content: str) -> str:
    said = "its name" if named == 1 else "a name near to it" if named else "by content alone"
    return f"{said}; {content}" if content else said


def _kind(form: str) -> str:
    return form.upper().replace("_", " ") if form != "postcode" else "a postcode"


def _split_share(column: Column, extract: Extract, seen: Seen) -> tuple[str, float]:
    """The separator (blank for none) at which most of a column's rows are codes, and their share."""
    known = meanings(extract.source, str(column.code_set))
    total = sum(seen.values.values()) or 1

    def share(mark: str) -> float:
        good = 0
        for value, count in seen.values.items():
            pieces = value.split(mark) if mark else [value]
            good += count * all(normal_header(piece) in known for piece in pieces if piece.strip())
        return good / total

    whole = share("")
    best = max(_SEPARATORS, key=share)
    many = sum(count for value, count in seen.values.items() if best in value)
    return (best, share(best)) if many and share(best) > whole else ("", whole)


def _unmapped(
    column: Column, extract: Extract, seen: Seen, separator: str
) -> tuple[tuple[tuple[str, int, str], ...], int]:
    """Values that mean no code, with rows and nearest code; the rows of rarer ones are only counted."""
    taken = {code.upper() for code in (*codes(str(column.code_set)), *crosswalk(extract.source, str(column.code_set)))}
    counts: Counter[str] = Counter()
    for value, count in seen.values.items():
        for piece in value.split(separator) if separator else [value]:
            if piece.strip() and piece.strip().upper() not in taken:
                counts[piece.strip()] += count
    common = [(value, count) for value, count in counts.most_common() if count >= SHOWN_FROM]
    shown = tuple((value, count, nearest_code(value, extract.source, str(column.code_set))) for value, count in common)
    return shown, sum(count for count in counts.values() if count < SHOWN_FROM)


def _guesses(table: Table, source: Source) -> dict[str, dict[str, Guess]]:
    """For each extract that the table may feed its columns: the best, and each column for one of them only."""
    found: dict[str, dict[str, Guess]] = {}
    wide = {extract.entity: _by_code(table, extract) for extract in source.extracts}
    claimed = {
        seen.name
        for extract in source.extracts
        for guess in wide[extract.entity].values()
        if guess.field.data_type == "date"
        for seen in table.columns
        if _words(guess.field.name) <= _words(seen.name)
    }
    for extract in source.extracts:
        candidates = [
            guess
            for column in extract.columns
            if column.name not in wide[extract.entity]
            for seen in table.columns
            if seen.name not in claimed and (guess := _guess(column, extract, seen))
        ]
        taken: set[str] = set()
        numbers: set[str] = set()
        mine = dict(wide[extract.entity])
        for guess in sorted(candidates, key=lambda g: -g.confidence):
            name, place = guess.field.name, guess.column.name
            # One number may be the child's and the plan's, but not the plan's and the request's.
            used = place in (numbers if _is_id(name) and name != "person_id" else taken)
            if guess.confidence >= _LEAST and name not in mine and not used:
                mine[name] = guess
                if name != "person_id":
                    (numbers if _is_id(name) else taken).add(place)
        found[extract.entity] = mine
    weight = {entity: sum(guess.confidence for guess in mine.values()) for entity, mine in found.items()}
    best: dict[str, tuple[float, float, str]] = {}
    for entity, mine in found.items():
        for name, guess in mine.items():
            if not _is_id(name):
                before = best.get(guess.column.name, (0.0, 0.0, ""))
                # Of extracts that are both sure of a column, the one that knows most of the table.
                best[guess.column.name] = max(before, (min(guess.confidence, _SURE), weight[entity], entity))
    for entity, mine in found.items():
        kept = {n: g for n, g in mine.items() if n.endswith("_id") or best[g.column.name][2] == entity}
        own = [guess.confidence for name, guess in kept.items() if not _is_id(name)]
        extract = next(each for each in source.extracts if each.entity == entity)
        needed = [
            column.name
            for column in extract.columns
            if column.required and not (_is_id(column.name) or column.from_file_name or column.name == "rank")
        ]
        # What has to be filled may be the same for every row, and said nowhere: placements that are all attended.
        is_of_a_school = any(guess.field.format == "urn" and guess.column.urns >= _SURE for guess in kept.values())
        has_them = sum(name in kept for name in needed) * 2 >= len(needed) or sum(own) >= _PLENTY or is_of_a_school
        found[entity] = kept if sum(own) >= _LIKELY and has_them else {}
    child = max((mine["person_id"] for mine in found.values() if "person_id" in mine), key=_confidence, default=None)
    if child:  # a table has one number of the child, whatever it feeds
        for extract in source.extracts:
            if found.get(extract.entity) and any(column.name == "person_id" for column in extract.columns):
                found[extract.entity]["person_id"] = child
    return {entity: _numbered(table, mine) for entity, mine in found.items() if mine}


def _by_code(table: Table, extract: Extract) -> dict[str, Guess]:
    """The guesses of an extract whose one coded column stands in headers: EP Requested, EP Received, OT Requested, …"""
    coded = [column for column in extract.columns if column.code_set and column.required and column.name != "rank"]
    if len(coded) != 1:
        return {}
    named: dict[str, dict[str, str]] = {}
    dates = [column for column in extract.columns if column.data_type == "date"]
    for seen in table.columns if dates else ():
        for column in dates:
            saying = _words(column.name)
            left = [w for w in _split_words(seen.name) if _SAME.get(w, w) not in saying | _IDLE | {extract.entity}]
            said = saying <= _words(seen.name) and seen.dates >= _LEAST and left
            code = nearest_code(" ".join(left), extract.source, str(coded[0].code_set)) if said else ""
            if code:
                named.setdefault(code, {}).setdefault(column.name, seen.name)
    whole = {code: its for code, its in named.items() if all(c.name in its for c in dates if c.required)}
    if len(whole) < 2:
        return {}
    by_name = {seen.name: seen for seen in table.columns}
    why = f"a column for each of {', '.join(whole)}"
    found = {}
    for column in (*coded, *(c for c in dates if all(c.name in its for its in whole.values()))):
        beside = tuple((code, its.get(column.name, next(iter(its.values())))) for code, its in whole.items())
        found[column.name] = Guess(column, by_name[beside[0][1]], 0.8, why, beside=beside)
    return found


def _numbered(table: Table, mine: dict[str, Guess]) -> dict[str, Guess]:
    """Guesses of columns that stand beside others with those: Need 1, Need 2. Of several such, the longest alike."""
    families = {name: _beside(table, guess) for name, guess in mine.items() if not (_is_id(name) or guess.beside)}
    longest = max(map(len, families.values()), default=0)
    if longest < 2 or any(guess.separator or guess.beside for guess in mine.values()):
        return mine
    return {
        name: replace(guess, beside=tuple(("", column) for column in families[name]))
        if len(families.get(name, ())) == longest
        else guess
        for name, guess in mine.items()
    }


def _confidence(guess: Guess) -> float:
    return guess.confidence


def _file_name(table: Table) -> str:
    named = table.sheet or discover.without_period(Path(table.delivery.name).stem)
    stem = re.sub(r"[^a-z0-9]+", "_", named.lower()).strip("_")
    return stem if re.match(r"[a-z]", stem) else f"file_{stem}" if stem else "file"


def _about(table: Table, guesses: dict[str, dict[str, Guess]]) -> list[str]:
    """What was seen of a table, in lines for people."""
    place = f"{table.delivery.name}{f', sheet {table.sheet}' if table.sheet else ''}"
    marks = csv_reader.DELIMITERS.get(table.delimiter, "")
    lines = [
        f"{place}: {table.encoding}{f', {marks}' if marks else ''}, header on line {table.header_row}, "
        f"{table.rows:,} rows{', totals at the end' if table.has_totals else ''}"
    ]
    used: dict[str, list[tuple[str, Guess]]] = {}
    for entity, mine in guesses.items():
        for guess in mine.values():
            for column in dict.fromkeys((guess.column.name, *(column for _, column in guess.beside))):
                used.setdefault(column, []).append((entity, guess))
    for seen in table.columns:
        meant = used.get(seen.name)
        if not meant:
            kind = f"dates as {seen.date_format}" if seen.dates >= _SURE else f"{seen.distinct:,} different values"
            kind = "numbers of schools (URN)" if seen.urns >= _SURE and _words(seen.name) & _SCHOOL_WORDS else kind
            lines.append(f"  {seen.name}: not recognised ({seen.filled:.0%} filled, {kind})")
        for entity, guess in meant or []:
            lines.append(f"  {seen.name}: {entity}.{guess.field.name}, {guess.confidence:.0%} sure ({guess.why})")
        for guess in [guess for _, guess in meant or []][:1]:
            for value, count, code in guess.unmapped:
                lines.append(f"    no code: {value!r} in {count:,} rows, nearest {code or 'none'}")
            if guess.unmapped_rare:
                lines.append(f"    no code: rarer values in {guess.unmapped_rare:,} rows, not shown")
    return lines


def _file_block(table: Table, name: str, source: Source, guesses: dict[str, dict[str, Guess]]) -> list[str]:
    lines = [f"  {name}:", f"    pattern: {_yaml(_pattern(table, source, guesses))}"]
    lines += [f"    sheet: {_yaml(table.sheet)}"] * bool(table.sheet)
    lines += [f"    header_row: {table.header_row}"] * (table.header_row > 1)
    lines += ["    totals: drop"] * table.has_totals
    read = {guess.column.name for mine in guesses.values() for guess in mine.values()}
    read |= {column for mine in guesses.values() for guess in mine.values() for _, column in guess.beside}
    unread = [seen.name for seen in table.columns if seen.name not in read]
    if unread:
        lines += ["    # Nothing reads these. Map what is wanted, leave the others here.", "    ignore:"]
        lines += [f"      - {_yaml(column)}" for column in unread]
    return lines


def _pattern(table: Table, source: Source, guesses: dict[str, dict[str, Guess]]) -> str:
    """The name of the file without its date or period; where an extract takes columns from the name, with a group for
    each that is found there: a code as a word of its own, a day."""
    stem = Path(table.delivery.name).stem
    day = re.search(r"\d{4}([-_.]?)\d{2}\1\d{2}", stem)
    dated = [column for column in _from_name(source, guesses) if column.data_type == "date" and day]
    stem = stem if dated else discover.without_period(stem)
    pieces = {
        word.span(): f"(?P<{column.name}>[A-Za-z]+)"
        for column in _from_name(source, guesses)
        if column.code_set
        for word in re.finditer(r"[A-Za-z]+", stem)
        if word[0].upper() in codes(column.code_set)
    }
    for column in dated if day else ():
        pieces[day.span()] = f"(?P<{column.name}>\\d{{4}}.?\\d{{2}}.?\\d{{2}})"
    pattern, at = "^", 0
    for (start, end), piece in sorted(pieces.items()):
        pattern += _escaped(stem[at:start]) + piece
        at = end
    return pattern + _escaped(stem[at:])


def _escaped(text: str) -> str:
    return re.escape(text).replace("\\ ", " ").replace("\\-", "-")


def _from_name(source: Source, guesses: dict[str, dict[str, Guess]]) -> list[Column]:
    extracts = (extract for extract in source.extracts if extract.entity in guesses)
    return [column for extract in extracts for column in extract.columns if column.from_file_name]


def _parts(table: Table, source: Source, file_name: str, guesses: dict[str, dict[str, Guess]]) -> dict[str, list[str]]:
    found = {}
    pattern = _pattern(table, source, guesses)
    for entity, mine in guesses.items():
        extract = next(each for each in source.extracts if each.entity == entity)
        lines = [f"    - from: {file_name}"]
        split = next((guess for guess in mine.values() if guess.separator), None)
        beside = {name: guess for name, guess in mine.items() if guess.beside}
        if beside:
            listed = ", ".join(
                f"{_made(guess)}: [{', '.join(_yaml(column) for _, column in guess.beside)}]"
                for guess in beside.values()
                if not (guess.field.code_set and guess.beside[0][0])
            )
            lines.append(f"      unpivot: {{columns: {{{listed}}}, rank: place}}")
        if split:
            rank = ", rank: place" if any(column.name == "rank" for column in extract.columns) else ""
            cell = f"column: {_yaml(split.column.name)}, separator: {_yaml(split.separator)}"
            lines.append(f"      split: {{{cell}, value: {_made(split)}{rank}}}")
        own = [guess for name, guess in mine.items() if not _is_id(name)]
        own = [guess for guess in own if guess.field.required] or own
        if len(guesses) > 1 and extract.key != ("person_id",) and not (split or beside):
            filled = " or ".join(f"{profile.quoted(guess.column.name)} is not null" for guess in own)
            lines.append(f"      where: {_yaml(filled)}")
        lines.append("      columns:")
        for column in extract.columns:
            guess = mine.get(column.name)
            owner = column.name.removesuffix("_id") if _is_id(column.name) else ""
            is_of_another = owner != entity and owner in guesses and column.name != "person_id"
            if column.name == "rank" and column.required and (split or beside):
                lines.append("        rank: place")
            elif guess:
                lines += _field(guess)
            elif column.from_file_name and f"<{column.name}>" in pattern:
                continue
            elif is_of_another:
                theirs = next(each for each in source.extracts if each.entity == owner)
                made = guesses[owner].get(column.name)
                key = profile.quoted(made.column.name) if made else _stand_in(column, theirs, guesses[owner])
                lines.append(f"        # CHECK: nothing was found for {column.name}: the {owner} of the same row.")
                lines.append(f"        {column.name}: {{expression: {_yaml(key)}}}")
            elif column.required or (column.from_file_name and column.name in extract.period):
                known = list(codes(column.code_set)) if column.code_set else []
                one_of = f": one of {', '.join(known)}" if 0 < len(known) <= _FEW_CODES else ""
                stand_in = _stand_in(column, extract, mine)
                lines.append(f"        # CHECK: nothing was found for {column.name}, which has to be filled{one_of}.")
                lines.append(f"        {column.name}: {{expression: {_yaml(stand_in)}}}")
        found[entity] = lines
    return found


def _stand_in(column: Column, extract: Extract, mine: dict[str, Guess]) -> str:
    """SQL for what has to be filled and was not found: a key from the other numbers of the row (one plan a child, one
    review a day), the first rank; else nothing, so that the file does not land before somebody has looked."""
    if column.name == "rank":
        return "'1'"
    if column.name not in extract.key or column.name == "person_id" or not _is_id(column.name):
        return "null"
    ids = list(dict.fromkeys(guess.column.name for name, guess in mine.items() if _is_id(name)))
    if not ids:
        return "null"
    dates = [mine[each.name].column.name for each in extract.columns if each.data_type == "date" and each.name in mine]
    several = any(guess.beside for guess in mine.values())
    named = [*ids, *(dates[:1] if column.name != "plan_id" and not several else ())]
    return f"concat_ws('-', {', '.join(map(profile.quoted, named))}{', place' * several})"


def _beside(table: Table, guess: Guess) -> list[str]:
    """Columns that stand beside a guessed one and differ from it by a number alone: Need 1, Need 2, Need 3."""
    stem = re.sub(r"\d+", "", normal_header(guess.column.name))
    alike = [seen.name for seen in table.columns if re.sub(r"\d+", "", normal_header(seen.name)) == stem]
    return alike if len(alike) > 1 and re.search(r"\d", guess.column.name) else []


def _made(guess: Guess) -> str:
    """What one of several values in a row is named: the piece of a cell, or the cell of one of the columns."""
    return f"each_{guess.field.name}"


def _field(guess: Guess) -> list[str]:
    note = f"  # {guess.confidence:.0%} sure: {guess.why}"
    if guess.field.code_set and guess.beside and guess.beside[0][0]:
        meant = [f'            "{place}": {_yaml(code)}' for place, (code, _) in enumerate(guess.beside, 1)]
        return [f"        {guess.field.name}:{note}", "          column: place", "          codes:", *meant]
    name = _made(guess) if guess.separator or guess.beside else guess.column.name
    mapped_to = {value: code for value, _, code in guess.unmapped if code}
    open_values = [value for value, _, code in guess.unmapped if not code]
    if not mapped_to and not open_values:
        return [f"        {guess.field.name}: {_yaml(name)}{note}"]
    lines = [f"        {guess.field.name}:{note}", f"          column: {_yaml(name)}"]
    if mapped_to:
        lines.append("          codes:  # by likeness: CHECK each")
        lines += [f"            {_yaml(value)}: {_yaml(code)}" for value, code in mapped_to.items()]
    lines += [f"            # {_yaml(value)}: no code of {guess.field.code_set} is near" for value in open_values]
    return lines


def _written(source: str, formats: Counter[str], body: list[str], blocks: dict[str, list[str]], first: Path) -> str:
    name = re.sub(r"[^a-z0-9]+", "_", discover.without_period(first.stem).lower()).strip("_")
    lines = [
        "# Drafted by `countywide profile`. Look at every CHECK, and at what is less than 90% sure.",
        "# What each key means: docs/guides/local-layouts.md.",
        f"profile: {name if re.match('[a-z]', name) else f'file_{name}'}",
        f"source: {source}",
        "certainty: read",
    ]
    if formats:
        lines.append(f"date_formats: [{', '.join(_yaml(form) for form, _ in formats.most_common())}]")
    lines += ["files:", *body, "extracts:"]
    for entity, parts in blocks.items():
        lines += [f"  {entity}:", *parts]
    return "\n".join(lines) + "\n"


def _best_source(tables: list[Table]) -> str:
    """The source whose extracts recognise most columns, surest first."""

    def recognised(source: Source) -> float:
        guesses = [_guesses(table, source) for table in tables]
        best: dict[tuple[int, str], float] = {}
        for number, found in enumerate(guesses):
            for mine in found.values():
                for guess in mine.values():
                    place = number, guess.column.name
                    best[place] = max(best.get(place, 0.0), guess.confidence)
        return sum(best.values())

    able = [
        source for source in sources().values() if "csv" in source.meta["formats"] and source.meta["world"] in _WORLDS
    ]
    return max(able, key=recognised).name


def _preview(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    made: Profile,
    source: Source,
    tables: list[Table],
    scratch: Path,
    show_values: bool,
) -> list[str]:
    """What the draft makes of the files: rows by extract, rows refused by reason, and how full each column is."""
    lines = ["What the draft makes of it:"]
    files: dict[str, tuple[Delivery, ...]] = {}
    for table in tables:
        name = _file_name(table)
        files[name] = (*files.get(name, ()), table.delivery)
    folder = scratch / "preview"
    folder.mkdir()
    originals = {table.delivery.name: table.delivery.path for table in tables}
    with mapped.read(connection, settings, Parcel(made, files), originals, source, folder) as outcomes:
        for (file, entity), outcome in outcomes.items():
            if outcome.refusal:
                lines.append(f"  {file} → {entity}: {outcome.refusal.message}")
                continue
            reasons = Counter(reject.reason_code for reject in outcome.rejects)
            refused = ", ".join(f"{count:,} {reason}" for reason, count in reasons.most_common())
            lines.append(
                f"  {file} → {entity}: {outcome.made:,} rows of {outcome.loaded:,} records"
                + (f"; refused: {refused}" if refused else "")
            )
            for parquet in outcome.parquets if show_values else ():
                lines += _shown(connection, parquet)
        written = _parquets(outcomes)
        lines += [line for extract in source.extracts for line in _orphans(connection, extract, written)]
    return lines


def _parquets(outcomes: dict[tuple[str, str], Outcome]) -> dict[str, list[Path]]:
    found: dict[str, list[Path]] = {}
    for (_, entity), outcome in outcomes.items():
        found.setdefault(entity, []).extend(outcome.parquets)
    return found


def _orphans(connection: duckdb.DuckDBPyConnection, extract: Extract, parquets: dict[str, list[Path]]) -> Iterator[str]:
    """Of the rows that the draft makes, those whose plan, child or request it does not make."""
    for column in extract.columns:
        owner = column.name.removesuffix("_id")
        if (
            not _is_id(column.name)
            or owner == extract.entity
            or not (parquets.get(extract.entity) and parquets.get(owner))
        ):
            continue
        mine, theirs = (_rows_of(parquets[entity]) for entity in (extract.entity, owner))
        key = profile.quoted(column.name)
        total, lost = connection.execute(
            f"select count(*), count(*) filter (where {key} not in "
            f"(select {key} from {theirs} where {key} is not null)) from {mine} where {key} is not null"
        ).fetchall()[0]
        if lost:
            yield (
                f"  {extract.entity}: CHECK, {lost:,} of {total:,} rows hang on no {owner}: none has their "
                f"{column.name}. Give {extract.entity} the `where` of {owner}, or {owner} the missing rows"
            )


def _shown(connection: duckdb.DuckDBPyConnection, parquet: Path) -> list[str]:
    relation = connection.sql(f"select * from read_parquet('{duck.quoted(parquet)}') limit {_ROWS_SHOWN}")
    names = relation.columns
    shown: list[Any] = relation.fetchall()
    return [
        "    " + ", ".join(f"{name}={value}" for name, value in zip(names, row, strict=True) if value is not None)
        for row in shown
    ]


def _yaml(text: str) -> str:
    """A text as a YAML scalar: plain where that cannot be misread."""
    is_plain = re.fullmatch(r"[A-Za-z][A-Za-z0-9_ ]*[A-Za-z0-9_]", text) and text.lower() not in _WORDS
    return text if is_plain else json.dumps(text, ensure_ascii=False)


_WORDS = ("yes", "no", "on", "off", "true", "false", "null")
