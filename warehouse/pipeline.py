"""The stages of a run as plain functions, used by the command line and by Dagster alike.

demo → land → door → build → returns → publish. A stage raises when it cannot go on, and its message says what to do;
a child's value is never in a message. One run works in one home at a time, and nothing that people read changes until
`publish` swaps the finished warehouse in.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, astuple, dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import duckdb

from warehouse import alerts, duck, freshness
from warehouse import build as dbt
from warehouse.alerts import Alert
from warehouse.settings import Home, HomeAsAt, Settings
from warehouse.specification import CASE_SYSTEM, SENT_RETURN, windows

if TYPE_CHECKING:
    from expectations.runner import DoorResult
    from warehouse.draft import Draft
    from warehouse.landing import LandingReport
    from warehouse.landing.ledger import Receipt

Progress = Callable[[str], None]

# What decides the bytes of a warehouse besides the files that came in.
CODE = ("warehouse", "models", "expectations", "dbt_project.yml", "requirements.lock")

# Schemas that lie before the marts.
INNER_SCHEMAS = ("spec", "staging", "intermediate", "core")


# The workshop of what is built as it was known on an earlier day.
LOOK_BACK = "look-back"

WITHOUT_UNIT_TESTS = ("--exclude-resource-type", "unit_test")
# What a return needs of the models.
RETURN_PARTS = (
    "--select",
    "+path:models/marts/sen2",
    "+rpt_quality__receipt",
    "+rpt_quality__degraded",
    "--indirect-selection",
    "cautious",
)


class StageFailed(RuntimeError):
    """A stage cannot go on. The message says what is wrong and how to mend it."""


@dataclass(frozen=True)
class StageResult:
    """What one stage did. Rows are counts; `findings` are faults in what was delivered, which stop nothing;
    `details` are lines for people, without a value of a child; `alerts` are for whoever does not look on."""

    name: str
    rows_in: int | None = None
    rows_out: int | None = None
    rejects: int | None = None
    findings: int | None = None
    seconds: float = 0.0
    note: str = ""
    details: tuple[str, ...] = ()
    alerts: tuple[Alert, ...] = ()


@dataclass(frozen=True)
class Workshop:
    """Where a warehouse is built: work/build. Kept between runs only for dbt's parse, which is slow to make.

    `name` is another folder, for what is built beside a warehouse that waits there to be published.
    """

    home: Home
    name: str = "build"

    @property
    def folder(self) -> Path:
        return self.home.work / self.name

    @property
    def database(self) -> Path:
        return self.folder / "warehouse.duckdb"

    @property
    def target(self) -> Path:
        return self.folder / "target"

    @property
    def manifest(self) -> Path:
        return self.target / "manifest.json"

    @property
    def returns(self) -> Path:
        return self.folder / "returns"

    @property
    def receipt(self) -> Path:
        """Written last by a build that succeeded; without it the database is a leftover of a run that was stopped."""
        return self.folder / "build.json"

    def sweep(self) -> None:
        """Remove what a stopped or finished run left, all but dbt's parse."""
        for leftover in (self.receipt, self.database, self.database.with_name(self.database.name + ".wal")):
            leftover.unlink(missing_ok=True)
        for folder in (self.folder / "spill", self.returns):
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def exclusive(home: Home) -> Iterator[Workshop]:
    """Hold the home for one run. Raises StageFailed if another run holds it; a run that dies lets go by itself."""
    home.work.mkdir(parents=True, exist_ok=True)
    holder = sqlite3.connect(home.work / "lock", timeout=0, isolation_level=None)
    try:
        try:
            holder.execute("begin exclusive")
        except sqlite3.OperationalError as error:
            raise StageFailed(
                f"Another run is at work in {home.root}. Wait for it to finish, or use another --home."
            ) from error
        yield Workshop(home)
    finally:
        holder.close()


