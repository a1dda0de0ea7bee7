"""The SEN2 return of one collection year, from a finished warehouse file.

XML and its schema, COLLECT's CSV files, findings, sign-off sheet and manifest.
"""

from __future__ import annotations

import filecmp
import hashlib
import json
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from warehouse import __version__, duck, specification
from warehouse.returns import collect, findings, layout, signoff, tables, xsd
from warehouse.returns.writer import Writer, rows_of
from warehouse.settings import Settings

SCHEMA = "sen2"
# Folders of which a writing owns every file: what the last one left there and this one did not write is removed.
OWNED = ("collect", "tables")
# What a return that has landed is judged by: itself, and the register of schools.
LANDED_INPUTS = ("sen2_return", "gias")
LEVELS = {"E": "error", "Q": "query", "W": "warning"}


@dataclass(frozen=True)
class Written:
    """What was written. `counts` holds the records per module, `levels` the findings per level (E, Q, W).

    `blockers` says what forbids signing it, in sentences; empty where nothing does.
    """

    folder: Path
    files: tuple[Path, ...]
    counts: dict[str, int]
    levels: dict[str, int]
    is_provisional: bool
    faults: tuple[xsd.Fault, ...] = field(default=())
    blockers: tuple[str, ...] = field(default=())

    @property
    def records(self) -> int:
        return sum(self.counts.values())

    @property
    def findings(self) -> int:
        return sum(self.levels.values())

    @property
    def errors(self) -> int:
        return self.levels["E"]

    @property
    def queries(self) -> int:
        return self.levels["Q"]

    @property
    def warnings(self) -> int:
        return self.levels["W"]

    @property
    def valid(self) -> bool:
        """Whether the XML holds to the schema made from the rows."""
        return not self.faults


def write(
    settings: Settings,
    database: Path,
    year: int,
    folder: Path,
    progress: Callable[[str], None] | None = None,
    drawn_as_at: date | None = None,
) -> Written:
    """Write the return of a collection year into `folder`, from the mart in `database`.

    Everything is made beside the folder first and moved in whole; a file whose bytes are the same is left alone, and
    the same warehouse and settings give the same bytes. `drawn_as_at` is the day that was asked for, where the return
    is not that of the published warehouse; it is said in the manifest and on the sign-off sheet.
    Raises layout.YearNotKnown for a year without a row, duckdb.Error where the mart is missing.
    """
    say = progress or (lambda _line: None)
    collection = layout.collection(year)
    provisional = collection["is_provisional"] == "true"
    if provisional:
        say(f"SEN2 {year} is PROVISIONAL: {collection['note']}")
    message = layout.message(year, settings.demonstration)
    name = f"sen2_{settings.la_code}_{year}"
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{name}-") as scratch:
        draft = Path(scratch)
        with duck.reader(database) as connection:
            say(f"writing {name}.xml")
            with collect.Export(message, draft / "collect", settings.as_at) as export:
                writer = Writer(message, rows_of(connection, SCHEMA, year), export)
                writer.write(draft / f"{name}.xml")
            tree = xsd.schema(message, _schema_title(year, provisional))
            (draft / f"{name}.xsd").write_bytes(xsd.to_bytes(tree))
            say(f"checking {name}.xml against its schema")
            faults, kinds = xsd.faults(draft / f"{name}.xml", tree, record_tag=_repeating_tag(message))
            levels = findings.write(connection, year, provisional, faults, draft, settings)
            tables.write(connection, year, draft)
            blockers = (*signoff.blockers(connection, year, kinds), *signoff.refused_inputs(connection))
            manifest = {
                "collection": "SEN2",
                "collection_year": year,
                "census_day": collection["census_day"],
                "deadline": collection["deadline"],
                "is_provisional": provisional,
                "note": collection["note"],
                "council": settings.la_code,
                "code_version": __version__,
                "drawn_as_at": drawn_as_at and drawn_as_at.isoformat(),
                "settings": _settings(settings),
                "records": dict(sorted(writer.counts.items())),
                "scope_cases": _scope_cases(connection, year),
                "out_of_scope": _by_reason(connection, "sen2__out_of_scope", "reason_code", year),
                "left_out": _by_reason(connection, "sen2__left_out", "why_code", year),
                "findings": {LEVELS[level]: levels[level] for level in LEVELS},
                "not_ready": list(blockers),
                "schema_faults": dict(sorted(kinds.items())),
                "codes_left_out": dict(sorted(writer.left_out.items())),
                "characters_removed": dict(sorted(writer.removed.items())),
                "inputs": list(_inputs(connection)),
                "outputs": _outputs(draft),
            }
            signoff.write(connection, settings, manifest, draft / "signoff.html")
        manifest["outputs"] = _outputs(draft)
        (draft / "manifest.json").write_text(
            json.dumps(manifest, indent=2, ensure_ascii=False) + "\n", encoding="utf-8", newline="\n"
        )
        files = _place(draft, folder)
    return Written(
        folder=folder,
        files=files,
        counts=dict(writer.counts),
        levels={level: levels[level] for level in LEVELS},
        is_provisional=provisional,
        faults=faults,
        blockers=blockers,
    )


def landed_years(database: Path) -> tuple[int, ...]:
    """The years whose records are those of a return that was sent, and not made here."""
    with duck.reader(database) as connection:
        found = connection.execute(
            f"select collection_year from {SCHEMA}.sen2__header where source_file is not null order by collection_year"
        ).fetchall()
    return tuple(year for (year,) in found)


