"""Damaged files at every reader: no crash, no hang, no unbounded memory, every row accounted for, no value told.

    python -m tests.fuzz --minutes 60 --seed 7              # every reader in turn, until the time is up
    python -m tests.fuzz --reader xlsx --seed 7 --first 40 --count 1

A damaged file is known by reader, seed and number alone: each number draws one of the reader's sound files and damages
it, always in the same way. What fails is printed with those three, to be added to KEPT here, and the file itself, as
small as it gets, to the tests beside the reader. Readers run in a process of their own, whose memory has a limit and
whose silence has one too: so a crash, a hang and a flood are findings like any other. Every value of a child in the
sound files is MARKER or holds it, and no message may.
"""

from __future__ import annotations

import argparse
import csv
import io
import os
import random
import re
import subprocess
import sys
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from tests.unit.landing import test_profiles as layout
from tests.unit.landing.test_xlsx import workbook
from warehouse.settings import REPOSITORY, Home, Settings

MARKER = "Zyxwv"
BATCH = 24  # landed together, for a run of landing has its price
# Seconds for a batch, which takes a second or two: of the processor, which a busy machine does not change, and in all.
WORK, SILENCE = 60, 900
ADDRESS_SPACE = 6 << 30  # bytes; DuckDB and Arrow reserve far more than they use
RESIDENT = 1_500  # MB
LARGEST = 1 << 18  # bytes of a damaged file
# Reader → (seed, number) of what once failed.
KEPT: dict[str, list[tuple[int, int]]] = {"csv": [(20, 646)], "xml": [(11, 161), (15, 149)], "yaml": [(20, 3059)]}

# A delivery: the bytes of each of its files by their names.
Bundle = dict[str, bytes]
# What is wrong with each damaged delivery, by its number; nothing is said of a sound one.
Judge = Callable[[dict[int, Bundle], Path], dict[int, str]]


@dataclass(frozen=True)
class Reader:
    """One reader of the project: its sound files, and a judge of what it makes of others."""

    name: str
    sound: Callable[[], list[Bundle]]
    judge: Judge
    price: int = 1  # one of its files costs as much as so many of others, and it gets that many fewer


# ---- Damage ----