def run(settings: Settings, progress: Progress, force: bool = False) -> Iterator[StageResult]:
    """Every stage in order, yielding each result as it is done. Stops after landing when nothing has changed."""
    with exclusive(settings.home) as workshop:
        yield land(settings, progress)
        settings = as_landed(settings)
        if not force and is_current(settings):
            yield unchanged(settings)
            return
        yield from door(settings, progress)
        yield build(settings, workshop, progress)
        yield from deliver(settings, workshop, progress)


def as_landed(settings: Settings) -> Settings:
    """The settings as far as what has landed bears them out.

    Where the case system has delivered nothing and a return that was sent has landed, no year is made: an empty return
    would stand in the place of the one that was sent.
    """
    loaded = {receipt["source"] for receipt in receipts(settings.home) if receipt["status"] == "loaded"}
    if CASE_SYSTEM in loaded or SENT_RETURN not in loaded:
        return settings
    return replace(settings, collection_years=())


def deliver(settings: Settings, workshop: Workshop, progress: Progress) -> Iterator[StageResult]:
    """The returns of every collection year, then everything published, from a finished build."""
    if not workshop.receipt.exists():
        raise StageFailed("There is no finished build to publish. Run: countywide build")
    for year in settings.collection_years:
        yield returns(settings, workshop.database, year, workshop.returns / "sen2" / str(year), progress)
    yield from landed_returns(settings, workshop, progress)
    yield publish(settings, workshop, progress)


def demo(
    settings: Settings, plans: int, pupils: int, seed: int, progress: Progress, case_system: str = ""
) -> StageResult:
    """Make the demonstration county's extracts in the inbox, unless the same county is there already.

    Raises StageFailed in a home that is a council's own: invented children must never stand beside real ones.
    """
    started = time.perf_counter()
    home = settings.home
    marker = home.root / "demonstration.json"
    if not settings.demonstration or (_files(home.inbox) and not marker.exists()):
        raise StageFailed(
            f"{home.root} has a council's own files; invented children do not go beside them. "
            "Make the demonstration in a folder of its own: countywide demo --home demonstration"
        )
    asked = {
        "plans": plans,
        "pupils": pupils,
        "seed": seed,
        "case_system": case_system,
        "code": dbt.code_hash("warehouse/synthetic", "warehouse/spec", "models/staging"),
    }
    if marker.exists():
        made = json.loads(marker.read_text(encoding="utf-8"))
        if made["asked"] == asked and made["files"] == _files(home.inbox):
            return StageResult("demo", seconds=time.perf_counter() - started, note="the same county is there already")

    from warehouse import synthetic

    home.root.mkdir(parents=True, exist_ok=True)
    marker.write_text(json.dumps({"asked": None, "files": {}}), encoding="utf-8")
    synthetic.generate(settings, plans=plans, pupils=pupils, seed=seed, progress=progress, case_system=case_system)
    files = _files(home.inbox)
    marker.write_text(json.dumps({"asked": asked, "files": files}, indent=1), encoding="utf-8")
    return StageResult(
        "demo", seconds=time.perf_counter() - started, note=f"{len(files)} files, {plans:,} plans, {pupils:,} pupils"
    )


def land(settings: Settings, progress: Progress) -> StageResult:
    """Files of the inbox into raw Parquet, once per content; see warehouse.landing."""
    from warehouse import landing

    started = time.perf_counter()
    report = landing.land(settings, progress=progress)
    receipts = report.receipts
    quarantined = report.quarantined
    return StageResult(
        "land",
        rows_in=sum(receipt.rows_received for receipt in receipts),
        rows_out=sum(receipt.rows_loaded for receipt in receipts),
        rejects=sum(receipt.rows_rejected for receipt in receipts),
        findings=_deliveries(quarantined),
        seconds=time.perf_counter() - started,
        note=f"{_deliveries(receipts)} files, {_deliveries(quarantined)} quarantined"
        + (f", {len(report.left)} in use" if report.left else ""),
        details=(
            *map(str, report.left),
            *report.notes,
            *dict.fromkeys(f"quarantined in {r.source}: {r.message}" for r in quarantined),
        ),
        alerts=tuple(_of_landing(report)),
    )


