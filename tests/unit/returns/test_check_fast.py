"""Two readers, one reading: by arrays and element by element, every file gives the same records, faults and refusals.

A record that only one of them has is one that is judged or not by how a file happens to be laid out. Resolve: the
smallest text that is shown; `read.Reader` is right, `block.read` has to find unusual what it does not read the same.
"""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.returns import sen2_files
from tests.unit.returns.sen2_mart import YEARS
from warehouse.returns.check import fast, shape
from warehouse.returns.check.fast import FastReader
from warehouse.returns.check.read import Reader, Unreadable

YEAR = 2026
BASES = ("issued", "standing", "ceased", "asked", "refused", "assessing", "not_issued")
CASES = [sen2_files.case(base) for base in BASES]
CHANGES = "copy request; add sen_need; add placement_detail; person.Surname = O'Brien & <Søn>; person.Forename = Zoë"
CASES.append(sen2_files.case("standing", CHANGES))
FILES = {year: sen2_files.xml(CASES, year) for year in YEARS}

# What is put in, between lines or anywhere: right, wrong, and made to confuse whoever cuts a file into people.
PARTS = [
    "<Nickname>x</Nickname>", "<AttendancePattern>FT</AttendancePattern>", "<UPN>A</UPN>", "<UPN/>", "<UPN />",
    "<Sex></Sex>", "<sex>F</sex>", "<x:Sex>F</x:Sex>", '<Sex a="1">F</Sex>', "<Sex >F</Sex>", "<Sex>F</Sex >",
    "<ReceivedDate>31/01/2025</ReceivedDate>", "<ReceivedDate>2025-02-31</ReceivedDate>", "<Surname><b/></Surname>",
    "<Assessment></Assessment>", "<Assessment/>", "<SENneed></SENneed>", "<NamedPlan></NamedPlan>",
    "<ActivePlans></ActivePlans>", "<Requests></Requests>", "<Person></Person>", "<Person/>", "<Person>", "</Person>",
    "<Requests>", "</Requests>", "</Persons>", "</Persons><Persons>", "</Persons><persons>", "<Header/>",
    "<!-- x -->", "<!-- </Person> -->", "<!--", "-->", "<![CDATA[ </Person> ]]>", "<![CDATA[", "]]>", "<?x y?>",
    "<?xml version='1.0'?>", "<!DOCTYPE m>", "&amp;", "&lt;Person&gt;", "&#233;", "&#xA0;", "&#13;", "&#0;", "&nbsp;",
    "&", "<", ">", "stray", " ", "\t", "\n\n", "\r", "\r\n", "\u00a0", "\u2003", "é", "\ufffe", "\x0b", "\x7f",
    "\x85", "和", "😀", " " * 300,
]  # fmt: skip
BYTES = [b"\xff", b"\xc3", b"\xa0", b"\xed\xa0\x80", b"\xc0\xbc", b"\x00"]
VALUES = [
    "",
    " F ",
    "\n  F\n",
    "a\r\nb",
    "a\rb",
    "a  b",
    "é",
    "\u00a0F",
    "F\u00a0",
    "x" * 13,
    "2025-1-1",
    "0000-01-01",
]
VALUES += [
    "9999-12-31",
    "2024-02-29",
    "2023-02-29",
    "20250101",
    "2025-01-01Z",
    "a&amp;b",
    "&lt;",
    "&#32;x",
    "x&#9;",
    "a>b",
]
ODD_DATES = [
    "2025-13-01",
    "2025-00-01",
    "2025-01-00",
    "2025-04-31",
    "2025/01-01",
    "2025-01/01",
    "2025-0:-01",
    "２025-01-01",
]

