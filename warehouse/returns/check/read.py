"""A SEN2 file into record tables, tolerantly and in one pass; what had to be tolerated is told, with its line.

Nothing here knows a field: what may stand where comes from the rows of the return. Memory is that of one batch, and a
file that is made to harm (entities, bottomless nesting, endless text) is refused where the harm begins. The parser is
expat, which asks neither network nor disk for anything; a document type is refused before it can declare an entity.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from xml.parsers import expat

from warehouse.returns import layout
from warehouse.returns.check import shape
from warehouse.returns.check.shape import Message, Place, Shape

CHUNK = 1 << 18
BATCH = 50_000
# Far beyond anything a return holds; what passes them is a mistake or an attack.
DEEPEST = 64
LONGEST_TEXT = 1 << 16
LONGEST_TAG = 1 << 21
BATCH_TEXT = 1 << 25
# How far into a file its year is looked for, and in what steps.
_PEEKED = 1 << 20
_SIP = 1 << 14
_YEAR = re.compile(r"\s*([0-9]{4})")
# Places that are kept for each kind of fault and element; the rest is counted.
PLACES = 1_000
# Names of elements and attributes; a return has about eighty. The parser keeps each that it meets.
MOST_NAMES = 10_000

WORDS = {
    "unknown_element": "an element that no year of the return has",
    "other_year": "an element of another year's return",
    "misplaced": "an element in the wrong place",
    "order": "an element out of order",
    "repeated": "an element that may stand here once stands here again; the first was read",
    "too_many": "more of this element than the return allows",
    "letter_case": "an element written with other capitals than the return has",
    "namespace": "a namespace, which the return does not have",
    "attribute": "an attribute, which the return does not have",
    "stray_text": "text where only elements belong",
    "not_a_date": "a date that is none; it was left out",
    "date_form": "a date that is not written as year-month-day; it was read",
    "missing": "a part that every return has is missing",
    "same_id": "a record with the id of another; what belongs to that id was read as the first one's",
    "no_parent": "a record that belongs to no other; it was left out",
}
AGAIN = "ask for it or make it again"
_UNREADABLE = {
    2: "this is not XML",
    3: f"the file ends before its outermost element does: it is empty or was cut off; {AGAIN}",
    4: "a character that XML does not allow, or a < or & that is not written as &lt; or &amp;",
    5: f"the file ends within an element: it was cut off; {AGAIN}",
    6: f"the file ends within a character: it was cut off; {AGAIN}",
    7: f"an element is closed by another name than it was opened with; {AGAIN}",
    8: "an attribute stands twice in one element; the return has no attributes, so take both out",
    9: "something follows the end of the outermost element; take it out",
    11: "a name between & and ; that XML does not know, such as &nbsp;; write the character itself",
    14: "a number between &# and ; that is no character of XML; write the character itself",
    17: "the line <?xml ...?> does not stand at the very beginning; take out what is before it",
    18: "the file names an encoding that does not exist; save it as UTF-8",
    19: "the file is not in the encoding that its first line names; save it as UTF-8",
    20: f"the file ends within a section that begins with <![CDATA[: it was cut off; {AGAIN}",
    30: 'the first line should be <?xml version="1.0" encoding="utf-8"?>',
}


class Unreadable(ValueError):
    """The file cannot be read as a return; the message says why, where and what to do. It holds no value."""


@dataclass(frozen=True)
class Fault:
    """One place where the file is not as the return should be. `kind` is a key of WORDS; never a value.

    `file` is the CSV file or the sheet, '' for XML; `line` counts in it.
    """

    kind: str
    element: str
    module: str
    path: str
    person: int | None
    line: int
    file: str = ""


class _Frame:
    """An open module. `owner` is the frame whose record has the id that this one goes by."""

    __slots__ = ("counts", "key", "last", "owner", "row", "seen", "shape", "tag")

    def __init__(self, its: Shape, tag: str, key: tuple[str, ...], owner: _Frame | None, row: dict[str, Any] | None):
        self.shape = its
        self.tag = tag
        self.key = key
        self.owner = owner or self
        self.row = row
        self.last = -1
        self.seen: set[str] = set()
        self.counts: Counter[str] = Counter()


class Reader:
    """Reads one file. `keep(table, rows)` takes each batch of rows, a dictionary of values by column for each.

    As it goes, `done` is how many bytes were read. Afterwards: `people` read, `faults` (some places of each kind) and
    `counts` of faults by (kind, element).
    """

    def __init__(self, message: Message, keep: Callable[[str, list[dict[str, Any]]], None]):
        self.people = 0
        self.done = 0
        self.has_header = True
        self.faults: list[Fault] = []
        self.counts: Counter[tuple[str, str]] = Counter()
        self.message = message
        self._keep = keep
        self._rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self._single: dict[str, dict[str, Any]] = {}
        self._stack: list[_Frame] = []
        self._frame: _Frame | None = None
        self._item: Place | None = None
        self._text = ""
        self._length = 0
        self._is_stray = False
        self._depth = 0
        self._skip = 0
        self._held = 0
        self._weight = 0
        self._parser: Any = None
        self._fed = 0
        self._lines = 0
        self._end_of_chunk = b""

    def read(self, file: Path) -> None:
        """Read the whole file. Raises Unreadable."""
        self._begin()
        with file.open("rb") as handle:
            while chunk := handle.read(CHUNK):
                self._feed(chunk)
        self._finish()

    def _begin(self, before: bytes = b"") -> None:
        """A new parser, and what it is to take for read: the tags that are open where it begins."""
        self._parser = parser = _parser()
        parser.Parse(before)
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        self._fed = len(before)

    def _feed(self, chunk: bytes) -> None:
        parser = self._parser
        _parse(parser, chunk, self._fed, self._end_of_chunk, lines=self._lines)
        self._end_of_chunk = chunk[-3:]
        self._fed += len(chunk)
        self.done += len(chunk)
        if self._fed - max(parser.CurrentByteIndex, 0) > LONGEST_TAG:
            raise Unreadable(
                f"line {self._line}: a tag, comment or instruction of more than {LONGEST_TAG:,} bytes; "
                "no return has one"
            )
        _not_too_many_names(len(self.counts), self._line)

    def _finish(self) -> None:
        _parse(self._parser, b"", self._fed, self._end_of_chunk, is_last=True, lines=self._lines)
        for table, row in self._single.items():
            self._rows[table].append(row)
        self._flush()

    @property
    def _line(self) -> int:
        """The line of the file, where the parser began at another line than the first."""
        return self._lines + self._parser.CurrentLineNumber

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        self._length = 0
        if self._is_stray:
            self._stray()
        if self._depth > DEEPEST:
            _not_too_deep(self._depth, self._line)
        if self._skip:
            self._skip += 1
            return
        if attributes:
            self._attributes(tag, attributes)
        if self._item is not None:
            self._fault("misplaced", tag)
            self._skip = 1
            return
        frame = self._frame
        if frame is None:
            self._outermost(tag)
            return
        place = frame.shape.parts.get(tag)
        if place is None:
            place = self._tolerated(tag)
            if place is None:
                self._skip = 1
                return
        elif place.order < frame.last:
            self._fault("order", tag)
        else:
            frame.last = place.order
        if place.module is None:
            self._item = place
            self._text = ""
        else:
            self._open(place.module, tag)

    def _end(self, tag: str) -> None:
        self._depth -= 1
        self._length = 0
        if self._is_stray:
            self._stray()
        if self._skip:
            self._skip -= 1
            return
        item = self._item
        if item is not None:
            self._item = None
            text = self._text.strip()
            if text:
                self._value(item, text)
            return
        self._close()

    def _characters(self, data: str) -> None:
        self._length += len(data)
        if self._length > LONGEST_TEXT:
            raise Unreadable(
                f"line {self._line}: a text of more than {LONGEST_TEXT:,} characters; no item of a return is so long"
            )
        if self._item is not None:
            if not self._skip:
                self._text += data
        elif not self._skip and data.strip():
            self._is_stray = True

    def _stray(self) -> None:
        """One fault for the text before a tag, in however many parts the parser gave it."""
        self._is_stray = False
        self._fault("stray_text", self._frame.shape.tag if self._frame else "")

    def _outermost(self, tag: str) -> None:
        root = self.message.root
        _outermost(tag, root.tag)
        self._frame = _Frame(root, tag, (), None, None)
        self._stack.append(self._frame)
        if tag != root.tag:
            self._fault("letter_case" if ":" not in tag else "namespace", tag)

    def _open(self, its: Shape, tag: str) -> None:
        above = self._frame
        owner = above.owner
        counts = owner.counts if its.key else above.counts
        number = counts[its.name] = counts[its.name] + 1
        above.seen.add(its.tag)
        if number > 1 and not its.own_id and its.key:
            self._fault("repeated", its.tag)
            self._skip = 1
            return
        if its.most is not None and number == its.most + 1:
            self._fault("too_many", its.tag)
        if its.own_id:
            if its.above:
                key = (*above.key, f"{above.key[-1]}.{number:06d}")
            else:
                self.people = number = self.people + 1
                key = (f"{number:08d}",)
        else:
            key = above.key
        row = None
        if its.table and its.key:
            row = dict(zip(its.key, key, strict=True))
            row["source_row"] = self._line
        elif its.table:
            row = self._single.setdefault(its.table, {})
        self._frame = _Frame(its, tag, key, None if its.own_id else owner if its.key else None, row)
        self._stack.append(self._frame)

    def _close(self) -> None:
        frame = self._stack[-1]
        for tag in frame.shape.required:
            if tag not in frame.seen:
                self._fault("missing", tag)
        self._stack.pop()
        self._frame = self._stack[-1] if self._stack else None
        if frame.row is not None and frame.shape.key:
            self._rows[frame.shape.table].append(frame.row)
            self._held += 1
            if self._held >= BATCH or self._weight >= BATCH_TEXT:
                self._flush()

    def _value(self, item: Place, text: str) -> None:
        row = self._frame.row
        if item.element in row:
            self._fault("repeated", item.tag)
            return
        if item.is_date:
            value, kind = read_date(text)
            if kind:
                self._fault(kind, item.tag)
            row[item.element] = value
        else:
            self._weight += len(text)
            row[item.element] = text

    def _tolerated(self, tag: str) -> Place | None:
        """What an element that does not stand where its name says may be taken for; None where it is passed over."""
        name = _local(tag)
        lower = name.lower()
        parts = self._frame.shape.parts
        if name != tag:
            self._fault("namespace", tag)
            if name in parts:
                return parts[name]
        for known, place in parts.items():
            if known.lower() == lower:
                self._fault("letter_case", tag)
                return place
        its = self.message.modules.get(lower)
        if its is not None:
            self._fault("misplaced", tag)
            # A record that stands elsewhere is read all the same where it is clear whose it is.
            return Place(its.tag, -1, module=its) if its.key and its.above == self._frame.shape.key else None
        if lower in self.message.items:
            self._fault("misplaced", tag)
        else:
            self._fault("other_year" if lower in self.message.other_years else "unknown_element", tag)
        return None

    def _attributes(self, tag: str, attributes: dict[str, str]) -> None:
        for name in attributes:
            if name == "xmlns" and self._frame is None:
                self._fault("namespace", tag)
            elif not name.startswith(("xmlns:", "xsi:", "xml:")):
                self._fault("attribute", tag)

    def _fault(self, kind: str, tag: str) -> None:
        tag = _printable(tag)
        self.counts[kind, tag] += 1
        if self.counts[kind, tag] > PLACES or len(self.faults) >= MOST_NAMES:
            return
        path, person = "", None
        for frame in self._stack:
            its = frame.shape
            number = int(frame.key[-1].rpartition(".")[2]) if its.own_id else None
            path += f"/{its.tag}[{number}]" if number else f"/{its.tag}"
            if its.own_id and not its.above:
                person = number
        module = self._stack[-1].shape.name if self._stack else self.message.root.name
        if kind != "stray_text":
            path += f"/{tag}"
        self.faults.append(Fault(kind, tag, module, path, person, self._line))

    def _flush(self) -> None:
        for table, rows in self._rows.items():
            if rows:
                self._keep(table, rows)
        self._rows.clear()
        self._held = self._weight = 0


def year_of(file: Path) -> int | None:
    """The collection year that the header names, or None. Raises Unreadable for a file that is no XML."""
    found: dict[str, str] = {}
    tags: list[str] = []

    def start(tag: str, _attributes: dict[str, str]) -> None:
        if not tags:
            _outermost(tag, layout.root_tag())
        tags.append(_local(tag).lower())
        _not_too_deep(len(tags), parser.CurrentLineNumber)

    def end(tag: str) -> None:
        tags.pop()

    def characters(data: str) -> None:
        if tags and tags[-1] in ("year", "referencedate"):
            found[tags[-1]] = (found.get(tags[-1], "") + data)[:20]

    parser = _parser()
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, characters
    with file.open("rb") as handle:
        head = handle.read(_PEEKED)
    _look(head)
    for at in range(0, len(head), _SIP):
        _parse(parser, head[at : at + _SIP], at, head[max(at - 3, 0) : at])
        if tags[-1:] != ["year"] and _YEAR.match(found.get("year", "")):
            break  # it is in the first lines of a file that is as it should be
    for name in ("year", "referencedate"):
        year = _YEAR.match(found.get(name, ""))
        if year:
            return int(year[1])
    return None


def read_date(text: str) -> tuple[date | None, str]:
    """A date and the kind of its fault, '' for none: year-month-day as it should be, with a time, or day/month/year."""
    try:
        if len(text) == 10 and text[4] == text[7] == "-":
            return date.fromisoformat(text), ""
        if found := re.fullmatch(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ][0-9:.]+)?(?:Z|[+-][0-9]{2}:[0-9]{2})?", text):
            return date.fromisoformat(found[1]), "date_form"
        if found := re.fullmatch(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})", text):
            day, month, year = map(int, found.groups())
            return date(year, month, day), "date_form"
    except ValueError:
        pass  # said by what is returned
    return None, "not_a_date"


def message_for(year: int | None, named: int | None) -> Message:
    """The shape by which to read a file: of the year asked for, else of the one its header names. Raises Unreadable."""
    if year is None and named is None:
        raise Unreadable("the header does not say which year's return this is; say it with --year")
    try:
        return shape.message(year or named)
    except layout.YearNotKnown as error:
        raise Unreadable(f"{error} To read it by the rules of another year, give --year.") from None


def _parser() -> Any:
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.buffer_size = LONGEST_TEXT

    def refuse(*_declared: Any) -> None:
        raise Unreadable(
            f"line {parser.CurrentLineNumber}: the file declares a document type, by which entities are made; "
            "no return needs one, so it was not read further. Ask for the file without <!DOCTYPE"
        )

    parser.StartDoctypeDeclHandler = refuse
    return parser


def _parse(parser: Any, chunk: bytes, fed: int, before: bytes = b"", is_last: bool = False, lines: int = 0) -> None:
    """Feed the parser, after so many bytes of which the last are `before`; `lines` is what to add to its lines."""
    try:
        parser.Parse(chunk, is_last)
    except expat.ExpatError as error:
        text = (before + chunk)[max(parser.ErrorByteIndex - fed + len(before), 0) :]
        raise _unreadable(error, lines, text) from None
    except (LookupError, ValueError) as error:
        if isinstance(error, Unreadable) or "encoding" not in str(error):
            raise
        raise Unreadable("the file names an encoding that cannot be read here; save it as UTF-8") from None
    _not_too_many_names(len(parser.intern), lines + parser.CurrentLineNumber)


def _not_too_deep(depth: int, line: int) -> None:
    if depth > DEEPEST:
        raise Unreadable(f"line {line}: elements are nested more than {DEEPEST} deep; no return is")


def _not_too_many_names(names: int, line: int) -> None:
    if names > MOST_NAMES:
        raise Unreadable(
            f"line {line}: the file has more than {MOST_NAMES:,} names of elements and attributes; "
            "a return has about eighty"
        )


def _outermost(tag: str, root: str) -> None:
    if _local(tag).lower() != root.lower():
        raise Unreadable(f"the outermost element is {_printable(tag)}; a SEN2 return begins with {root}")


def _look(head: bytes) -> None:
    """Files of other kinds are named for what they are."""
    if not head.strip():
        raise Unreadable(f"the file is empty; {AGAIN}")
    kinds = (
        (b"PK\x03\x04", "a ZIP file or an Excel workbook"),
        (b"%PDF", "a PDF"),
        (b"\xd0\xcf\x11\xe0", "an old Excel file"),
        (b"\x1f\x8b", "a file packed by gzip"),
    )
    for start, kind in kinds:
        if head.startswith(start):
            raise Unreadable(f"this is {kind}, not XML; give the XML itself, or a workbook as .xlsx")


def _unreadable(error: expat.ExpatError, lines: int, text: bytes) -> Unreadable:
    """What to say of an error of the parser; `text` begins with what it could not read."""
    at = f"line {lines + error.lineno}"
    if error.code == expat.errors.codes[expat.errors.XML_ERROR_INVALID_TOKEN] and not _begins_in_utf8(text):
        return Unreadable(f"{at}: the file is not in the encoding that it names (UTF-8, if none); save it as UTF-8")
    said = _UNREADABLE.get(error.code, expat.ErrorString(error.code))
    return Unreadable(f"{at}: {said}")


def _begins_in_utf8(text: bytes) -> bool:
    """Whether the first bytes are a character of UTF-8, or may be the beginning of one."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(text[:4])
    except UnicodeDecodeError as error:
        return error.start > 0
    return True


def _local(tag: str) -> str:
    return tag.rpartition(":")[2]


def _printable(tag: str) -> str:
    """A name as it may stand on a terminal."""
    return "".join(character if character.isprintable() else "?" for character in tag[:60])