def _of_landing(report: LandingReport) -> Iterator[Alert]:
    """Files in use and in quarantine, counted by source and reason."""
    for source, number in sorted(Counter(left.source for left in report.left).items()):
        names = ", ".join(left.file_name for left in report.left if left.source == source)
        yield Alert("in_use", source, f"{number} of its files could not be read and wait for the next run.", names)
    refused = {(receipt.source, receipt.file_name): receipt for receipt in report.quarantined}.values()
    for source in sorted({receipt.source for receipt in refused}):
        mine = [receipt for receipt in refused if receipt.source == source]
        reasons = ", ".join(f"{code} {n}" for code, n in sorted(Counter(each.reason_code for each in mine).items()))
        said = f"{len(mine)} of its files are in quarantine ({reasons}); countywide status says how to mend them."
        yield Alert("quarantined", source, said, ", ".join(each.file_name for each in mine))


def _deliveries(receipts: Iterable[Receipt]) -> int:
    """Files, where a workbook or an XML has a receipt for each extract in it."""
    return len({(receipt.source, receipt.file_name) for receipt in receipts})


def door(settings: Settings, progress: Progress) -> Iterator[StageResult]:
    """Judge what landed against what was promised, say all of it, then raise StageFailed if nothing can be built."""
    stage, results = judge(settings, progress)
    yield stage
    refuse(results)


def judge(settings: Settings, progress: Progress) -> tuple[StageResult, tuple[DoorResult, ...]]:
    """The door's results, good and bad; see expectations.runner."""
    from expectations import runner

    started = time.perf_counter()
    results = runner.check(settings, progress=progress)
    unmet = sorted((result for result in results if not result.success), key=lambda result: result.level != "error")
    stage = StageResult(
        "door",
        rows_in=len(results),
        rows_out=len(results) - len(unmet),
        findings=len(unmet),
        seconds=time.perf_counter() - started,
        note=f"{len(results)} expectations, {len(unmet)} not met",
        details=(
            *(f"{extract} is set aside; what came before counts, if anything did" for extract in refused(results)),
            *(f"{result.level}: {result.message}" for result in unmet),
        ),
        alerts=tuple(
            Alert("refused", extract, f"set aside at the door. {why}") for extract, why in refused(results).items()
        ),
    )
    return stage, results


def refused(results: Iterable[DoorResult]) -> dict[str, str]:
    """Extracts of which a delivery was refused and set aside → the first reason."""
    found: dict[str, str] = {}
    for result in results:
        if result.level == "error" and not result.success:
            found.setdefault(f"{result.source}.{result.entity}", result.message)
    return found


def refuse(results: tuple[DoorResult, ...]) -> None:
    """Raise StageFailed if of the case system an extract was refused and no earlier delivery of it is fit.

    The return is made of it: without, it would be one of nobody. Of every other source what was refused is set aside.
    """
    without = {f"{r.source}.{r.entity}" for r in results if r.expectation == "has_arrived" and not r.success}
    found = {
        extract: why
        for extract, why in refused(results).items()
        if extract in without and extract.startswith(f"{CASE_SYSTEM}.")
    }
    if found:
        raise StageFailed(
            f"The door refused {', '.join(sorted(found))}, and no earlier delivery is fit: "
            f"{next(iter(found.values()))} Ask the supplier for a new file, or, where the file is "
            "right and the expectation is not, put the extract's name into [door] accept in the settings file. "
            "Nothing was published."
        )


def _refuse_damaged(home: Home) -> None:
    """Raise StageFailed for what publications keep, where it is damaged: dbt would not say which file it is."""
    from warehouse.publish import figures, register
    from warehouse.publish.kept import KeptFileError

    try:
        figures.refuse_unless_whole(home.reported)
        register.refuse_unless_whole(home.publications)
    except KeptFileError as error:
        raise StageFailed(str(error)) from None


