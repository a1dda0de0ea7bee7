"""Staged files into the published folder: one rename each, nothing rewritten that has not changed."""

from __future__ import annotations

import filecmp
import hashlib
import os
import shutil
import time
from collections.abc import Callable, Iterable
from pathlib import Path

# Windows does not let go of a file that somebody has open: wait this long, then say so and keep yesterday's.
PATIENCE_SECONDS = (0.2, 0.5, 1.0, 2.0)


class PublishFailed(RuntimeError):
    """The published folder could not be changed. Yesterday's warehouse stays; the message says how to mend it."""


def swap_database(built: Path, published: Path) -> None:
    """Put a finished database in the place of the published one with a single rename.

    A reader that has the old file open goes on reading it (on Windows: keeps us from replacing it, which is reported).
    """
    if built.with_name(built.name + ".wal").exists():
        raise PublishFailed(f"{built} was not closed properly. Build it again: countywide build")
    published.parent.mkdir(parents=True, exist_ok=True)
    with built.open("rb+") as handle:
        os.fsync(handle.fileno())
    _patiently(lambda: _rename(built, published), published)


def swap_folder(staged: Path, published: Path, owned: Iterable[str]) -> int:
    """Move every staged file to the same place under `published`; return how many were new or different.

    Files under the `owned` folders that are not staged any more are removed.
    """
    changed = 0
    kept = set()
    for file in sorted(path for path in staged.rglob("*") if path.is_file()):
        name = file.relative_to(staged)
        target = published / name
        kept.add(target)
        if target.exists() and filecmp.cmp(file, target, shallow=False):
            file.unlink()
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        _patiently(lambda file=file, target=target: _rename(file, target), target)
        changed += 1
    for folder in owned:
        for stale in [path for path in (published / folder).rglob("*") if path.is_file() and path not in kept]:
            _patiently(stale.unlink, stale)
    shutil.rmtree(staged, ignore_errors=True)
    return changed


def excel_safe(text: str) -> str:
    """A label as a spreadsheet may safely read it from a CSV: what looks like a formula gets an apostrophe in front."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def sha256(file: Path) -> str:
    with file.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _rename(source: Path, target: Path) -> None:
    source.replace(target)


def _patiently(action: Callable[[], object], target: Path) -> None:
    for pause in (*PATIENCE_SECONDS, None):
        try:
            action()
            return
        except PermissionError as error:
            if pause is None:
                raise PublishFailed(
                    f"{target} is open in another program. Close it there and run again; what was published before "
                    "is still in its place."
                ) from error
            time.sleep(pause)
