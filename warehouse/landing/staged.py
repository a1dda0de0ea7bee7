"""What every reader hands to the writer, whatever the file's format was."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from warehouse.landing.ledger import Reject


@dataclass(frozen=True)
class Staged:
    """The records of one extract as a delimited UTF-8 file, and what stands where.

    `fields` maps raw column names to positions. A `numbered` file holds good records only, its first field being the
    record number; another is the delivered text itself, header first, and may hold records that the writer refuses.
    `received` counts records apart from how they are loaded. `raw_text` fetches delivered text by record number.
    `first_record` is the number of the first record; the header, and whatever a profile says is none, is before it.
    """

    file: Path
    delimiter: str
    width: int
    fields: dict[str, int]
    numbered: bool
    received: int
    rejects: tuple[Reject, ...]
    raw_text: Callable[[set[int]], dict[int, str]]
    is_padded: bool = True
    ends_with_newline: bool = True
    encoding: str = ""
    printed_delimiter: str = ""
    missing: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    first_record: int = 2
