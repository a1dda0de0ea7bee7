"""Whole people of a return, as bytes, into Arrow tables: every tag, place and value held against the year at once.

Nothing is tolerated here: what is not exactly as it should be raises Unusual, and `read.Reader` has to look at it.
Positions, lengths and tokens are arrays with one number per tag or per value; no value becomes a Python object.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from warehouse.returns.check import columns
from warehouse.returns.check.grammar import MASKS, WORD, Grammar, Records
from warehouse.returns.check.read import LONGEST_TEXT

# Longer white space between tags or around a value is for the tolerant reader.
_BLANKS = 256
# Arrow and DuckDB keep a text of so many bytes in the column itself.
_INLINE = 12
_MOST_PEOPLE, _MOST_RECORDS = 99_999_999, 999_999
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_REFERENCE = re.compile(r"&(?:(amp|lt|gt|quot|apos)|#([0-9]{1,7})|#x([0-9a-fA-F]{1,6}));|&")
_HIGH, _LOW, _TO_HIGH = (np.uint64(int.from_bytes(bytes([byte]) * WORD, "big")) for byte in (0x80, 0x7F, 0x5F))
_LESS, _MORE, _NEWLINE, _RETURN, _AMPERSAND, _SPACE, _DASH, _ZERO = b"<>\n\r& -0"


class Unusual(Exception):
    """Something in the block is not as it should be, or not what is read here; the tolerant reader says what."""


@dataclass(frozen=True)
class Block:
    """What a block holds: its people, its line ends, and the records by table."""

    people: int
    lines: int
    tables: dict[str, pa.RecordBatch]


@dataclass
class _Text:
    """The bytes of a block with room behind them, each alone and as the word of eight that begins there."""

    whole: bytes

    def __post_init__(self) -> None:
        self.data = np.frombuffer(self.whole, np.uint8)
        self.words = np.ndarray((len(self.whole) - WORD + 1,), "<u8", self.whole, strides=(1,))


@dataclass
class _Values:
    """Values that are not empty, in the order of the file: where they are, and the tag and state they stand before."""

    tag: Any
    state: Any
    start: Any
    size: Any


def read(grammar: Grammar, piece: bytes, people: int, lines: int) -> Block:
    """Read whole people, after so many people and lines. Raises Unusual."""
    text = _Text(piece + bytes(grammar.longest + 2 * WORD))
    data = text.data[: len(piece)]
    newlines = _characters(piece, data)
    opened, closed = np.flatnonzero(data == _LESS), np.flatnonzero(data == _MORE)
    token = _tokens(grammar, text, opened, closed)
    modules = np.flatnonzero(grammar.is_module[token])
    state = _states(grammar, token, modules)
    # What is before each tag is either a value or nothing.
    before = np.concatenate([[grammar.start], state[:-1]])
    starts = np.concatenate([[0], closed[:-1] + 1])
    is_value = grammar.is_value[before]
    _only_blanks(text, starts[~is_value], (opened - starts)[~is_value])
    tags = np.flatnonzero(is_value)
    values, text = _values(piece, text, _Values(tags, before[tags], starts[tags], (opened - starts)[tags]))
    rows = _Rows(grammar, token, modules, people)
    tables = _tables(grammar, text, values, rows, opened, newlines, lines)
    return Block(len(rows.opened[0]), len(newlines), tables)


def _characters(piece: bytes, data: Any) -> Any:
    """Where the lines end, in text that is UTF-8 and holds nothing that XML does not."""
    newlines = np.flatnonzero(data == _NEWLINE)
    returns, tabs = (piece.count(byte) if byte in piece else 0 for byte in (b"\r", b"\t"))
    if np.count_nonzero(data < _SPACE) != len(newlines) + returns + tabs:
        raise Unusual
    if returns and piece.count(b"\r\n") != returns:
        raise Unusual
    if b"]" in piece and b"]]>" in piece:  # one byte is found many times faster than three
        raise Unusual
    if not piece.isascii():
        try:
            piece.decode("utf-8")
        except UnicodeDecodeError:
            raise Unusual from None
        if b"\xef" in piece and (b"\xef\xbf\xbe" in piece or b"\xef\xbf\xbf" in piece):  # code points that are none
            raise Unusual
    return newlines


def _tokens(grammar: Grammar, text: _Text, opened: Any, closed: Any) -> Any:
    """What stands between each < and its >, all of which the year's records have."""
    if len(opened) != len(closed):
        raise Unusual
    sizes = closed - opened - 1
    if sizes.min() <= 0 or sizes.max() > grammar.longest or (closed[:-1] > opened[1:]).any():
        raise Unusual
    words = [text.words[opened + (1 + number * WORD)] & grammar.masks[number][sizes] for number in range(grammar.words)]
    token = grammar.token_of[grammar.slots(words)]
    if any((written[token] != word).any() for written, word in zip(grammar.written, words, strict=True)):
        raise Unusual
    return token