def build(settings: Settings, workshop: Workshop, progress: Progress) -> StageResult:
    """dbt: seeds, models and data tests into a new file. Nothing is published.

    Unit tests judge the code and not the data: `make test` runs them. Raises BuildFailed, and StageFailed where nothing
    has landed: a return of nobody helps nobody; or where what publications keep is damaged.
    """
    started = time.perf_counter()
    if not _rows_landed(settings.home):
        raise StageFailed(f"Nothing has landed. Put files into {settings.home.inbox} and run: countywide run")
    _refuse_damaged(settings.home)
    workshop.sweep()
    progress("dbt is reading the models")
    done: Counter[str] = Counter()

    def report(_name: str, resource_type: str, _status: str) -> None:
        done["test" if "test" in resource_type else resource_type] += 1
        if done.total() % 100 == 0:
            progress(f"dbt: {done['seed']} seeds, {done['model']} models, {done['test']} tests done")

    outcome = dbt.run(settings, workshop.database, ("build", *WITHOUT_UNIT_TESTS), progress=report)
    workshop.receipt.write_text(
        json.dumps({"fingerprint": fingerprint(settings), "results": outcome.results}, default=str), encoding="utf-8"
    )
    return StageResult(
        "build",
        rows_in=_rows_landed(settings.home),
        rows_out=_rows_built(workshop.database),
        findings=sum(result["status"] == "warn" for result in outcome.results),
        seconds=time.perf_counter() - started,
        note=f"{done['seed']} seeds, {done['model']} models, {done['test']} tests",
    )


def built(workshop: Workshop) -> tuple[dict[str, Any], ...]:
    """What dbt said of each node in the finished build."""
    return tuple(json.loads(workshop.receipt.read_text(encoding="utf-8"))["results"])


def manifest(settings: Settings) -> Path:
    """dbt's manifest of the models as they are now; dbt reads them again only if they have changed."""
    workshop = Workshop(settings.home)
    stamp = workshop.folder / "manifest.sha256"
    now = dbt.code_hash(*dbt.PROJECT)
    if not (workshop.manifest.exists() and stamp.exists() and stamp.read_text(encoding="utf-8") == now):
        dbt.run(settings, workshop.database, command=("parse",))
        stamp.write_text(now, encoding="utf-8")
    return workshop.manifest


def docs(settings: Settings, workshop: Workshop) -> tuple[Path, Path, Path]:
    """Pages to begin at: dbt's documentation as one HTML file, the source catalogue, the return's dictionary by year.

    The first is from the models' own YAML, column types being those of the contracts; the others from what is declared.
    """
    from warehouse import source_pages
    from warehouse.returns import dictionary

    dbt.run(settings, workshop.folder / "docs.duckdb", command=("docs", "generate", "--static", "--empty-catalog"))
    page = settings.home.root / "docs" / "index.html"
    page.parent.mkdir(parents=True, exist_ok=True)
    tables = (workshop.target / "static_index.html").replace(page)
    return tables, source_pages.write(page.parent / "sources"), dictionary.write(page.parent / "sen2")[0]


def returns(
    settings: Settings,
    database: Path,
    year: int,
    folder: Path,
    progress: Progress,
    drawn_as_at: date | None = None,
) -> StageResult:
    """One year's SEN2 return from a finished database into `folder`; `drawn_as_at`: of a look back, its day."""
    from warehouse.returns import sen2

    started = time.perf_counter()
    progress(f"writing the SEN2 return for {year}")
    written = sen2.write(settings, database, year, folder, progress, drawn_as_at)
    return StageResult(
        f"return {year}" + (f" as at {drawn_as_at}" if drawn_as_at else ""),
        rows_out=written.records,
        findings=written.findings,
        seconds=time.perf_counter() - started,
        note=f"{len(written.files)} files, {'NOT READY to sign' if written.blockers else 'nothing forbids signing it'}",
        details=written.blockers,
    )