Edit = tuple[str, int, Any]
EDITS = st.one_of(
    st.tuples(st.just("line"), st.integers(0, 10_000), st.sampled_from(PARTS)),
    st.tuples(st.just("anywhere"), st.integers(0, 1_000_000), st.sampled_from(PARTS)),
    st.tuples(st.just("bytes"), st.integers(0, 1_000_000), st.sampled_from(BYTES)),
    st.tuples(st.just("value"), st.integers(0, 10_000), st.sampled_from(VALUES)),
    st.tuples(st.just("drop"), st.integers(0, 10_000), st.none()),
    st.tuples(st.just("twice"), st.integers(0, 10_000), st.none()),
    st.tuples(st.just("swap"), st.integers(0, 10_000), st.none()),
    st.tuples(st.just("cut"), st.integers(0, 1_000_000), st.none()),
)
LAYOUTS = {
    "a line each": lambda text: text,
    "indented": lambda text: text.replace("\n<", "\n      <"),
    "Windows": lambda text: text.replace("\n", "\r\n"),
    "old Mac": lambda text: text.replace("\n", "\r"),
    "one line": lambda text: text.replace("\n", ""),
    "declared": lambda text: '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n' + text,
    "with a namespace": lambda text: text.replace("<Message>", '<Message xmlns:xsi="x" xmlns="urn:x">'),
    "other root": lambda text: text.replace("<Message>", "<message>").replace("</Message>", "</message>"),
    "other holder": lambda text: text.replace("<Persons>", "<persons>").replace("</Persons>", "</persons>"),
    "byte order mark": lambda text: "\ufeff" + text,
}  # fmt: skip


def edited(text: str, edits: list[Edit]) -> bytes:
    for kind, place, part in edits:
        lines = text.split("\n")
        at = place % len(lines)
        if kind == "line":
            lines.insert(at, part)
        elif kind == "drop":
            del lines[at]
        elif kind == "twice":
            lines.insert(at, lines[at])
        elif kind == "swap":
            lines[at], lines[at - 1] = lines[at - 1], lines[at]
        elif kind == "value":
            lines[at] = re.sub(r">[^<]*<", lambda _: f">{part}<", lines[at])  # noqa: B023
        text = "\n".join(lines)
        if kind == "anywhere":
            at = place % (len(text) + 1)
            text = text[:at] + part + text[at:]
        elif kind == "cut":
            text = text[: place % (len(text) + 1)]
    found = text.encode("utf-8", "surrogatepass")
    for kind, place, part in edits:
        if kind == "bytes":
            at = place % (len(found) + 1)
            found = found[:at] + part + found[at:]
    return found


class Taken:
    """What a reader hands over: `slow` are rows, `quick` tables."""

    def __init__(self) -> None:
        self.slow: dict[str, list[dict[str, Any]]] = {}
        self.quick: dict[str, list[dict[str, Any]]] = {}

    def keep(self, table: str, rows: list[dict[str, Any]]) -> None:
        self.slow.setdefault(table, []).extend(dict(row) for row in rows)

    def take(self, table: str, rows: pa.Table) -> None:
        rows.validate(full=True)
        self.quick.setdefault(table, []).extend(rows.to_pylist())

    def rows(self) -> dict[str, list[list[tuple[str, Any]]]]:
        found: dict[str, list[list[tuple[str, Any]]]] = {}
        for part in (self.slow, self.quick):
            for table, rows in part.items():
                known = ([(name, value) for name, value in row.items() if value is not None] for row in rows)
                found.setdefault(table, []).extend(sorted(row) for row in known)
        return {table: sorted(rows, key=repr) for table, rows in found.items()}


def outcome(reader: Reader, taken: Taken, file: Path) -> Any:
    """All that can be told of a reading."""
    try:
        reader.read(file)
    except Unreadable as error:
        return str(error)
    return reader.people, reader.has_header, reader.faults, reader.counts, taken.rows()


def both(file: Path, text: bytes, year: int, size: int, small: int) -> tuple[Any, Any, Taken]:
    file.write_bytes(text)
    message, slow, quick = shape.message(year), Taken(), Taken()
    tolerant = outcome(Reader(message, slow.keep), slow, file)
    return tolerant, outcome(FastReader(message, quick.keep, quick.take, size, small), quick, file), quick


@pytest.mark.parametrize("year", YEARS)
def test_both_readers_tell_the_same_of_every_file(year: int, tmp_path: Path) -> None:
    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        layout=st.sampled_from(sorted(LAYOUTS)),
        edits=st.lists(EDITS, max_size=4),
        size=st.sampled_from([64, 2_000, 5_000, 1 << 20]),
        small=st.sampled_from([1, 2_000, 1 << 20]),
    )
    def holds(layout: str, edits: list[Edit], size: int, small: int) -> None:
        tolerant, quick, _ = both(tmp_path / "r.xml", edited(LAYOUTS[layout](FILES[year]), edits), year, size, small)
        assert quick == tolerant

    holds()


# Where each part is put in turn, of the second of three people.
PLACES = ["<Person>", "Hill", "</Sex>", "<PlanDetail>", "</Person>"]


