"""The one way in which a reader refuses a whole file."""

from __future__ import annotations


class Quarantine(Exception):
    """A file is not what it claims to be. `reason` is a code, `message` says what is wrong and how to mend it.

    A message may name files, lines and headers that we know; it never holds a value of a row.
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