def landed_returns(settings: Settings, workshop: Workshop, progress: Progress) -> Iterator[StageResult]:
    """What there is to say of each return that was sent and has landed, for the years that are not made here."""
    from warehouse.returns import sen2

    for year in sen2.landed_years(workshop.database):
        yield landed_return(settings, workshop.database, year, workshop.returns / "sen2" / str(year), progress)


def landed_return(settings: Settings, database: Path, year: int, folder: Path, progress: Progress) -> StageResult:
    """Findings and tables of one return that has landed."""
    from warehouse.returns import sen2

    started = time.perf_counter()
    written = sen2.write_landed(settings, database, year, folder, progress)
    return StageResult(
        f"return {year}",
        rows_out=written.records,
        findings=written.findings,
        seconds=time.perf_counter() - started,
        note=f"{len(written.files)} files of the return that was sent; no XML is made of it again",
    )


def again(settings: Settings, year: int, progress: Progress) -> StageResult:
    """One return once more, from the published warehouse into its place. Raises StageFailed if that cannot be."""
    from warehouse.returns import sen2

    if not settings.home.database.exists():
        raise StageFailed(f"No warehouse is published in {settings.home.root} yet. Run: countywide run")
    settings = as_landed(settings)
    try:
        has_landed = year in sen2.landed_years(settings.home.database)
        if not has_landed:
            _refuse_year(settings, year)
        built_with = json.loads((settings.home.published / "manifest.json").read_text(encoding="utf-8"))["settings"]
        changed = sorted(name for name, value in settings.dbt_vars().items() if built_with.get(name) != value)
        if changed:
            # The records have the old settings in them; a manifest and a sign-off sheet of new ones would be untrue.
            raise StageFailed(
                f"Since the published warehouse was built these settings have changed: {', '.join(changed)}. "
                "Run: countywide run"
            )
        if has_landed:
            return landed_return(settings, settings.home.database, year, _published_return(settings, year), progress)
        return returns(settings, settings.home.database, year, _published_return(settings, year), progress)
    except (duckdb.BinderException, duckdb.CatalogException) as error:
        raise StageFailed("The published warehouse was built by an older countywide. Run: countywide run") from error


def headline(
    settings: Settings, year: int | None = None
) -> tuple[str, tuple[str, ...], list[tuple[str, ...]], tuple[str, ...]]:
    """Title, headers, rows and notes of the headline figures of a published return, by default the last one."""
    from warehouse.returns import headline as figures

    with duck.reader(settings.home.database) as connection:
        year = year or figures.last_year(connection)
        if year is None:
            return "", figures.HEADERS, [], ()
        rows = [astuple(row) for row in figures.rows(connection, year)]
        return f"SEN2 {year}", figures.HEADERS, rows, figures.notes(connection, year)


def return_manifest(settings: Settings, year: int) -> dict[str, Any]:
    """The manifest of the published return of a year. Raises StageFailed where there is none."""
    file = _published_return(settings, year) / "manifest.json"
    if not file.exists():
        raise StageFailed(f"No SEN2 return for {year} is published in {settings.home.root} yet. Run: countywide run")
    return json.loads(file.read_text(encoding="utf-8"))


def sign(settings: Settings, year: int) -> StageResult:
    """Keep the published return of a year as the copy that was sent. Raises StageFailed while something forbids it."""
    from warehouse.returns import signed

    started = time.perf_counter()
    _refuse_year(settings, year)
    manifest = return_manifest(settings, year)
    if manifest["not_ready"]:
        raise StageFailed(f"SEN2 {year} is not ready to sign: {' '.join(manifest['not_ready'])}")
    folder, files = signed.keep(_published_return(settings, year), manifest["settings"]["serial_number"])
    return StageResult(
        f"signed {year}", rows_out=files, seconds=time.perf_counter() - started, note=f"{files} files kept in {folder}"
    )