def _states(grammar: Grammar, token: Any, modules: Any) -> Any:
    """Each tag in the module where it stands, all of which may follow the one before."""
    if not len(modules) or modules[0]:
        raise Unusual
    inside = np.repeat(grammar.inside[token[modules]], np.diff(modules, append=len(token)))
    state = grammar.state[inside.astype(np.intp) * grammar.tokens + token]
    pairs = np.empty(len(state), np.intp)
    pairs[0] = grammar.start
    pairs[1:] = state[:-1]
    pairs *= grammar.states
    pairs += state
    if state[-1] != grammar.start or not grammar.allowed[pairs].all():
        raise Unusual
    return state


def _only_blanks(text: _Text, start: Any, size: Any) -> None:
    """No byte above a space; those below were looked at."""
    longest = size.max()
    if longest > _BLANKS:
        raise Unusual
    for offset in range(0, longest, WORD):
        if offset:
            longer = size > offset
            start, size = start[longer], size[longer]
        word = text.words[start + offset] & MASKS[np.minimum(size - offset, WORD)]
        if ((((word & _LOW) + _TO_HIGH) | word) & _HIGH).any():
            raise Unusual


def _values(piece: bytes, text: _Text, found: _Values) -> tuple[_Values, _Text]:
    """The values without blanks at their ends and with references resolved, which may stand in a text of their own."""
    start, size = _stripped(text, found.start, found.size)
    full = np.flatnonzero(size)
    values = _Values(found.tag[full], found.state[full], start[full], size[full])
    if len(full) and values.size.max() > LONGEST_TEXT:
        raise Unusual
    if not piece.isascii():
        last = text.data[values.start + values.size - 1]
        for number in np.flatnonzero((text.data[values.start] > 127) | (last > 127)):
            value = _value(piece, values, number)
            if value != value.strip():
                raise Unusual
    if b"\r" in piece and len(_holding(text, values, _RETURN)):
        raise Unusual
    return _resolved(piece, text, values) if b"&" in piece else (values, text)


def _stripped(text: _Text, start: Any, size: Any) -> tuple[Any, Any]:
    for end in (0, 1):
        left = np.arange(len(start))
        for _ in range(_BLANKS):
            at = start[left] + (size[left] - 1 if end else 0)
            left = left[(size[left] > 0) & (text.data[at] <= _SPACE)]
            if not len(left):
                break
            size[left] -= 1
            start[left] += 1 - end
        else:
            raise Unusual
    return start, size


def _resolved(piece: bytes, text: _Text, values: _Values) -> tuple[_Values, _Text]:
    """Values with references stand behind the block, as what they mean."""
    more, at = [], len(text.whole)
    for number in _holding(text, values, _AMPERSAND):
        meant = _REFERENCE.sub(_meant, _value(piece, values, number)).strip().encode("utf-8")
        values.start[number], values.size[number] = at, len(meant)
        more.append(meant)
        at += len(meant)
    full = np.flatnonzero(values.size)
    values = _Values(values.tag[full], values.state[full], values.start[full], values.size[full])
    return values, _Text(b"".join([text.whole, *more, bytes(2 * WORD)]))


def _meant(reference: re.Match[str]) -> str:
    if reference[1]:
        return _NAMED[reference[1]]
    code = int(reference[2]) if reference[2] else int(reference[3], 16) if reference[3] else 0
    if code in (9, 10, 13) or 0x20 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or 0x10000 <= code < 0x110000:
        return chr(code)
    raise Unusual


def _value(piece: bytes, values: _Values, number: int) -> str:
    return piece[values.start[number] : values.start[number] + values.size[number]].decode("utf-8")


def _holding(text: _Text, values: _Values, byte: int) -> Any:
    """The values that hold a byte."""
    at = np.flatnonzero(text.data == byte)
    holder = np.searchsorted(values.start, at, side="right") - 1
    return np.unique(holder[(holder >= 0) & (at < (values.start + values.size)[holder])])


