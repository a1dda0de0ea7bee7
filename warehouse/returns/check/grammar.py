"""What may follow what in the records of a return, as tables of numbers, so that arrays of tags can be held against it.

No module of a return stands within itself. So whether a tag may stand somewhere depends on the tag before it and the
module that is open, and a table of pairs says it all. It is made from the rows of the year; no field is named here.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import Any

import numpy as np

from warehouse.returns.check.shape import Message, Place, Shape

OPEN, CLOSE, ITEM, CLOSED_ITEM, EMPTY = range(1, 6)
WORD = 8
# The low bytes of a word, by how many.
MASKS = np.array([(1 << 8 * size) - 1 for size in range(WORD + 1)], np.uint64)
_SLOT_BITS = 14
_END = 1 << 30


@dataclass(frozen=True)
class Records:
    """A module that is written as records. Modules go by their number here, from 1; 0 is what holds all of them.

    `owner` is the nearest module above with an id of its own, `ids` are those, from the outermost, that the key has an
    id of; `token` opens it, and `items` has what is in it by the state in which an item is open.
    """

    shape: Shape
    owner: int
    ids: tuple[int, ...]
    token: int
    items: dict[int, Place]


@dataclass(frozen=True)
class _State:
    """A tag in its module: `within` is open before it and `order` its place there; `inside` and `last` are so after."""

    kind: int
    within: int
    order: int
    inside: int
    last: int
    part: Place | None = None
    repeats: bool = False


class Grammar:
    """The tables for the records of one year.

    A token is a tag as it is written, a state a token in the module where it stands; both are numbered from 1, and 0 is
    none. `is_module` and `inside` are by token, `state` by module and token, `allowed` by a state and the next (flat,
    as arrays by two numbers are here); `is_value` and `is_date` are by state, for those in which an item is open.
    """

    def __init__(self, message: Message):
        outermost = next(shape for shape in message.shapes.values() if shape.own_id)
        self.records: list[Records] = []
        self.order = outermost.path[-1].parts[outermost.tag].order
        self._tokens: dict[bytes, int] = {}
        self._states = [_State(0, 0, 0, 0, 0)]
        self._place: dict[tuple[int, int], int] = {}
        self._module(outermost, 0, 0, (), self.order)
        self.start = self._place[0, self._token(b"/" + outermost.tag.encode())]
        self._tables()
        self._tags()

    def _module(self, its: Shape, holder: int, owner: int, ids: tuple[int, ...], order: int) -> None:
        """Number the tags of a module and of all that stands in it."""
        here = len(self.records) + 1
        tag = its.tag.encode()
        ids = (*ids, here) if its.own_id else ids
        items: dict[int, Place] = {}
        token = self._token(tag)
        self.records.append(Records(its, owner, ids, token, items))
        self._add(token, here, _State(OPEN, holder, order, here, -1, repeats=its.own_id))
        self._add(self._token(b"/" + tag), holder, _State(CLOSE, here, _END, holder, order))
        for part in its.parts.values():
            if part.module is not None:
                self._module(part.module, here, here if its.own_id else owner, ids, part.order)
                continue
            name = part.tag.encode()
            kinds = {name: ITEM, b"/" + name: CLOSED_ITEM, name + b"/": EMPTY, name + b" /": EMPTY}
            for written, kind in kinds.items():
                state = _State(kind, here, part.order, here, part.order, part)
                number = self._add(self._token(written), here, state)
                if kind == ITEM:
                    items[number] = part

    def _token(self, written: bytes) -> int:
        return self._tokens.setdefault(written, len(self._tokens) + 1)

    def _add(self, token: int, inside: int, state: _State) -> int:
        self._place[inside, token] = number = len(self._states)
        self._states.append(state)
        return number

    def _tables(self) -> None:
        states, self.tokens, self.states = self._states, len(self._tokens) + 1, len(self._states)
        self.is_module, self.inside = np.zeros(self.tokens, bool), np.zeros(self.tokens, np.uint8)
        state = np.zeros((len(self.records) + 1, self.tokens), np.uint16)
        for (inside, token), number in self._place.items():
            state[inside, token] = number
            if states[number].kind in (OPEN, CLOSE):
                self.is_module[token], self.inside[token] = True, inside
        self.state = state.ravel()
        self.allowed = self._may_follow().ravel()
        self.is_value = np.array([one.kind == ITEM for one in states])
        self.is_date = np.array([one.kind == ITEM and one.part.is_date for one in states])

    def _may_follow(self) -> Any:
        """Whether a tag may come right after another in a file that is as it should be, by state and next state."""
        numbers = [(one.kind, one.within, one.order, one.inside, one.last, one.repeats) for one in self._states]
        kind, within, order, inside, last, repeats = np.array(numbers).T
        part = np.array([id(state.part) for state in self._states])
        one, other = np.ix_(range(self.states), range(self.states))
        again = (repeats[other] > 0) & (kind[one] == CLOSE) & (order[other] == last[one])
        allowed = (inside[one] == within[other]) & ((order[other] > last[one]) | again)
        for number, records in enumerate(self.records, 1):
            for tag in records.shape.required:  # not to be passed over
                needed = records.shape.parts[tag].order
                allowed &= (inside[one] != number) | (last[one] >= needed) | (order[other] <= needed)
        within_item = (kind[one] == ITEM) | (kind[other] == CLOSED_ITEM)
        its_end = (kind[one] == ITEM) & (kind[other] == CLOSED_ITEM) & (part[one] == part[other])
        return np.where(within_item, its_end, allowed) & (kind[one] > 0) & (kind[other] > 0)

    def _tags(self) -> None:
        """A table without collisions, from a mix of the words of a tag to its token."""
        self.words = -(-max(map(len, self._tokens)) // WORD)
        self.longest = self.words * WORD
        written = np.zeros((self.tokens, self.longest), np.uint8)
        for name, token in self._tokens.items():
            written[token, : len(name)] = np.frombuffer(name, np.uint8)
        self.written = np.ascontiguousarray(written.view("<u8").T)
        for seed in count():
            odd = np.random.default_rng(seed).integers(1 << 62, 1 << 63, self.words, np.uint64) * np.uint64(2)
            self._mixers = odd + np.uint64(1)
            slots = self.slots([word[1:] for word in self.written])
            if len(np.unique(slots)) == len(slots):
                break
        self.token_of = np.zeros(1 << _SLOT_BITS, np.uint16)
        self.token_of[slots] = np.arange(1, self.tokens)
        # What a tag of so many bytes has of each word.
        sizes = np.arange(self.longest + 1) - np.arange(self.words)[:, None] * WORD
        self.masks = MASKS[np.clip(sizes, 0, WORD)]

    def slots(self, words: list[Any]) -> Any:
        """Where `token_of` has the tags of these words."""
        mixed = words[0] * self._mixers[0]
        for word, mixer in zip(words[1:], self._mixers[1:], strict=True):
            mixed ^= word * mixer
        return mixed >> np.uint64(64 - _SLOT_BITS)


def of(message: Message) -> Grammar | None:
    """The grammar of a year, or None where something stands in a record that is none: then there are no arrays."""
    outermost = next(shape for shape in message.shapes.values() if shape.own_id)
    inner = [shape for shape in message.shapes.values() if shape is outermost or outermost in shape.path]
    tables = {shape.table for shape in inner if shape.key}
    return Grammar(message) if len(tables - {""}) == len(inner) and outermost.most is None else None