def as_known(settings: Settings, day: date) -> Settings:
    """The settings with which everything is as it was known on a day, and is published in a folder of its own.

    Raises StageFailed where there can be no such warehouse.
    """
    if day > settings.as_at:
        raise StageFailed(
            f"{day} lies after {settings.as_at}, the as-at date of the settings: nothing later is counted. "
            "Set [dates] as_at in the settings file to that day or a later one, or ask for an earlier day."
        )
    known_on = min(day, settings.known_on or day)
    earliest = min(_snapshots(settings.home).get(CASE_SYSTEM, [date.max]))
    if earliest > known_on:
        raise StageFailed(
            f"Nothing of the case system was known on {known_on}: "
            + (
                "no extract of it has landed. Run: countywide run"
                if earliest == date.max
                else f"its earliest extract is of {earliest}. Ask for that day or a later one."
            )
        )
    return replace(settings, as_at=day, known_on=known_on, home=HomeAsAt(settings.home.root, day))


def run_as_known(then: Settings, progress: Progress) -> Iterator[StageResult]:
    """The whole warehouse as it was known on a day (see `as_known`), from raw alone: nothing lands.

    What is published today, and a build that waits to be published, stay as they are.
    """
    with exclusive(then.home):
        workshop = Workshop(then.home, LOOK_BACK)
        workshop.sweep()
        try:
            built = build(then, workshop, progress)
            yield replace(built, details=_not_known_yet(then))
            yield from deliver(then, workshop, progress)
        finally:
            workshop.sweep()


def look_back(settings: Settings, year: int, day: date, progress: Progress) -> StageResult:
    """One return as it would have been on a day, from what was known on it, into a folder beside the published ones.

    Built in a workshop of its own; the published warehouse, and one that waits to be published, stay as they are.
    Raises StageFailed where there can be no such return, BuildFailed as `build` does.
    """
    _refuse_year(settings, year)
    then = as_known(settings, day)
    started = time.perf_counter()
    workshop = Workshop(settings.home, LOOK_BACK)
    workshop.sweep()
    try:
        progress(f"building what the return of {year} needs, as at {day}")
        dbt.run(then, workshop.database, command=("build", *RETURN_PARTS, *WITHOUT_UNIT_TESTS))
        folder = settings.home.published / "returns" / "sen2" / f"{year}-as-at-{day}"
        result = returns(then, workshop.database, year, folder, progress, drawn_as_at=day)
    finally:
        workshop.sweep()
    return replace(
        result,
        seconds=time.perf_counter() - started,
        details=(f"{folder}", *result.details, *_not_known_yet(then)),
    )


def _snapshots(home: Home) -> dict[str, list[date]]:
    """Source to the days of its deliveries that loaded."""
    found: dict[str, list[date]] = {}
    for receipt in receipts(home):
        if receipt["status"] == "loaded":
            found.setdefault(str(receipt["source"]), []).append(cast(date, receipt["snapshot_date"]))
    return found


def _not_known_yet(then: Settings) -> tuple[str, ...]:
    """A line that names the sources of which nothing had come by the day on which things are as known."""
    late = sorted(source for source, days in _snapshots(then.home).items() if min(days) > (then.known_on or then.as_at))
    return (f"not known yet on that day: {', '.join(late)}",) if late else ()


def publish(settings: Settings, workshop: Workshop, progress: Progress) -> StageResult:
    """Files for people, then the swap. Until the swap, everybody reads yesterday's warehouse."""
    from warehouse import publish as publisher
    from warehouse.linkage import register

    started = time.perf_counter()
    # Before the swap: a key that people have seen is a key that is kept.
    register.write(workshop.database, settings.home.register, settings.known_on or settings.as_at)
    published = publisher.publish(settings, workshop.database, progress=progress)
    note_fingerprint(settings.home, json.loads(workshop.receipt.read_text(encoding="utf-8"))["fingerprint"])
    workshop.sweep()
    return StageResult("publish", rows_out=published, seconds=time.perf_counter() - started)


def unchanged(settings: Settings) -> StageResult:
    """What a run says when inputs, code and settings are those of the published warehouse."""
    return StageResult(
        "unchanged",
        note=f"nothing changed since the published warehouse was made; {settings.home.published} stays as it is",
    )


