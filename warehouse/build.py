"""Run dbt in this process against a new database file. dbt is the only writer of a warehouse file."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from warehouse import duck
from warehouse.settings import REPOSITORY, Settings

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest
    from dbt_common.events.event_manager import EventManager

# What dbt reads of the repository.
PROJECT = ("models", "warehouse/macros", "warehouse/spec", "tests/dbt", "dbt_project.yml")


class BuildFailed(RuntimeError):
    """dbt did not finish. The message names the models or tests at fault, never a row; `results` as in Build."""

    def __init__(self, message: str, results: tuple[dict[str, Any], ...] = ()) -> None:
        super().__init__(message)
        self.results = results


@dataclass(frozen=True)
class Build:
    """A finished build: the database file and what dbt said of each node."""

    database: Path
    results: tuple[dict[str, Any], ...]
    manifest: Path

    @property
    def seconds(self) -> float:
        return sum(result["execution_time"] for result in self.results)


def environment(settings: Settings, database: Path, target: Path) -> dict[str, str]:
    """What profiles.yml, dbt_project.yml and the Python models read. One place, so that Dagster and the command line
    agree."""
    return {
        "DBT_PROJECT_DIR": str(REPOSITORY),
        "DBT_PROFILES_DIR": str(REPOSITORY),
        "DBT_TARGET_PATH": str(target),
        "DBT_LOG_PATH": str(target.parent / "logs"),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DBT_VERSION_CHECK": "false",
        "DO_NOT_TRACK": "1",
        "COUNTYWIDE_RAW": settings.home.raw.as_posix(),
        "COUNTYWIDE_DATABASE": database.as_posix(),
        "COUNTYWIDE_TEMP": (target.parent / "spill").as_posix(),
        "COUNTYWIDE_KNOWN_ON": settings.dbt_vars()["known_on"],
        "COUNTYWIDE_SALT": "" if settings.demonstration else settings.home.salt.as_posix(),
        "COUNTYWIDE_THREADS": str(settings.threads),
        "COUNTYWIDE_MEMORY": settings.memory,
    }


def run(
    settings: Settings,
    database: Path,
    command: tuple[str, ...] = ("build",),
    progress: Callable[[str, str, str], None] | None = None,
) -> Build:
    """Run a dbt command into `database` (created if absent) and return what came of every node.

    `progress(node, resource_type, status)` is called as nodes finish. Raises BuildFailed.
    """
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner
    from dbt_common.events.event_manager_client import ctx_set_event_manager

    if not database.exists():
        duck.create(database)
    target = database.parent / "target"
    parsed = _Parsed(database, target, Path(os.environ.get("COUNTYWIDE_PARSED") or settings.home.work / "parsed"))
    known = parsed.manifest()
    ctx_set_event_manager(_listener())
    callbacks = [_reporter(progress)] if progress else []
    # A database error can quote the value it choked on, so dbt writes no log; `_cause` passes on what is safe to read.
    arguments = [*command, "--vars", json.dumps(settings.dbt_vars()), "--quiet", "--log-level", "none"]
    if known:
        arguments.append("--no-write-json")
    try:
        with _environment(environment(settings, database, target)):
            outcome = dbtRunner(manifest=known, callbacks=callbacks).invoke(arguments)
        parsed.keep()
    finally:
        # dbt keeps the file open until the process ends; nobody could read what it built.
        DuckDBConnectionManager.close_all_connections()
        # dbt's own account holds each error with all of its text; ours, below, holds what is safe to keep.
        (target / "run_results.json").unlink(missing_ok=True)
    results = tuple(
        {
            "unique_id": result.node.unique_id,
            "name": result.node.name,
            "resource_type": str(result.node.resource_type),
            "status": str(result.status),
            "cause": "" if str(result.status) in ("success", "pass") else _cause(result.message or ""),
            "failures": result.failures,
            "execution_time": result.execution_time,
            "rows_affected": (result.adapter_response or {}).get("rows_affected"),
        }
        for result in getattr(outcome.result, "results", ()) or ()
    )
    if not outcome.success:
        bad = [f"{r['name']}: {r['cause']}" for r in results if r["status"] in ("error", "fail", "runtime error")]
        raise BuildFailed(
            f"dbt {command[0]} failed; nothing was published. {'; '.join(bad[:10]) or _cause(str(outcome.exception))}",
            results,
        )
    return Build(database=database, results=results, manifest=target / "manifest.json")


@cache
def _listener() -> EventManager:
    """dbt's manager of events, without those that nobody here hears: of some 17,000 a build all but the ends of nodes
    are for a log that is not written, and making the message of each took a twelfth of a small build."""
    from dbt_common.events.base_types import BaseEvent, EventLevel
    from dbt_common.events.event_manager import EventManager

    class Listener(EventManager):
        def fire_event(self, e: BaseEvent, level: EventLevel | None = None, *rest: Any, **options: Any) -> None:
            if (level or e.level_tag()) != EventLevel.DEBUG or type(e).__name__ == "NodeFinished":
                super().fire_event(e, level, *rest, **options)

    return Listener()


class _Parsed:
    """What dbt has read of the models, kept for the next command: reading them again takes as long as half a build.

    It holds for every home, as vars and places come in only when a model is compiled. Kept in this process, and
    in `store` for the next one, under the hash of all that dbt read; an older one is cleared away.
    """

    _kept: ClassVar[dict[str, tuple[bytes, bytes]]] = {}

    def __init__(self, database: Path, target: Path, store: Path) -> None:
        # dbt writes the database's name into every relation.
        known_by = (database.stem, code_hash(*PROJECT), version("dbt-core"), version("dbt-duckdb"))
        self._key = hashlib.sha256("\0".join(known_by).encode()).hexdigest()
        self._made = (target / "partial_parse.msgpack", target / "manifest.json")
        self._store = store

    def manifest(self) -> Manifest | None:
        """The manifest, and a copy of its document beside the database; None where nothing is kept."""
        from dbt.contracts.graph.manifest import Manifest

        stored = self._stored()
        if self._key not in self._kept and all(file.exists() for file in stored):
            self._kept[self._key] = (stored[0].read_bytes(), stored[1].read_bytes())
        if self._key not in self._kept:
            return None
        parse, document = self._kept[self._key]
        self._made[1].parent.mkdir(parents=True, exist_ok=True)
        self._made[1].write_bytes(document)
        manifest = Manifest.from_msgpack(parse)
        manifest.build_flat_graph()
        return manifest

    def keep(self) -> None:
        if self._key in self._kept or not all(file.exists() for file in self._made):
            return
        self._kept[self._key] = (self._made[0].read_bytes(), self._made[1].read_bytes())
        self._store.mkdir(parents=True, exist_ok=True)
        for file in self._store.glob("*"):
            if not file.name.startswith(self._key):
                file.unlink(missing_ok=True)
        for file, content in zip(self._stored(), self._kept[self._key], strict=True):
            # Whole or not at all: another process may be reading.
            beside = file.with_name(f"{file.name}.{os.getpid()}")
            beside.write_bytes(content)
            beside.replace(file)

    def _stored(self) -> tuple[Path, Path]:
        return self._store / f"{self._key}.msgpack", self._store / f"{self._key}.json"


def code_hash(*parts: str) -> str:
    """SHA-256 over the files of some parts of the repository, by name and content."""
    digest = hashlib.sha256()
    for part in parts:
        root = REPOSITORY / part
        for file in [root] if root.is_file() else sorted(root.rglob("*")):
            if file.is_file() and "__pycache__" not in file.parts:
                digest.update(file.relative_to(REPOSITORY).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def _cause(message: str) -> str:
    """What a person may read of an error: all of one about our SQL, the kind alone of one that may quote a row."""
    text = " ".join(message.split())
    if "Python model failed" in text:
        raised = re.findall(r"\b(\w+(?:Error|Exception)): ", text)
        kind = raised[-1] if raised else "an error"
        return f"{kind} in a Python model (its text can quote a row and is left out)"
    kinds = re.findall(r"\b((?:Out of Range|Not implemented|Invalid Input|[A-Z]\w+) Error): ", text)
    if not kinds:
        return text[:300]
    if kinds[-1] in _ABOUT_SQL:
        return text[text.rindex(f"{kinds[-1]}: ") :][:300]
    return f"{kinds[-1]} (its text can quote a row and is left out; run the model's SQL to see it)"


_ABOUT_SQL = {"Binder Error", "Catalog Error", "Parser Error", "Compilation Error", "Not implemented Error", "IO Error"}


def _reporter(progress: Callable[[str, str, str], None]) -> Callable[[Any], None]:
    def report(event: Any) -> None:
        if event.info.name == "NodeFinished":
            node = event.data.node_info
            progress(node.node_name, node.resource_type, node.node_status)

    return report


@contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