@pytest.mark.parametrize("place", PLACES)
def test_each_part_in_each_place_is_read_alike(place: str, tmp_path: Path) -> None:
    text = sen2_files.xml([sen2_files.case("standing")] * 3, YEAR)
    second = text.index(place, text.index("</Person>") + 9)
    for part in [*PARTS, *BYTES]:
        for at in (second, second + len(place)):
            put = part if isinstance(part, bytes) else part.encode("utf-8", "surrogatepass")
            whole = text[:at].encode() + put + text[at:].encode()
            tolerant, quick, _ = both(tmp_path / "r.xml", whole, YEAR, 2_000, 1)
            assert quick == tolerant, part


@pytest.mark.parametrize("item", ["Surname", "PersonBirthDate", "Sex", "StartDate", "URN"])
def test_each_value_of_an_item_is_read_alike(item: str, tmp_path: Path) -> None:
    text = sen2_files.xml([sen2_files.case("standing")] * 3, YEAR)
    start = text.index(f"<{item}>", text.index("</Person>")) + len(item) + 2
    end = text.index("<", start)
    for value in [*VALUES, *ODD_DATES]:
        whole = f"{text[:start]}{value}{text[end:]}".encode()
        tolerant, quick, _ = both(tmp_path / "r.xml", whole, YEAR, 1 << 20, 1)
        assert quick == tolerant, value


SOUND = {
    name: LAYOUTS[name] for name in ("a line each", "indented", "Windows", "one line", "declared", "byte order mark")
}
SOUND |= {
    "empty items": lambda text: text.replace("<Assessment>", "<Exported />\n<Assessment>"),
    "empty item": lambda text: text.replace("</UPN>\n<Requests>", "</UPN>\n<UPNunknown/>\n<Requests>"),
    "blanks around": lambda text: text.replace("<UPN>", "<UPN> \n\t").replace("</UPN>", "\n </UPN>"),
    "references": lambda text: text.replace("Hill", "H&#233;l&#xea;ne &quot;&apos;&gt;"),
    "other writing": lambda text: text.replace("Hill", "Ŵyn和😀ễ"),
    "long": lambda text: text.replace("Hill", "Hill" * 1_000),
}  # fmt: skip


@pytest.mark.parametrize("layout", SOUND)
@pytest.mark.parametrize("year", YEARS)
def test_a_sound_file_is_read_by_arrays_alone(year: int, layout: str, tmp_path: Path) -> None:
    text = SOUND[layout](FILES[year]).encode("utf-8")
    tolerant, quick, taken = both(tmp_path / "r.xml", text, year, 1 << 20, 1)
    assert quick == tolerant
    assert tolerant[0] == len(CASES)
    assert set(taken.slow) == {"sen2__header"}


def test_one_fault_leaves_the_other_people_to_the_arrays(tmp_path: Path) -> None:
    text = sen2_files.xml(CASES * 10, YEAR).replace("<Sex>", "<Nickname/>\n<Sex>", 1).encode("utf-8")
    tolerant, quick, taken = both(tmp_path / "r.xml", text, YEAR, 1 << 20, 1)
    assert quick == tolerant
    assert quick[3] == {("unknown_element", "Nickname"): 1}
    assert len(taken.slow["sen2__person"]) == 1
    assert len(taken.quick["sen2__person"]) == 79


@pytest.mark.parametrize(("module", "most"), [("PlanDetail", 2), ("SENneed", 2)])
def test_one_record_too_many_is_told(module: str, most: int, tmp_path: Path) -> None:
    text = sen2_files.xml([sen2_files.case("standing")] * 3, YEAR)
    start = text.index(f"<{module}>", text.index("</Person>"))
    end = text.index(f"</{module}>\n", start) + len(module) + 4
    text = text[:start] + text[start:end] * (most + 1) + text[end:]
    tolerant, quick, _ = both(tmp_path / "r.xml", text.encode("utf-8"), YEAR, 1 << 20, 1)
    assert quick == tolerant
    assert quick[3] == {("too_many", module): 1}


def test_an_encoding_that_is_not_utf8_is_left_to_the_tolerant_reader(tmp_path: Path) -> None:
    for name, encoding in (("windows-1252", "cp1252"), ("us-ascii", "utf-8"), ("utf-16", "utf-16"), ("utf-8", "utf-8")):
        text = f'<?xml version="1.0" encoding="{name}"?>\n{FILES[YEAR].replace("Hill", "Zoë")}'
        text = text.encode(encoding, "replace")
        tolerant, quick, taken = both(tmp_path / "r.xml", text, YEAR, 2_000, 1)
        assert quick == tolerant, name
        assert bool(taken.quick) == (name == "utf-8"), name