def is_current(settings: Settings) -> bool:
    """Whether the published warehouse was made from these very files, this code and these settings."""
    file = _fingerprint_file(settings.home)
    return (
        settings.home.database.exists()
        and all((_published_return(settings, year) / "manifest.json").exists() for year in settings.collection_years)
        and file.exists()
        and file.read_text(encoding="utf-8").strip() == fingerprint(settings)
    )


def fingerprint(settings: Settings) -> str:
    """SHA-256 over the receipts, the code and the settings that decide a figure."""
    decisive = asdict(settings)
    for indifferent in ("home", "threads", "memory", "settle_seconds", "webhook"):
        del decisive[indifferent]
    return _sha256(
        json.dumps(
            [decisive, dbt.code_hash(*CODE), _receipts_loaded(settings.home)], default=str, sort_keys=True
        ).encode()
    )


def note_fingerprint(home: Home, value: str) -> None:
    """Say from what the published warehouse was made. Written last: stopped before it, a run builds again."""
    file = _fingerprint_file(home)
    part = file.with_suffix(".part")
    part.write_text(value + "\n", encoding="utf-8")
    part.replace(file)


def draft(settings: Settings, files: list[Path], source: str, show_values: bool) -> Draft:
    """The profile by which unknown files would land, drafted. Raises NotDrafted or Quarantine."""
    from warehouse import draft as drafting

    return drafting.draft(settings, files, source, show_values)


def assumed(home: Home, stamps: list[str]) -> list[tuple[str, str]]:
    """Of the profiles that receipts name those that are assumptions, with their notes."""
    from warehouse import profiles

    read = {stamp.split(" ")[0] for stamp in stamps if stamp}
    return [(each.name, each.note) for each in profiles.known(home.root) if each.name in read and each.is_assumption]


def worklist(settings: Settings) -> list[tuple[str, ...]]:
    """What is to be done about the layout of what landed, and what changed since the delivery before as the published
    warehouse has it: (kind, extract, column, rows, what it is)."""
    from expectations import worklist as made

    found = [
        (task.kind, f"{task.source}.{task.entity}", task.column, f"{task.rows:,}", task.said)
        for task in made.tasks(settings)
    ]
    return [*found, *_drift(settings.home.database)]


def _drift(database: Path) -> list[tuple[str, ...]]:
    """rpt_quality__drift as lines of the work list; none where nothing is published, or by an older countywide."""
    if not database.exists():
        return []
    with duck.reader(database) as connection, suppress(duckdb.CatalogException):
        return connection.execute(
            "select 'drift', concat_ws(' ', source || '.' || entity, series), coalesce(column_name, ''), '', "
            "concat(kind, ': ', delivered_value || ': ', was, ' became ', became, ' (', "
            "coalesce(previous_period, previous_date::varchar), ' to ', "
            "coalesce(delivered_period, delivered_date::varchar), '). ', mend) "
            "from quality.rpt_quality__drift order by source, entity, series, column_name, kind, delivered_value"
        ).fetchall()
    return []


def receipts(home: Home) -> list[dict[str, object]]:
    """Landing's receipts, one dict per delivered file and extract, by source, entity and file name."""
    return _ledger(
        home,
        "receipt",
        "select * exclude (landed_at, landing_version) from {ledger} order by source, entity, file_name, landed_at",
    )


def alert(settings: Settings, results: Iterable[StageResult], failures: Iterable[Alert] = ()) -> tuple[Alert, ...]:
    """Tell whoever does not look on what came of a run: what stopped it, what its stages met, and what stays open."""
    of_stages = [each for result in results for each in result.alerts]
    try:
        stays = open_matters(settings, alerts.moment().date())
    except duckdb.Error:  # the published warehouse is of an older countywide, which had other tables
        stays = ()
    return alerts.give(settings, [*failures, *of_stages, *stays])