def write_landed(
    settings: Settings,
    database: Path,
    year: int,
    folder: Path,
    progress: Callable[[str], None] | None = None,
) -> Written:
    """Write what there is to say of a return that was sent and has landed: findings, tables, manifest; no XML again.

    Raises as `write` does.
    """
    say = progress or (lambda _line: None)
    collection = layout.collection(year)
    provisional = collection["is_provisional"] == "true"
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".landed-{year}-") as scratch:
        draft = Path(scratch)
        with duck.reader(database) as connection:
            say(f"judging the SEN2 return of {year} that was sent")
            levels = findings.write(connection, year, provisional, (), draft, settings)
            tables.write(connection, year, draft)
            counts = _records(connection, year)
            manifest = {
                "collection": "SEN2",
                "collection_year": year,
                "record_origin": "landed",
                "census_day": collection["census_day"],
                "is_provisional": provisional,
                "council": settings.la_code,
                "code_version": __version__,
                "records": counts,
                "findings": {LEVELS[level]: levels[level] for level in LEVELS},
                "not_ready": ["This is the return that was sent: there is nothing to sign."],
                "inputs": [file for file in _inputs(connection) if file["source"] in LANDED_INPUTS],
            }
        manifest["outputs"] = _outputs(draft)
        (draft / "manifest.json").write_text(
            json.dumps(manifest, indent=2, ensure_ascii=False) + "\n", encoding="utf-8", newline="\n"
        )
        files = _place(draft, folder)
    return Written(
        folder=folder,
        files=files,
        counts=counts,
        levels={level: levels[level] for level in LEVELS},
        is_provisional=provisional,
    )


def _records(connection: duckdb.DuckDBPyConnection, year: int) -> dict[str, int]:
    """Records per module, as the tables hold them."""
    modules = {row["module"]: row["table_name"] for row in specification.rows("module") if row["key_columns"]}
    return {
        module: connection.execute(
            f"select count(*) from {SCHEMA}.{table} where collection_year = ?", [year]
        ).fetchall()[0][0]
        for module, table in sorted(modules.items())
    }


def _settings(settings: Settings) -> dict[str, Any]:
    """What a council decided and the return depends on."""
    return {
        "as_at": settings.as_at.isoformat(),
        "known_on": (settings.known_on or settings.as_at).isoformat(),
        "demonstration": settings.demonstration,
        "residential_reading": settings.residential_reading,
        "reissue_days": settings.reissue_days,
        "serial_number": settings.serial_number,
        "thresholds": settings.thresholds,
        "timeliness_drops_mediation": settings.timeliness_drops_mediation,
    }


def _repeating_tag(message: layout.Module) -> str:
    """The outermost element that repeats: what can be let go once it is read."""
    return next(module.tag for module in message.walk() if module.max_occurs is None)


def _schema_title(year: int, provisional: bool) -> str:
    return (
        f"SEN2 {year}{', PROVISIONAL' if provisional else ''}: made by countywide from its own rows. "
        "This is not DfE's schema and says nothing of DfE's validation rules."
    )


def _scope_cases(connection: duckdb.DuckDBPyConnection, year: int) -> dict[str, int]:
    names = {row["scope_case"]: row["scope_case_name"] for row in specification.rows("scope_case")}
    found = connection.execute(
        f"select scope_case, count(*) from {SCHEMA}.sen2__requests where collection_year = ? group by scope_case",
        [year],
    ).fetchall()
    counted = {str(scope_case): count for scope_case, count in found}
    return {f"{number} {name}": counted.get(number, 0) for number, name in names.items()}


def _by_reason(connection: duckdb.DuckDBPyConnection, table: str, reason: str, year: int) -> dict[str, int]:
    """Reason → number, of cases that are out of the return or of records that are left out of it."""
    found = connection.execute(
        f"select {reason}, count(*) from {SCHEMA}.{table} where collection_year = ? group by all order by all", [year]
    ).fetchall()
    return dict(found)


def _inputs(connection: duckdb.DuckDBPyConnection) -> Iterator[dict[str, str]]:
    """The files that the warehouse was built from, with the hash of their bytes."""
    found = connection.execute(
        "select source, entity, file_name, file_hash, cast(snapshot_date as varchar) "
        "from quality.rpt_quality__receipt where standing = 'current' order by all"
    ).fetchall()
    for source, entity, file_name, file_hash, snapshot_date in found:
        yield {
            "source": source,
            "entity": entity,
            "file": file_name,
            "sha256": file_hash,
            "snapshot_date": snapshot_date,
        }


def _outputs(draft: Path) -> dict[str, str]:
    """The files written so far, by their place in the folder, with the hash of their bytes."""
    return {file.relative_to(draft).as_posix(): _hash(file) for file in _files(draft)}


def _hash(file: Path) -> str:
    with file.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _place(draft: Path, folder: Path) -> tuple[Path, ...]:
    """Put the finished files in their places, each in one step; the same bytes are left alone, what is stale goes."""
    placed = []
    for file in _files(draft):
        target = folder / file.relative_to(draft)
        target.parent.mkdir(exist_ok=True)
        if not (target.exists() and filecmp.cmp(file, target, shallow=False)):
            file.replace(target)
        placed.append(target)
    for owned in OWNED:
        for stale in set(_files(folder / owned)) - set(placed):
            stale.unlink()
    return tuple(placed)
