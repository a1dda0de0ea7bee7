"""The reader of files that are as they should be: blocks of whole people by arrays, the rest by the tolerant reader.

A block in which anything is unusual is halved until little is left, and that is read element by element with what is
open around it, so faults, lines and refusals are `read.Reader`'s alone. Both readers tell the same of every file.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa

from warehouse.returns.check import block, grammar
from warehouse.returns.check.read import CHUNK, Reader
from warehouse.returns.check.shape import Message

BLOCK = 1 << 22
# Not halved further, but read element by element.
SMALL = 1 << 16
# Bytes of the file that are held in memory before their records are handed over.
HELD = 1 << 25


class FastReader(Reader):
    """Reads as `Reader` does. `take(table, records)` is given what was read by arrays, `keep` the rest."""

    def __init__(
        self,
        message: Message,
        keep: Callable[[str, list[dict[str, Any]]], None],
        take: Callable[[str, pa.Table], None],
        size: int = BLOCK,
        small: int = SMALL,
    ):
        super().__init__(message, keep)
        self._take = take
        self._size, self._small = size, small
        self._grammar = grammar.of(message)
        self._in_utf8 = False
        self._taken: dict[str, list[pa.RecordBatch]] = defaultdict(list)
        self._taken_size = 0

    def read(self, file: Path) -> None:
        """Read the whole file. Raises Unreadable."""
        if self._grammar is None:
            super().read(file)
            return
        with file.open("rb") as handle:
            rest = self._head(handle.read(self._size))
            while chunk := handle.read(self._size):
                rest = self._blocks(rest) + chunk
        self._tolerantly(self._blocks(rest))
        self._finish()
        self._hand_over()

    def _head(self, start: bytes) -> bytes:
        """Read up to the first person, and say what is left."""
        tag = self._grammar.records[0].shape.tag.encode()
        self._opens, self._closes = b"<" + tag + b">", b"</" + tag + b">"
        self._begin()
        self._parser.XmlDeclHandler = self._declared
        person = max(start.find(self._opens), 0)
        end = start.rfind(b">", 0, person) + 1
        # Text of another encoding than UTF-8 either says so, or has a nought in its first tag.
        self._in_utf8 = end > 0 and b"\0" not in start[:end]
        self._tolerantly(start[:end])
        holder = self._grammar.records[0].shape.path[-1].tag.encode()
        if start.endswith(b"<" + holder + b">", 0, end):
            self._leave()
        return start[end:]

    def _declared(self, _version: str, encoding: str | None, _standalone: int) -> None:
        self._in_utf8 = self._in_utf8 and (encoding or "utf-8").lower() == "utf-8"

    def _blocks(self, text: bytes) -> bytes:
        """Read all people that end in the text, and say what is left."""
        end = text.rfind(self._closes) + len(self._closes)
        if end >= len(self._closes):
            self._block(text[:end])
            return text[end:]
        if len(text) < self._size:
            return text
        self._tolerantly(text)
        return b""

    def _block(self, people: bytes) -> None:
        if self._parser is None and self._by_arrays(people):
            return
        middle = people.rfind(self._closes, 0, len(people) // 2) + len(self._closes)
        if len(people) > self._small and middle >= len(self._closes):
            self._block(people[:middle])
            self._block(people[middle:])
            return
        self._tolerantly(people)
        self._leave()

    def _by_arrays(self, people: bytes) -> bool:
        holder = self._frame
        if holder.last > self._grammar.order:
            return False
        try:
            read = block.read(self._grammar, people, self.people, self._lines)
        except block.Unusual:
            return False
        shape = self._grammar.records[0].shape
        holder.last = self._grammar.order
        holder.seen.add(shape.tag)
        holder.counts[shape.name] += read.people
        self.people += read.people
        self._lines += read.lines
        self.done += len(people)
        for table, records in read.tables.items():
            self._taken[table].append(records)
        self._taken_size += len(people)
        if self._taken_size >= HELD:
            self._hand_over()
        return True

    def _tolerantly(self, text: bytes) -> None:
        if self._parser is None:
            self._begin("".join(f"<{frame.tag}>" for frame in self._stack).encode())
        for at in range(0, len(text), CHUNK):
            self._feed(text[at : at + CHUNK])

    def _leave(self) -> None:
        """Done with the parser for now, if what it read last was a tag with which it is back among people."""
        shapes = [frame.shape for frame in self._stack]
        among_people = shapes == list(self._grammar.records[0].shape.path) and self._item is None and not self._skip
        # All was consumed, and none of it as text: so it ended with a tag, and not within a section or a comment.
        done = self._parser.CurrentByteIndex == self._fed and not self._length
        if self._in_utf8 and among_people and done:
            self._lines = self._line - 1
            self._parser = None

    def _hand_over(self) -> None:
        for table, records in self._taken.items():
            self._take(table, pa.Table.from_batches(records))
        self._taken.clear()
        self._taken_size = 0