def open_matters(settings: Settings, today: date) -> tuple[Alert, ...]:
    """What the published warehouse says that somebody should know: extracts that are not fresh (late, absent, refused
    or in quarantine), and a return between census day and deadline (is `today` there?) that may not be signed."""
    if not settings.home.database.exists():
        return ()
    matters = [
        Alert(each.standing, each.name, f"it is {each.said}.")
        for each in freshness.standings(settings.home.database)
        if each.standing != "fresh"
    ]
    for window in windows():
        if window.holds(today) and window.year in settings.collection_years:
            folder = _published_return(settings, window.year)
            if (folder / "manifest.json").exists() and (said := return_manifest(settings, window.year)["not_ready"]):
                due = f"due by {window.deadline} and not ready to sign. {' '.join(said)}"
                matters.append(Alert("not_ready", f"SEN2 {window.year}", due))
    return tuple(matters)


def set_aside(home: Home) -> list[tuple[str, str]]:
    """(extract, why) of what the door refused, by extract; a file of several extracts once for each."""
    found = _ledger(
        home, "set_aside", "select distinct source || '.' || entity as extract, message from {ledger} order by all"
    )
    return [(str(row["extract"]), str(row["message"])) for row in found]


def where(home: Home) -> list[tuple[str, Path]]:
    """What there is to look at after a run, as (what, where); only what exists."""
    candidates = [
        ("Summary", home.published / "summary.html"),
        ("Equity", home.published / "equity.html"),
        ("Dictionary", home.published / "dictionary.html"),
        ("Warehouse", home.database),
        ("Parquet", home.published / "parquet"),
        ("SEN2 returns", home.published / "returns"),
        ("Public tables", home.published / "public"),
        ("Internal tables", home.published / "internal"),
        ("Links to decide", home.published / "restricted" / "linkage.html"),
        ("Alerts", home.alerts),
    ]
    return [(what, place) for what, place in candidates if place.exists()]


def _published_return(settings: Settings, year: int) -> Path:
    return settings.home.published / "returns" / "sen2" / str(year)


def _refuse_year(settings: Settings, year: int) -> None:
    if year not in settings.collection_years:
        years = ", ".join(map(str, settings.collection_years)) or "(there are none)"
        raise StageFailed(
            f"{year} is not among the collection years {years}. "
            "Add it under [return] collection_years in the settings file and run: countywide run"
        )


def _fingerprint_file(home: Home) -> Path:
    return home.published / "fingerprint.txt"


def _receipts_loaded(home: Home) -> list[str]:
    rows = _ledger(
        home, "receipt", "select distinct receipt_id from {ledger} where status = 'loaded' order by receipt_id"
    )
    return [str(row["receipt_id"]) for row in rows]


def _rows_landed(home: Home) -> int:
    rows = _ledger(
        home, "receipt", "select coalesce(sum(rows_loaded), 0)::bigint as loaded from {ledger} where status = 'loaded'"
    )
    return int(str(rows[0]["loaded"])) if rows else 0


def _ledger(home: Home, table: str, query: str) -> list[dict[str, object]]:
    folder = home.ledger / table
    if not any(folder.glob("*.parquet")):
        return []
    with duck.memory() as connection:
        relation = connection.sql(
            query.format(ledger=f"read_parquet('{duck.quoted(folder)}/*.parquet', union_by_name = true)")
        )
        return [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()]


def _rows_built(database: Path) -> int:
    """Rows of core and the marts, as DuckDB's own catalogue counts them."""
    with duck.reader(database) as connection:
        found = connection.execute(
            "select coalesce(sum(estimated_size), 0)::bigint from duckdb_tables() "
            "where schema_name not in ('spec', 'staging', 'intermediate')"
        ).fetchone()
    return found[0] if found else 0


def _files(folder: Path) -> dict[str, int]:
    return {
        file.relative_to(folder).as_posix(): file.stat().st_size for file in sorted(folder.rglob("*")) if file.is_file()
    }


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
