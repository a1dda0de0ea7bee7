"""The copy of a return that was signed off and sent: made once, and never written over."""

from __future__ import annotations

import filecmp
import shutil
import tempfile
from pathlib import Path

FOLDER = "signed"


class SignedAlready(RuntimeError):
    """This serial number was signed with other bytes; what was sent is never written over."""


def keep(folder: Path, serial_number: int) -> tuple[Path, int]:
    """Copy a year's return into <sen2>/signed/<year>/<serial number>/; return that folder and its number of files.

    `folder` is <published>/returns/sen2/<year>. The same bytes signed again are left alone. Raises SignedAlready where
    the return has changed since this serial number was signed.
    """
    target = folder.parent / FOLDER / folder.name / f"{serial_number:03d}"
    files = [file.relative_to(folder) for file in sorted(folder.rglob("*")) if file.is_file()]
    if target.exists():
        if not _same(folder, target, files):
            raise SignedAlready(
                f"Serial number {serial_number} of {folder.name} was signed already, and the return has changed since. "
                f"What was sent stays in {target}. To send again, raise [return] serial_number in the settings file "
                "and run: countywide run"
            )
        return target, len(files)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".signing-") as scratch:
        draft = Path(scratch) / target.name
        shutil.copytree(folder, draft)
        draft.rename(target)
    return target, len(files)


def _same(folder: Path, target: Path, files: list[Path]) -> bool:
    kept = [file.relative_to(target) for file in sorted(target.rglob("*")) if file.is_file()]
    return kept == files and all(filecmp.cmp(folder / file, target / file, shallow=False) for file in files)
