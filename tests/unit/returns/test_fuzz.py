"""Damaged returns at the readers of `countywide check`: refused in words, or read the same by both readers.

Resolve: as in tests/unit/landing/test_fuzz.py.
"""

from __future__ import annotations

from pathlib import Path

from tests import fuzz

READERS = ["check", "judge"]


def test_sound_returns_are_read(tmp_path: Path) -> None:
    assert fuzz.checked(dict(enumerate(fuzz.returns())), tmp_path) == {}


def test_damaged_returns() -> None:
    assert fuzz.hunt(READERS, seed=1, first=0, count=32) == []


def test_what_was_once_found() -> None:
    assert fuzz.hunt_again(READERS) == []
