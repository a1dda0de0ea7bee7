"""What is missing or wrong on this machine and in this home, and how to mend it."""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from warehouse.home import agreed
from warehouse.settings import REPOSITORY, Settings, SettingsError

LEAST_DISK = 5 * 2**30
LEAST_MEMORY = 4 * 2**30


@dataclass(frozen=True)
class Finding:
    """One thing looked at. `state` is ok, warning (works, but) or wrong (does not work until mended)."""

    subject: str
    state: str
    said: str
    mend: str = ""


def examine(home: Path | None, parse: bool = True) -> Iterator[Finding]:
    """Look at everything in turn. `parse` also lets dbt read the models, which takes some seconds."""
    yield _python()
    yield _packages()
    try:
        settings = agreed(Settings.read(home))
    except SettingsError as error:
        yield Finding(
            "settings",
            "wrong",
            str(error),
            "Correct the line in the settings file; `countywide init` shows a whole one.",
        )
        return
    yield _settings(settings)
    yield from (check(settings) for check in _CHECKS)
    yield from _sources(settings)
    if parse:
        yield _models(settings)


def _python() -> Finding:
    found = ".".join(map(str, sys.version_info[:3]))
    if (3, 11) <= sys.version_info < (3, 14):
        return Finding("Python", "ok", found)
    return Finding(
        "Python", "wrong", found, "Install Python 3.11, 3.12 or 3.13 and set up again: make clean, then make setup."
    )


def _packages() -> Finding:
    lock = REPOSITORY / "requirements.lock"
    if not lock.exists():
        return Finding(
            "packages",
            "warning",
            "no requirements.lock beside the project",
            "Work from a whole clone of the repository.",
        )
    pins = re.findall(
        r"^([A-Za-z0-9._-]+)==([^\s;\\]+)(?: ; ([^\\\n]+))?", lock.read_text(encoding="utf-8"), re.MULTILINE
    )
    wrong = []
    for name, wanted, marker in pins:
        if marker:
            continue  # for other systems or other Pythons; the installer judged it
        try:
            found = metadata.version(name)
        except metadata.PackageNotFoundError:
            found = "absent"
        if found != wanted:
            wrong.append(f"{name} is {found}, not {wanted}")
    if wrong:
        return Finding("packages", "wrong", "; ".join(wrong[:5]), "Install what the lock file says: make setup.")
    return Finding("packages", "ok", f"{len(pins)} as locked")


def _settings(settings: Settings) -> Finding:
    who = f"{settings.council_name} ({settings.la_code}), as at {settings.as_at}"
    if settings.home.settings_file.exists():
        return Finding("settings", "ok", who)
    return Finding(
        "settings", "warning", f"no settings file in {settings.home.root}: taken for the demonstration county",
        "For a council's own files: countywide init FOLDER, then --home FOLDER.",
    )  # fmt: skip


def _writable(settings: Settings) -> Finding:
    folder = _nearest(settings.home.root)
    try:
        with tempfile.TemporaryFile(dir=folder):
            return Finding("home", "ok", f"{settings.home.root} can be written")
    except OSError as error:
        return Finding(
            "home",
            "wrong",
            f"{folder} cannot be written: {error.strerror}",
            "Choose another folder with --home, or ask for the right to write there.",
        )


def _disk(settings: Settings) -> Finding:
    free = shutil.disk_usage(_nearest(settings.home.root)).free
    said = f"{free / 2**30:.0f} GB free"
    if free >= LEAST_DISK:
        return Finding("disk", "ok", said)
    return Finding(
        "disk", "warning", said, "A county needs about 5 GB while it builds. Free some, or move the home with --home."
    )


def _memory(settings: Settings) -> Finding:
    found = _physical_memory()
    if found is None:
        return Finding("memory", "ok", f"not known on this system; the database may use {settings.memory}")
    said = f"{found / 2**30:.0f} GB; the database may use {settings.memory}"
    if found >= LEAST_MEMORY:
        return Finding("memory", "ok", said)
    return Finding(
        "memory", "warning", said, 'Set [machine] memory = "1GB" in the settings file: slower, but it will fit.'
    )


def _lock(settings: Settings) -> Finding:
    from warehouse import duck

    if not settings.home.database.exists():
        return Finding("warehouse", "ok", "none published yet")
    try:
        with duck.reader(settings.home.database):
            return Finding("warehouse", "ok", "can be read")
    except OSError as error:
        return Finding(
            "warehouse", "wrong", f"{settings.home.database} cannot be opened: {type(error).__name__}", _LOCK_MEND
        )
    except Exception as error:  # DuckDB's own errors share no public base with OSError
        return Finding(
            "warehouse", "wrong", f"{settings.home.database} cannot be opened: {type(error).__name__}", _LOCK_MEND
        )


def _salt(settings: Settings) -> Finding:
    """Without the salt, children who have a key keep it, by the register; a new one's key could not be made twice."""
    if settings.demonstration or settings.home.salt.exists():
        return Finding("salt", "ok", "the demonstration has one of its own" if settings.demonstration else "is there")
    if not (settings.home.register / "register.parquet").exists():
        return Finding("salt", "ok", "made by the first run")
    return Finding(
        "salt",
        "warning",
        f"{settings.home.salt} is missing: keys that were given stay, by the register; the next run makes a new salt",
        "Put the file back from a copy; were the register lost as well, every child would get another key.",
    )


def _busy(settings: Settings) -> Finding:
    from warehouse.pipeline import StageFailed, exclusive

    if not settings.home.work.exists():
        return Finding("run", "ok", "none at work")
    try:
        with exclusive(settings.home):
            return Finding("run", "ok", "none at work")
    except StageFailed:
        return Finding("run", "warning", "another run is at work in this home", "Wait for it to finish.")


def _sources(settings: Settings) -> Iterator[Finding]:
    from warehouse.specification import sources

    for source in sources().values():
        folder = settings.home.inbox / source.name
        count = sum(1 for file in folder.rglob("*") if file.is_file() and file.name != "README.md")
        if not settings.source_is_on(source.name):
            yield Finding(f"source {source.name}", "ok", "switched off")
        elif count:
            yield Finding(f"source {source.name}", "ok", f"{count} files")
        elif source.is_optional:
            yield Finding(f"source {source.name}", "ok", "no files; the warehouse does without")
        else:
            yield Finding(
                f"source {source.name}", "warning", f"no files in {folder}",
                f"Put {source.title} files there, or switch it off: [sources] {source.name} = false.",
            )  # fmt: skip


def _models(settings: Settings) -> Finding:
    from warehouse import build

    with tempfile.TemporaryDirectory() as folder:
        try:
            build.run(settings, Path(folder) / "parse.duckdb", command=("parse",))
        except build.BuildFailed as error:
            return Finding(
                "models", "wrong", str(error), "Undo the last change to models/ or warehouse/spec; git status shows it."
            )
    return Finding("models", "ok", "dbt reads them")


def _nearest(folder: Path) -> Path:
    """The folder itself or its nearest ancestor that exists."""
    return folder if folder.exists() or folder == folder.parent else _nearest(folder.parent)


def _physical_memory() -> int | None:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None  # Windows has no sysconf


_LOCK_MEND = "Close the program that has it open for writing; if it is damaged, run again: it is rebuilt from raw."
_CHECKS: tuple[Callable[[Settings], Finding], ...] = (_writable, _disk, _memory, _lock, _salt, _busy)