PIECES = [
    *(b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\xff\xfe\x00\x00", b"\x00", b"\x00\x00\x00\x00", b"\x1a", b"\x1c"),
    *(b'"', b'""', b"'", b"\\", b"\r", b"\n", b"\r\n", b"\n\r", b"\n\n\n", b"\x0b", b"\x0c", b"\x85", b"\xa0"),
    *(b",", b";", b"\t", b"|", b":", b"=", b"#", b"\xc2\xa0", b"\xe2\x80\xa8", b"\xc2\x85", b"\xe2\x80\xae"),
    *(b"\xc3", b"\x8f", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xc0\xbc", b"\xf0\x9f\x98\x80", b"\xcc\x81" * 40),
    *(b"<", b">", b"&", b"<a>", b"</a>", b"<a/>", b"<![CDATA[", b"]]>", b"<!--", b"-->", b"<?x y?>", b"<x:y>"),
    *(b"&amp;", b"&b;", b"&#0;", b"&#65;", b"&#x1F600;", b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b"<a>" * 300),
    *(
        b"{",
        b"}",
        b"[",
        b"]",
        b"null",
        b"true",
        b"NaN",
        b"1e999",
        b"-0",
        b"9" * 400,
        b"\\u0000",
        b"\\ud800",
        b"[" * 500,
    ),
    *(b"PK\x03\x04", b"PK\x05\x06", b"%PDF", b"\xd0\xcf\x11\xe0", b"\x1f\x8b", b"Total", b"31/12/9999", b"=1+1"),
    *(b"- ", b"*x", b"&x ", b"!!int ", b"%", b"${HOME}", b"../", b"~", b"%s", b"{0}", b"2", b"0", b"-1", b"1.5"),
]
ENCODINGS = ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig", "cp1252", "utf-7")
NUMBERS = (b"0", b"-1", b"255", b"65536", b"2147483648", b"4294967295", b"9223372036854775808", b"1e400", b"00", b"")


def damaged(reader: Reader, seed: int, number: int, sound: list[Bundle]) -> Bundle:
    """The delivery of this number."""
    chance = random.Random(f"{reader.name}/{seed}/{number}")  # noqa: S311
    bundle = dict(chance.choice(sound))
    for _ in range(chance.choice((1, 1, 1, 2))):
        name = chance.choice(list(bundle))
        other = chance.choice(list(chance.choice(sound).values()))
        inside = name.endswith(".xlsx") and chance.random() < 0.75
        bundle[name] = (_in_archive if inside else _in_bytes)(chance, bundle[name], other)
    return bundle


def _in_bytes(chance: random.Random, content: bytes, other: bytes) -> bytes:
    for _ in range(chance.choice((1, 1, 2, 3, 8))):
        content = chance.choice(_DAMAGE)(chance, content, other)[:LARGEST]
    return content


def _in_archive(chance: random.Random, content: bytes, other: bytes) -> bytes:
    """Damage to one part of a workbook, or to which parts it has, zipped again as if nothing were."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            held = {part.filename: parts.read(part) for part in parts.infolist()}
    except Exception:  # it was damaged before
        return _in_bytes(chance, content, other)
    name = chance.choice([part for part in held if "sheet" in part or "tring" in part] + list(held))
    how = chance.random()
    if how < 0.06:
        del held[name]
    elif how < 0.1:
        held[chance.choice(("../../evil", "/abs", "C:\\x", name.upper(), "xl/vbaProject.bin", "a" * 300))] = held[name]
    elif how < 0.4:
        held[name] = _swapped_words(chance, held[name], other)
    else:
        held[name] = _in_bytes(chance, held[name], other)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", chance.choice((zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED))) as parts:
        for part, its in held.items():
            parts.writestr(part, its)
    return buffer.getvalue()


def _span(chance: random.Random, content: bytes) -> tuple[int, int]:
    start = chance.randrange(len(content) + 1)
    return start, min(len(content), start + chance.choice((1, 1, 2, 4, 16, 64, 512, 4096)))


def _flipped(chance: random.Random, content: bytes, other: bytes) -> bytes:
    if not content:
        return content
    at = chance.randrange(len(content))
    return content[:at] + bytes([content[at] ^ 1 << chance.randrange(8)]) + content[at + 1 :]


def _inserted(chance: random.Random, content: bytes, other: bytes) -> bytes:
    at = chance.choice((0, len(content), *(chance.randrange(len(content) + 1) for _ in range(6))))
    return content[:at] + chance.choice(PIECES) * chance.choice((1, 1, 1, 2, 50)) + content[at:]


def _deleted(chance: random.Random, content: bytes, other: bytes) -> bytes:
    start, end = _span(chance, content)
    return content[:start] + content[end:]


def _repeated(chance: random.Random, content: bytes, other: bytes) -> bytes:
    start, end = _span(chance, content)
    return content[:end] + content[start:end] * chance.choice((1, 1, 2, 30, 1000)) + content[end:]


def _spliced(chance: random.Random, content: bytes, other: bytes) -> bytes:
    """A piece of another sound file, or its end after our beginning."""
    start, end = _span(chance, other)
    at = chance.randrange(len(content) + 1)
    return content[:at] + (other[start:end] + content[at:] if chance.random() < 0.7 else other[start:])


def _cut(chance: random.Random, content: bytes, other: bytes) -> bytes:
    return content[: chance.randrange(len(content) + 1)]


def _moved(chance: random.Random, content: bytes, other: bytes) -> bytes:
    start, end = _span(chance, content)
    rest = content[:start] + content[end:]
    at = chance.randrange(len(rest) + 1)
    return rest[:at] + content[start:end] + rest[at:]


def _another_encoding(chance: random.Random, content: bytes, other: bytes) -> bytes:
    return content.decode("utf-8", errors="replace").encode(chance.choice(ENCODINGS), errors="replace")


def _another_number(chance: random.Random, content: bytes, other: bytes) -> bytes:
    found = list(re.finditer(rb"\d+", content))
    if not found:
        return content
    its = chance.choice(found)
    return content[: its.start()] + chance.choice(NUMBERS) + content[its.end() :]


def _swapped_words(chance: random.Random, content: bytes, other: bytes) -> bytes:
    """One word, tag or attribute for another of the file."""
    found = list(re.finditer(rb"</?[^<>]{1,60}>|[\w.]+", content))
    if not found:
        return content
    its, by = chance.choice(found), chance.choice(found)
    return content[: its.start()] + by[0] + content[its.end() :]


def _lines_shuffled(chance: random.Random, content: bytes, other: bytes) -> bytes:
    lines = content.splitlines(keepends=True)
    chance.shuffle(lines)
    return b"".join(lines)


_DAMAGE = (
    *(_flipped, _inserted, _inserted, _deleted, _repeated, _spliced, _cut, _moved),
    *(_another_number, _swapped_words, _lines_shuffled, _another_encoding),
)


# ---- Landing ----


def landed(profiles: dict[str, str] | None = None) -> Judge:
    """Deliver each to a folder of its own in the inbox of its source, land once, and hold what came of it to account.

    The name of a file begins with its source."""

    def judge(bundles: dict[int, Bundle], folder: Path) -> dict[int, str]:
        from warehouse import landing
        from warehouse.landing import ledger

        home = Home(folder)
        for name, said in (profiles or {}).items():
            (home.root / "profiles").mkdir(parents=True, exist_ok=True)
            (home.root / "profiles" / name).write_text(said, encoding="utf-8")
        for number, bundle in bundles.items():
            for name, content in bundle.items():
                source, _, last = name.partition("/")
                file = home.inbox / source / f"m{number}" / last
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(content)
        lines: list[str] = []
        settings = Settings(home=home, threads=1, memory="1GB")
        with patch.object(ledger, "write_layouts"):  # the slow part of a first landing, and tested elsewhere
            try:
                report = landing.land(settings, progress=lines.append)
            except landing.LandingFailed as failed:
                report = failed.report
        wrong: dict[int, str] = {}

        def say(file: str, what: str) -> None:
            found = re.match(r"(?:inbox/\w+/)?m(\d+)/", file)
            wrong.setdefault(int(found[1]) if found else min(bundles), what)

        for failure in report.failures:
            say(failure.file_name, f"{failure.error} at {failure.where}")
        for line in (*lines, *report.notes, *(receipt.message for receipt in report.receipts)):
            if MARKER.lower() in line.lower():
                at = re.search(r"m\d+/", line)
                say(at[0] if at else "", f"a message tells a value: {line}")
        for receipt in report.receipts:
            for what in _unaccounted(home, receipt):
                say(receipt.file_name, what)
        _leftovers(home, report, say)
        heard = {int(found) for line in lines for found in re.findall(r"\bm(\d+)/", line)}
        for number in bundles.keys() - heard - wrong.keys():
            say(f"m{number}/", "nothing is said of it")
        return wrong

    return judge


def _unaccounted(home: Home, receipt) -> Iterator[str]:
    import pyarrow.parquet as pq

    from warehouse.landing import ledger

    parquet = ledger.parquet_file(home.raw, receipt)
    rejects = home.ledger / "reject" / f"{receipt.receipt_id}.parquet"
    if not receipt.is_loaded:
        if parquet.exists() or rejects.exists() or receipt.rows_received:
            yield "refused, and yet something of it is kept"
        if receipt.is_quarantined and len(receipt.message) < len(receipt.file_name) + 30:
            yield "refused without a word of what to do"
        return
    if receipt.rows_received != receipt.rows_loaded + receipt.rows_rejected:
        yield f"{receipt.rows_received} received, {receipt.rows_loaded} loaded, {receipt.rows_rejected} rejected"
    table = pq.ParquetFile(parquet)
    if table.metadata.num_rows != receipt.rows_made:
        yield f"{table.metadata.num_rows} rows in raw, {receipt.rows_made} in the receipt"
    refused = pq.read_table(rejects).to_pylist() if rejects.exists() else []
    if len(refused) != receipt.rows_rejected:
        yield f"{len(refused)} rows in the rejects, {receipt.rows_rejected} in the receipt"
    if any(MARKER.lower() in (reject["message"] or "").lower() for reject in refused):
        yield "the message of a reject tells a value"
    if not receipt.profile:  # a profile can make several rows of a record
        numbers = table.read(columns=["_source_row"])["_source_row"].to_pylist()
        numbers += [reject["source_row"] for reject in refused]
        if len(set(numbers)) != len(numbers) and receipt.source != "sen2_return":
            yield "a record is both loaded and rejected, or twice"


def _leftovers(home: Home, report, say: Callable[[str, str], None]) -> None:
    from warehouse.landing import ledger

    known = {ledger.parquet_file(home.raw, receipt) for receipt in report.receipts if receipt.is_loaded}
    for parquet in home.raw.glob("*/*/snapshot_date=*/*"):
        if parquet not in known:
            say("", f"{parquet.name} is in raw and has no receipt")
    if any(home.work.glob("landing-*")):
        say("", "scratch is left behind")


def _table(header: Iterable[str], rows: Iterable[Iterable[str]], delimiter: str = ",", end: str = "\r\n") -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator=end)
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()


def _value(column, row: int) -> str:
    if column.data_type == "date":
        return f"2024-03-{row:02d}"
    return str(row) if column.data_type in ("integer", "decimal") else f"{MARKER} {row}"


def declared() -> list[Bundle]:
    """Three rows of every declared table, in different hands."""
    from warehouse.landing import discover
    from warehouse.specification import extracts

    hands = (("utf-8", ",", "\n"), ("utf-8-sig", ",", "\r\n"), ("utf-16", "\t", "\r\n"), ("cp1252", ";", "\n"))
    found = []
    for number, extract in enumerate(extracts()):
        if "csv" not in extract.source_meta["formats"] or extract.source_meta.get("reader") == "return":
            continue
        name = re.sub(r"<(\w+)>", lambda its: _EXAMPLES.get(its[1], "2026"), discover.plain_pattern(extract))
        name = re.sub(r"[^\w-]", "", name)
        columns = [column for column in extract.columns if column.is_in_a_table]
        header = [_header(column, place) for column in columns for place in range(3 if column.many else 1)]
        wide = [column for column in columns for _ in range(3 if column.many else 1)]
        rows = [[_value(column, row) for column in wide] for row in (1, 2, 3)]
        rows[1] = [f'{value}, "é"\nand so on' if MARKER in value else value for value in rows[1]]
        encoding, delimiter, end = hands[number % len(hands)]
        above = "".join(f"line {n}{end}" for n in range(extract.meta.get("lines_above_header", 0)))
        text = above + _table(header, rows, delimiter, end)
        found.append({f"{extract.source}/{name}.csv": text.encode(encoding)})
    return found


_EXAMPLES = {
    **{"census_term": "autumn", "term": "autumn", "month": "2026-11", "provider": "RY4", "reporting_period": "202610"},
    **{"service": "SLT", "list_date": "2027-01-21", "release_table": "caseload", "vintage": "may_2025"},
    **{"covers": "termly", "roll": "on", "layer": "ward"},
}


def _header(column, place: int) -> str:
    """The printed header; of a column that stands for many, one that its pattern accepts."""
    if not column.many:
        return column.printed_header
    written = (str(place), f"{place}+", f"F{place}", f"SN{place + 1}")
    return next(name for name in written if column.accepts(name))


def workbooks() -> list[Bundle]:
    """One table on one sheet; several, with cells of every kind that Excel has; merged and hidden."""
    from datetime import date, datetime, time, timedelta

    from openpyxl import load_workbook

    person = ["person_id", "surname", "forename", "birth_date", "upn"]
    plan = ["plan_id", "person_id", "start_date"]
    odd = [
        1,
        2.5,
        True,
        date(2015, 2, 3),
        datetime(2015, 2, 3, 9, 30),
        time(9, 30),
        timedelta(hours=30),
        "=1+1",
        "#REF!",
    ]
    many = workbook(
        person=[person, ["1", MARKER, "A", date(2015, 2, 3), "0012"], [2, f"{MARKER}\nB", None, 42005, 1.5]],
        plan=[plan, ["P1", 1, date(2024, 1, 1)], ["P2", 2, "2024-02-01"], [None, 3, "x"]],
        notes=[[MARKER], odd],
    )
    book = load_workbook(io.BytesIO(many))
    book["plan"].merge_cells("A2:A3")
    book["notes"].sheet_state = "hidden"
    book["person"]["A3"].number_format = "0%"
    buffer = io.BytesIO()
    book.save(buffer)
    one = workbook(Sheet1=[plan, *([f"P{n}", MARKER, cell] for n, cell in enumerate(odd))])
    titled = workbook(Sheet1=[["a title"], ["a note"], ["LA num.", "LA Name", "SN1", "SN2"], [919, MARKER, 301, 302]])
    return [
        {"ehc/ehc_plan.xlsx": one},
        {"ehc/ehc.xlsx": many},
        {"ehc/ehc_person.xlsx": buffer.getvalue()},
        {"dfe_release/sn_may_2025.xlsx": titled},
    ]


def _xml(collection: str, root: str, header: str, body: str) -> bytes:
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n<{root}><Header><CollectionDetails><Collection>{collection}'
        f"</Collection>{header}</CollectionDetails></Header>\n{body}</{root}>\n"
    ).encode()


CIN = f"""<Children><Child><ChildIdentifiers><LAchildID>1</LAchildID><UPN>{MARKER}</UPN><!-- x --></ChildIdentifiers>
 <ChildCharacteristics><Ethnicity>WBRI</Ethnicity><Disabilities><Disability>HAND</Disability></Disabilities>
 </ChildCharacteristics><CINdetails><CINreferralDate>2025-01-01</CINreferralDate><Section47>
 <S47ActualStartDate>2025-02-01</S47ActualStartDate></Section47></CINdetails></Child>
<Child><ChildIdentifiers><LAchildID>{MARKER}</LAchildID></ChildIdentifiers></Child></Children>
"""
CENSUS = f"""<School><Phase>SS</Phase></School><Pupils><PupilsOnRoll><PupilOnRoll>
<PupilIdentifiers><UPN>A950000178301</UPN><Surname>{MARKER}</Surname><Forename>Ann</Forename><DOB>2012-05-06</DOB>
</PupilIdentifiers><SpecialEducationalNeeds><SENprovision>E</SENprovision><SENneeds><SENneed>
<SENtypeRank>1</SENtypeRank><SENtype>ASD</SENtype></SENneed></SENneeds></SpecialEducationalNeeds></PupilOnRoll>
</PupilsOnRoll><PupilsNoLongerOnRoll><PupilNoLongerOnRoll><PupilIdentifiers><UPN>H243278544154</UPN><Surname>{MARKER}
</Surname></PupilIdentifiers></PupilNoLongerOnRoll></PupilsNoLongerOnRoll></Pupils>
"""


EARLY = f"""<Settings><Setting><SettingURN>EY1</SettingURN><Children><Child><Surname>{MARKER}</Surname>
<Forename>A</Forename><DOB>2023-01-02</DOB></Child></Children></Setting></Settings>
"""
ALTERNATIVE = f"""<Pupils><Pupil><PupilIdentifiers><UPN>{MARKER}</UPN></PupilIdentifiers></Pupil></Pupils>"""
TRANSFER = f"""<CTfile><Header><DateTime>2026-09-01T00:00:00</DateTime></Header><CTFpupilData><Pupil><UPN>{MARKER}</UPN>
<SENhistory><SEN><StartDate>2025-01-01</StartDate><SENprovision>K</SENprovision></SEN></SENhistory>
<SchoolHistory><School><LEA>919</LEA><Estab>4001</Estab></School></SchoolHistory></Pupil></CTFpupilData></CTfile>"""
LEARNERS = f"""<LearningProvider><UKPRN>10000001</UKPRN></LearningProvider>
<Learner><LearnRefNumber>{MARKER}</LearnRefNumber><LLDDandHealthProblem><LLDDCat>4</LLDDCat></LLDDandHealthProblem><LearnerFAM><LearnFAMType>EHC</LearnFAMType>
<LearnFAMCode>1</LearnFAMCode></LearnerFAM><LearningDelivery><AimSeqNumber>1</AimSeqNumber></LearningDelivery></Learner>
"""


def documents() -> list[Bundle]:
    """A return of every source that comes as XML, but for SEN2."""
    year = "<Year>2026</Year>"
    source = b"</CollectionDetails><Source><LEA>919</LEA><Estab>4001</Estab></Source>"
    cin = _xml("CIN", "Message", f"{year}<ReferenceDate>2026-03-31</ReferenceDate>", CIN)
    census = _xml("SC", "Message", f"<Term>SPR</Term>{year}", CENSUS).replace(b"</CollectionDetails>", source)
    return [
        {"cin/cin.xml": cin},
        {"cin/cin.xml": cin.decode().replace("utf-8", "utf-16").encode("utf-16")},
        {"school_census/9194001_SC_SPR.xml": census},
        {"early_years_census/early.xml": _xml("EYC", "Message", year, EARLY)},
        {"ap_census/ap.xml": _xml("AP", "APCensus", year, ALTERNATIVE)},
        {"ctf/9194001_CTF_9194002_001.xml": TRANSFER.encode()},
        {"ilr/ILR-10000001.xml": _xml("ILR", "Message", year, LEARNERS)},
    ]


def areas() -> list[Bundle]:
    """Boundaries: their properties are names of places, so a child's value stands nowhere here."""
    feature = '{"type": "Feature", "properties": {"WD24CD": "E0%s", "WD24NM": "L\\u00f6we"}, "geometry": %s}'
    shape = '{"type": "Polygon", "coordinates": [[[0.5, 51], [1e0, 51.25], [1, 52], [0.5, 51]]]}'
    crs = '"crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}'
    features = ", ".join((feature % (1, shape), feature % (2, "null"), feature % (3, shape)))
    return [{"boundary/wards.geojson": f'{{"type": "FeatureCollection", {crs}, "features": [{features}]}}'.encode()}]


def through_a_profile() -> list[Bundle]:
    """The cases and people of the tests of profiles, their children with the marker for a surname."""
    lines = re.sub("Alder|Birch|Cedar|Dogwood", MARKER, layout.LINES)
    people = re.sub("(?m)^([0-9]+),.*", rf"\1,{MARKER}", layout.PEOPLE).encode()
    sheet = workbook(Cases=[line.split(",") for line in lines.splitlines()])
    return [
        {"ehc/cases.csv": lines.encode(), "ehc/people.csv": people},
        {"ehc/cases.xlsx": sheet, "ehc/people.csv": people},
    ]


# ---- Returns ----


def _return() -> str:
    from tests.unit.returns import sen2_files

    cases = [sen2_files.case(base) for base in ("issued", "standing", "asked", "ceased")]
    text = sen2_files.xml(cases, 2026)
    return re.sub(r"<(Surname|Forename)>[^<]*<", rf"<\1>{MARKER}<", text)


def returns() -> list[Bundle]:
    """The three forms in which a return comes."""
    from tests.unit.returns import test_check_sheets as made

    text = _return()
    with tempfile.TemporaryDirectory() as folder:
        export = made.export(Path(folder) / "export", text)
        book = made.workbook(Path(folder) / "2026_sen2.xlsx", text)
        nine = {file.name: file.read_bytes() for file in sorted(export.iterdir())}
        return [{"2026_sen2.xml": text.encode()}, nine, {book.name: book.read_bytes()}]


def returns_in_the_inbox() -> list[Bundle]:
    return [{f"sen2_return/{name}": content for name, content in bundle.items()} for bundle in returns()]


def checked(bundles: dict[int, Bundle], folder: Path) -> dict[int, str]:
    """What `countywide check` reads: both readers of XML tell the same, and what is refused is Unreadable."""
    wrong = {}
    for number, bundle in bundles.items():
        its = _laid(bundle, folder / f"m{number}")
        path = its if len(bundle) > 1 else its / next(iter(bundle))
        try:
            first, second = _read(path, fast=False), _read(path, fast=True)
        except Exception as error:
            wrong[number] = f"{type(error).__name__} at {_frame(error)}"
            continue
        if first != second:
            wrong[number] = "the two readers differ"
        if MARKER.lower() in first[0].lower():
            wrong[number] = f"a message tells a value: {first[0]}"
    return wrong


def _read(path: Path, fast: bool) -> tuple:
    """What is refused in words, or the records read, how many of each, and the faults."""
    from warehouse.returns.check import read, shape, sheets
    from warehouse.returns.check.fast import FastReader

    kept: Counter[str] = Counter()
    try:
        if sheets.is_sheets(path):
            sheets.year_of(path)
            reader = sheets.SheetReader(shape.message(2026), lambda table, rows: kept.update({table: len(rows)}))
        else:
            read.year_of(path)
            message = shape.message(2026)
            reader = read.Reader(message, lambda table, rows: kept.update({table: len(rows)}))
            if fast:
                reader = FastReader(
                    message,
                    lambda table, rows: kept.update({table: len(rows)}),
                    lambda table, rows: kept.update({table: rows.num_rows}),
                )
        reader.read(path)
    except read.Unreadable as refused:
        return (str(refused),)
    return "", reader.people, dict(kept), dict(reader.counts)


def _laid(bundle: Bundle, folder: Path) -> Path:
    """A bundle as files of a new folder."""
    folder.mkdir()
    for name, content in bundle.items():
        (folder / name).write_bytes(content)
    return folder


def judged(bundles: dict[int, Bundle], folder: Path) -> dict[int, str]:
    """The whole of `countywide check`, findings and page included."""
    from warehouse.returns.check import files, judge
    from warehouse.returns.check.read import Unreadable

    wrong = {}
    for number, bundle in bundles.items():
        its = _laid(bundle, folder / f"m{number}")
        path = its if len(bundle) > 1 else its / next(iter(bundle))
        try:
            with judge.judge(path, year=2026, demonstration=True) as result:
                found = list(result.findings())
                if len(found) + result.unlisted != sum(result.levels.values()):
                    wrong[number] = "findings do not add up"
                page, _ = files.write(result, its / "out")
                if MARKER in page.read_text(encoding="utf-8"):
                    wrong[number] = "the page tells a value"
        except Unreadable as refused:
            if MARKER in str(refused):
                wrong[number] = f"a message tells a value: {refused}"
        except Exception as error:
            wrong[number] = f"{type(error).__name__} at {_frame(error)}"
    return wrong


# ---- What people write: settings, profiles, and files to draft a profile of ----


def written(parse: Callable[[Path], object], *refusals: str) -> Judge:
    """A file that a person writes is read, or refused by one of these errors alone."""

    def judge(bundles: dict[int, Bundle], folder: Path) -> dict[int, str]:
        wrong = {}
        for number, bundle in bundles.items():
            its = _laid(bundle, folder / f"m{number}")
            try:
                parse(its / next(iter(bundle)))
            except Exception as error:
                if type(error).__name__ not in refusals:
                    wrong[number] = f"{type(error).__name__} at {_frame(error)}"
                elif MARKER.lower() in str(error).lower():
                    wrong[number] = f"a message tells a value: {error}"
        return wrong

    return judge


def _settings(path: Path) -> object:
    return Settings.read(path.parent)


def _profile(path: Path) -> object:
    from warehouse.profiles import profile

    return profile.load(path)


def _draft(path: Path) -> object:
    from warehouse import draft

    files = sorted(path.parent.iterdir())
    made = draft.draft(Settings(home=Home(path.parent), threads=1, memory="1GB"), files)
    if MARKER.lower() in (made.text + "\n".join(made.lines)).lower():
        raise AssertionError("the draft tells a value")
    return made


def settings_files() -> list[Bundle]:
    text = """\
[council]
la_code = "919"
name = "Elsewhere"
[dates]
as_at = 2027-01-21
[return]
collection_years = [2026, 2027]
[officers]
DMO = "Y"
[thresholds]
N20.share = 0.1
[machine]
memory = "3GB"
threads = 2
[sources]
cin = false
"""
    return [{"countywide.toml": text.encode()}]


def profile_files() -> list[Bundle]:
    from warehouse.profiles.profile import SHIPPED

    return [
        {"ours.yml": layout.CASES.encode()},
        *({file.name: file.read_bytes()} for file in sorted(SHIPPED.glob("*/*.yml"))),
    ]


def unknown_files() -> list[Bundle]:
    rows = [[f"A95000017830{n % 10}", f"{MARKER}{n}", f"{MARKER}", f"0{1 + n % 9}/02/2015", "AUT"] for n in range(12)]
    header = ["UPN", "Surname", "Forename", "Date of Birth", "Primary Need"]
    text = "Report\r\n\r\n" + _table(header, rows)
    return [{"children.csv": text.encode()}, {"children.xlsx": workbook(Report=[["Report"], header, *rows])}]


READERS = {
    reader.name: reader
    for reader in (
        Reader("csv", declared, landed()),
        Reader("xlsx", workbooks, landed()),
        Reader("xml", documents, landed()),
        Reader("geojson", areas, landed()),
        Reader("profile", through_a_profile, landed({"ours.yml": layout.CASES}), 2),
        Reader("return", returns_in_the_inbox, landed()),
        Reader("check", returns, checked),
        Reader("judge", returns, judged, 4),
        Reader("settings", settings_files, written(_settings, "SettingsError")),
        Reader("yaml", profile_files, written(_profile, "ProfileError")),
        Reader("draft", unknown_files, written(_draft, "NotDrafted", "Quarantine"), 8),
    )
}


# ---- Hunting ----


def hunt(readers: list[str], seed: int, first: int, count: int) -> list[str]:
    """Everything found wrong by some readers with so many damaged files of each, in a process of its own."""
    asked = [sys.executable, "-m", "tests.fuzz", "--worker", "--seed", str(seed), "--first", str(first)]
    return _worker([*asked, "--count", str(count), *(f"--reader={name}" for name in readers)])


def hunt_again(readers: list[str]) -> list[str]:
    """What is still wrong of what was once found."""
    return [line for name in readers for seed, number in KEPT.get(name, []) for line in hunt([name], seed, number, 1)]


def _worker(asked: list[str]) -> list[str]:
    """What a worker says is wrong; its death and its silence are wrong too."""
    told: list[str] = []
    with tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(asked, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=errors, text=True)
        try:
            told = _heard(process)
        finally:
            process.kill()
            code = process.wait()
        errors.seek(0)
        if told[-1:] != ["done"]:
            last = next((line for line in reversed(told) if line.startswith("at ")), "at the start")
            told.append(f"WRONG {' '.join(asked[3:])}: {last}: ended or fell silent ({code}): {errors.read()[-2000:]}")
    return [line.removeprefix("WRONG ") for line in told if line.startswith("WRONG ")]


def _heard(process: subprocess.Popen[str]) -> list[str]:
    """The lines of a worker, until it ends or says nothing for too long."""
    import queue
    import threading

    lines: queue.Queue[str | None] = queue.Queue()

    def listen() -> None:
        for line in process.stdout:
            lines.put(line.rstrip("\n"))
        lines.put(None)

    threading.Thread(target=listen, daemon=True).start()
    told: list[str] = []
    while True:
        try:
            line = lines.get(timeout=SILENCE)
        except queue.Empty:
            return told
        if line is None:
            return told
        told.append(line)


def work(reader: Reader, seed: int, first: int, count: int) -> None:
    """The worker: says where it is before each batch, and what is wrong after it."""
    sound = reader.sound()
    for start in range(first, first + count, BATCH):
        numbers = range(start, min(start + BATCH, first + count))
        print(f"at {reader.name} {seed} {numbers[0]}..{numbers[-1]}", flush=True)
        _limit_work()
        bundles = {number: damaged(reader, seed, number, sound) for number in numbers}
        with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
            wrong = reader.judge(_different(bundles), Path(folder))
        for number, what in sorted(wrong.items()):
            print(f"WRONG {reader.name} --seed {seed} --first {number}: {what!r}", flush=True)
    if _resident() > RESIDENT:
        print(f"WRONG {reader.name} --seed {seed} --first {first} --count {count}: {_resident()} MB", flush=True)


def _share(reader: Reader, count: int) -> int:
    return max(1, count // reader.price)


def _different(bundles: dict[int, Bundle]) -> dict[int, Bundle]:
    """Those whose content no other has: a second one is rightly passed over."""
    seen: set[bytes] = set()
    found = {}
    for number, bundle in bundles.items():
        if not seen & set(bundle.values()) or len(bundle) > 1:
            found[number] = bundle
        seen |= set(bundle.values())
    return found


def _limit_memory() -> None:
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))


def _limit_work() -> None:
    """The system ends this process if it works on for so long."""
    if sys.platform != "win32":
        import resource

        its = resource.getrusage(resource.RUSAGE_SELF)
        resource.setrlimit(resource.RLIMIT_CPU, (int(its.ru_utime + its.ru_stime) + WORK, resource.RLIM_INFINITY))


def _resident() -> int:
    """The most that this process held at once, in MB; 0 where the system does not say.

    Linux says it of this program alone; `ru_maxrss` has what the test's own process held when it started this one.
    """
    status = Path("/proc/self/status")
    if not status.exists():
        return 0
    (peak,) = (line for line in status.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM:"))
    return int(peak.split()[1]) >> 10


def _frame(error: BaseException) -> str:
    import traceback

    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "warehouse" in frame.filename] or frames
    return f"{Path(ours[-1].filename).name}:{ours[-1].lineno}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reader", action="append", choices=READERS, help="all, if none is named")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--count", type=int, default=240, help="damaged files of each reader, or of each turn")
    parser.add_argument("--minutes", type=float, help="go on in turns until the time is up")
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--keep", type=Path, help="write the damaged files here instead of reading them")
    given = parser.parse_args()
    readers = [READERS[name] for name in given.reader or READERS]
    if given.keep:
        for number in range(given.first, given.first + given.count):
            for name, content in damaged(readers[0], given.seed, number, readers[0].sound()).items():
                file = given.keep / f"m{number}" / name
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(content)
        return 0
    if given.worker:
        _limit_memory()
        for reader in readers:
            work(reader, given.seed, given.first, _share(reader, given.count))
        print("done", flush=True)
        return 0
    ends = time.monotonic() + 60 * (given.minutes or 0)
    first, found, done = given.first, 0, Counter()
    while True:
        for reader in readers:
            for line in hunt([reader.name], given.seed, first, given.count):
                print(line, flush=True)
                found += 1
            done[reader.name] += _share(reader, given.count)
            if given.minutes and time.monotonic() > ends:
                break
        first += given.count
        if not given.minutes or time.monotonic() > ends:
            break
    print(", ".join(f"{name}: {count:,}" for name, count in done.items()), f"and {found} findings")
    return 1 if found else 0


if __name__ == "__main__":
    os.chdir(REPOSITORY)
    raise SystemExit(main())