class _Rows:
    """The records of a block by module: the tags that open them, and their ids, with those of the records above."""

    def __init__(self, grammar: Grammar, token: Any, modules: Any, people: int):
        kinds = token[modules]
        places = [np.flatnonzero(kinds == records.token) for records in grammar.records]
        self.opened = [modules[place] for place in places]
        # By module: its own ids as bytes, and the row of each record's id by the module that has it.
        self._ids: list[Any] = []
        self._above: list[dict[int, Any]] = []
        for here, (records, place) in enumerate(zip(grammar.records, places, strict=True), 1):
            above, ids = {}, None
            if records.owner:
                holders = places[records.owner - 1]
                row = np.searchsorted(holders, place) - 1
                above = {module: rows[row] for module, rows in self._above[records.owner - 1].items()}
            if records.shape.own_id:
                above[here] = np.arange(len(place))
                if records.owner:
                    first = np.searchsorted(row, np.arange(len(holders)))
                    number = above[here] - first[row] + 1
                    _at_most(number, min(records.shape.most or _MOST_RECORDS, _MOST_RECORDS))
                    ids = _joined(self._ids[records.owner - 1][row], _digits(number, 6))
                else:
                    number = above[here] + people + 1
                    _at_most(number, _MOST_PEOPLE)
                    ids = _digits(number, 8)
            self._ids.append(ids)
            self._above.append(above)

    def key(self, here: int, records: Records) -> list[pa.Array]:
        """The key columns of a module."""
        return [columns.fixed(self._ids[module - 1][self._above[here - 1][module]]) for module in records.ids]


def _at_most(numbers: Any, most: int) -> None:
    if len(numbers) and numbers.max() > most:
        raise Unusual


def _digits(numbers: Any, width: int) -> Any:
    """Numbers as text with noughts in front: a row of bytes for each."""
    left = numbers.astype(np.uint32)
    digits = np.empty((len(left), width), np.uint8)
    for place in reversed(range(width)):
        left, digits[:, place] = left // 10, left % 10 + _ZERO
    return digits


def _joined(above: Any, own: Any) -> Any:
    return np.concatenate([above, np.full((len(own), 1), ord("."), np.uint8), own], axis=1)


def _tables(
    grammar: Grammar, text: _Text, values: _Values, rows: _Rows, opened: Any, newlines: Any, lines: int
) -> dict[str, pa.RecordBatch]:
    """The records of each table: their key, their line, and a column for each item."""
    by_state = np.argsort(values.state, kind="stable")
    first = np.searchsorted(values.state[by_state], np.arange(grammar.states + 1))
    views, days = _views(text, values), _days(grammar, text, values)
    tables = {}
    for here, records in enumerate(grammar.records, 1):
        tags = rows.opened[here - 1]
        if not len(tags):
            continue
        made = dict(zip(records.shape.key, rows.key(here, records), strict=True))
        made["source_row"] = columns.numbers(lines + 1 + np.searchsorted(newlines, opened[tags]), "bigint")
        for state, part in records.items.items():
            these = by_state[first[state] : first[state + 1]]
            row = np.searchsorted(tags, values.tag[these]) - 1
            filled = np.zeros(len(tags), bool)
            filled[row] = True
            if part.is_date:
                column = np.zeros(len(tags), np.int32)
                column[row] = days[these]
                made[part.element] = columns.numbers(column, "date", filled)
            else:
                column = np.zeros((len(tags), 2), np.uint64)
                column[row] = views[these]
                made[part.element] = columns.views(column, filled, text.whole)
        tables[records.shape.table] = pa.RecordBatch.from_arrays(list(made.values()), list(made))
    return tables


def _views(text: _Text, values: _Values) -> Any:
    """Each value as Arrow's view of a text: its size and first four bytes, then the other bytes, or where it stands."""
    start, size = values.start, values.size
    views = np.empty((len(start), 2), np.uint64)
    views[:, 0] = size.astype(np.uint64) | (text.words[start] & MASKS[np.minimum(size, 4)]) << np.uint64(32)
    rest = text.words[start + 4] & MASKS[np.clip(size - 4, 0, WORD)]
    views[:, 1] = np.where(size <= _INLINE, rest, start.astype(np.uint64) << np.uint64(32))
    return views


def _days(grammar: Grammar, text: _Text, values: _Values) -> Any:
    """The dates among the values as days since 1970, each written year-month-day."""
    days = np.zeros(len(values.start), np.int32)
    dates = np.flatnonzero(grammar.is_date[values.state])
    start = values.start[dates]
    if (values.size[dates] != 10).any():
        raise Unusual
    signs = text.data[start[:, None] + np.arange(10)].T
    digits = np.delete(signs, (4, 7), axis=0) - _ZERO  # below nought is far above nine
    if (digits > 9).any() or (signs[[4, 7]] != _DASH).any():
        raise Unusual
    number = digits.astype(np.int32)
    year, month, day = (
        number[:4].T @ np.array([1000, 100, 10, 1]),
        number[4] * 10 + number[5],
        number[6] * 10 + number[7],
    )
    first = ((year - 1970) * 12 + month - 1).astype("datetime64[M]")
    begins, ends = (at.astype("datetime64[D]").astype(np.int64) for at in (first, first + 1))
    if ((year < 1) | (month < 1) | (month > 12) | (day < 1) | (day > ends - begins)).any():
        raise Unusual
    days[dates] = begins + day - 1
    return days