def test_a_name_that_looks_like_one_of_ours_is_none(tmp_path: Path) -> None:
    """Names go by a mix of their bytes; what falls into the place of another must still be told apart from it."""
    rows = fast.grammar.of(shape.message(YEAR))
    ours = int(rows.slots(words(b"UPNunknown/", rows.longest))[0])
    name = next(
        name
        for name in (f"Y{number}" for number in range(1_000_000))
        if int(rows.slots(words(f"{name}/".encode(), rows.longest))[0]) == ours
    )
    text = sen2_files.xml([sen2_files.case("standing")] * 3, YEAR).replace("</UPN>", f"</UPN>\n<{name}/>")
    tolerant, quick, _ = both(tmp_path / "r.xml", text.encode("utf-8"), YEAR, 1 << 20, 1)
    assert quick == tolerant
    assert quick[3] == {("unknown_element", name): 3}


def words(name: bytes, longest: int) -> list[Any]:
    return list(np.frombuffer(name.ljust(longest, b"\0"), "<u8")[:, None])


@pytest.mark.parametrize("part", ["<Nickname/>", "<!-- -->", "<UPN>A</UPN>", "stray", '<Sex a="1">F</Sex>'])
def test_a_file_that_is_wrong_everywhere_is_not_read_again_and_again(
    part: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A block is tried once, and its halves down to SMALL: each byte as often as halving asks, once by elements."""
    text = sen2_files.xml(CASES, YEAR)
    start, end = text.index("<Person>"), text.rindex("</Person>\n") + len("</Person>\n")
    people = text[start:end].replace("<Ethnicity>", f"{part}\n<Ethnicity>") * 150
    file = tmp_path / "r.xml"
    size = file.write_bytes((text[:start] + people + text[end:]).encode("utf-8"))
    tried, by_elements = [], []
    by_arrays, tolerantly = fast.block.read, FastReader._tolerantly
    monkeypatch.setattr(fast.block, "read", lambda *all: tried.append(len(all[1])) or by_arrays(*all))
    monkeypatch.setattr(
        FastReader, "_tolerantly", lambda reader, text: by_elements.append(len(text)) or tolerantly(reader, text)
    )
    FastReader(shape.message(YEAR), Taken().keep, Taken().take).read(file)
    halvings = math.ceil(math.log2(size / fast.SMALL)) + 1
    assert halvings > 3, "the file is too small to be halved"
    assert size * 0.9 < sum(tried) <= halvings * size
    assert sum(by_elements) <= size


def test_endless_text_is_refused_alike(tmp_path: Path) -> None:
    text = FILES[YEAR].replace("<Forename>", "<Forename>" + "x" * 70_000, 2).encode("utf-8")
    for size in (10_000, 1 << 20):
        tolerant, quick, _ = both(tmp_path / "r.xml", text, YEAR, size, 1)
        assert quick == tolerant
        assert "characters" in quick


def test_an_item_closed_by_another_name_is_refused_alike(tmp_path: Path) -> None:
    text = FILES[YEAR].replace("</UPN>\n<Requests>", "</UPNunknown>\n<Requests>", 1).encode("utf-8")
    tolerant, quick, _ = both(tmp_path / "r.xml", text, YEAR, 1 << 20, 1)
    assert quick == tolerant
    assert "another name" in quick


def test_what_was_read_is_handed_over_as_it_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fast, "HELD", 1)
    tables: list[str] = []
    file = sen2_files.write(tmp_path / "r.xml", sen2_files.xml(CASES * 3, YEAR))
    FastReader(shape.message(YEAR), lambda table, rows: None, lambda table, rows: tables.append(table), 8_000).read(
        file
    )
    assert tables.count("sen2__person") > 3


def test_a_year_that_arrays_cannot_follow_is_read_all_the_same(tmp_path: Path) -> None:
    message = shape.message(YEAR)
    message.shapes["person"].most = 1_000
    taken, file = Taken(), sen2_files.write(tmp_path / "r.xml", FILES[YEAR])
    FastReader(message, taken.keep, taken.take).read(file)
    assert len(taken.slow["sen2__person"]) == len(CASES)
    assert not taken.quick
