"""One landing run: every delivered file, once per content, whatever became of the others."""

from __future__ import annotations

import errno
import hashlib
import shutil
import tempfile
import time
import traceback
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

import duckdb

from warehouse import duck
from warehouse.landing import (
    csv_reader,
    discover,
    geojson_reader,
    ledger,
    mapped,
    returned,
    writer,
    xlsx_reader,
    xml_reader,
)
from warehouse.landing.discover import Delivery, Target
from warehouse.landing.ledger import LANDING_VERSION, Receipt
from warehouse.landing.quarantine import Quarantine
from warehouse.landing.returned import Parcel
from warehouse.landing.staged import Staged
from warehouse.profiles import known
from warehouse.settings import Settings
from warehouse.specification import CASE_SYSTEM, Extract, extracts, sources

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Failure:
    """A fault of ours while landing one file: its name, the kind of error and where in the code; never a row."""

    source: str
    file_name: str
    error: str
    where: str

    def __str__(self) -> str:
        return f"inbox/{self.source}/{self.file_name}: {self.error} at {self.where}"


@dataclass(frozen=True)
class Left:
    """A file that could not be read whole just now, and why. Nothing of it counts; the next run tries again."""

    source: str
    file_name: str
    why: str

    def __str__(self) -> str:
        return f"inbox/{self.source}/{self.file_name} is left for the next run: {self.why}"


@dataclass(frozen=True)
class SourceTotal:
    """What one source delivered: files lying in the inbox, files new in this run, files quarantined, and rows."""

    source: str
    files: int
    new: int
    quarantined: int
    received: int
    loaded: int
    rejected: int


@dataclass(frozen=True)
class LandingReport:
    """What came of every file in the inbox. `receipts` has one row per file and extract, also of earlier runs;
    `new` holds the ids of those written now; `left` are files in use, which have none; `notes` are lines for people."""

    receipts: tuple[Receipt, ...]
    new: frozenset[str]
    notes: tuple[str, ...]
    failures: tuple[Failure, ...] = ()
    left: tuple[Left, ...] = ()

    @property
    def quarantined(self) -> tuple[Receipt, ...]:
        return tuple(receipt for receipt in self.receipts if receipt.is_quarantined)

    @property
    def totals(self) -> tuple[SourceTotal, ...]:
        """One row per source that delivered anything, by name."""
        found = []
        for source in sorted({receipt.source for receipt in self.receipts}):
            mine = [receipt for receipt in self.receipts if receipt.source == source]
            found.append(
                SourceTotal(
                    source=source,
                    files=len({receipt.file_name for receipt in mine}),
                    new=len({receipt.file_name for receipt in mine if receipt.receipt_id in self.new}),
                    quarantined=len({receipt.file_name for receipt in mine if receipt.is_quarantined}),
                    received=sum(receipt.rows_received for receipt in mine),
                    loaded=sum(receipt.rows_loaded for receipt in mine),
                    rejected=sum(receipt.rows_rejected for receipt in mine),
                )
            )
        return tuple(found)


class NotReadNow(Exception):
    """A file of the inbox cannot be read whole just now. The text says why and how to mend it."""


CHANGING = "it was still being written. Run again when the copy is whole."
IN_USE = (
    "it cannot be opened. Close it in the other program (Excel locks what it has open), or ask for the right to read "
    "it."
)
GONE = "it was there when the inbox was listed, and is there no more. Put it back whole if it was moved by mistake."

# Seconds between tries at a file in use: a virus scanner or a copy that ends lets go of it soon, a person does not.
WAITS = (0.5, 1.0, 2.0)
# What a system says of a file that somebody else holds; Windows says that permission is denied.
_HELD = (errno.EACCES, errno.EPERM, errno.EBUSY, errno.EAGAIN, errno.ETXTBSY, errno.EDEADLK)
# What stands behind the last point of a name may be as long as a name can be, and a hash is before it.
_LONGEST_SUFFIX = 16


class LandingFailed(RuntimeError):
    """Landing met a fault of its own. Every other file was landed; `report` has the whole account."""

    def __init__(self, report: LandingReport) -> None:
        super().__init__("; ".join(str(failure) for failure in report.failures))
        self.report = report


def land(settings: Settings, progress: Progress | None = None) -> LandingReport:
    """Land every file of every source that is switched on.

    A file in use is tried again after each of WAITS, then left for the next run. Raises LandingFailed after the last
    file if a fault of ours was met; what could be landed has landed. Raises ProfileError at once if a profile of the
    council's is not sound.
    """
    with ExitStack() as open_things:
        return _Run(settings, progress or (lambda line: None), open_things).land()


class _Run:
    def __init__(self, settings: Settings, progress: Progress, open_things: ExitStack) -> None:
        self.settings = settings
        self.open_things = open_things
        self.connection: duckdb.DuckDBPyConnection | None = None
        self.home = settings.home
        self.progress = progress
        self.known = {receipt.receipt_id: receipt for receipt in ledger.read_receipts(self.home.ledger)}
        self.by_content: dict[tuple[str, str], list[Receipt]] = defaultdict(list)
        self.by_name: dict[tuple[str, str, date, str], list[Receipt]] = defaultdict(list)
        for receipt in self.known.values():
            self.by_content[receipt.source, receipt.file_hash].append(receipt)
            self.by_name[_named(receipt)].append(receipt)
        self.outcomes: dict[str, Receipt] = {}
        self.new: set[str] = set()
        self.notes: list[str] = []
        self.failures: list[Failure] = []
        self.left: list[Left] = []

    def land(self) -> LandingReport:
        ledger.sweep(self.home.raw)
        for leftover in self.home.work.glob("landing-*"):
            shutil.rmtree(leftover)
        ledger.write_layouts(self.home.raw, self.home.ledger, extracts())
        self._note_strays()
        profiles = known(self.home.root)
        for source in sources().values():
            if not self.settings.source_is_on(source.name):
                continue
            delivered = discover.deliveries(source, self.home.inbox / source.name, self.settings.as_at)
            if source.meta.get("reader") == "return":
                for parcel in returned.parcels(source, delivered):
                    self._guarded(parcel.deliveries[0], partial(self._deliver_return, parcel))
                continue
            others = mapped.parcels(source, delivered, [each for each in profiles if each.source == source.name])
            for parcel in others:
                self._guarded(parcel.deliveries[0], partial(self._deliver_mapped, parcel))
            by_profile = {delivery.name for parcel in others for delivery in parcel.deliveries}
            for delivery in delivered:
                if delivery.name not in by_profile:
                    self._guarded(delivery, partial(self._deliver, delivery))
        report = LandingReport(
            tuple(sorted(self.outcomes.values(), key=lambda r: (r.source, r.file_name, r.entity))),
            frozenset(self.new),
            tuple(self.notes),
            tuple(self.failures),
            tuple(self.left),
        )
        if self.failures:
            raise LandingFailed(report)
        return report

    def _guarded(self, delivery: Delivery, deliver: Callable[[], None]) -> None:
        try:
            self._patiently(delivery, deliver)
        except NotReadNow as error:
            self.left.append(Left(delivery.source.name, delivery.name, str(error)))
            self.progress(str(self.left[-1]))
        except Exception as error:
            # An error's own text may quote a row, so only its kind and our line of code are passed on.
            frame = traceback.extract_tb(error.__traceback__)[-1]
            failure = Failure(
                delivery.source.name, delivery.name, type(error).__name__, f"{Path(frame.filename).name}:{frame.lineno}"
            )
            self.failures.append(failure)
            self.progress(f"failed: {failure}")

    def _patiently(self, delivery: Delivery, deliver: Callable[[], None]) -> None:
        """Deliver, and again after each of WAITS while a file is in use. Until its receipts are written nothing counts,
        so that a second try finds nothing of the first."""
        for wait in WAITS:
            try:
                return deliver()
            except NotReadNow:
                self.progress(f"{_place(delivery)} is in use; trying again in {wait:g} s")
                time.sleep(wait)
        return deliver()

    def _deliver(self, delivery: Delivery) -> None:
        digest = _digest(delivery)
        targets = discover.targets(delivery.source, delivery.name)
        earlier = self._earlier(delivery, targets, digest)
        if earlier:
            self._remember(earlier)
            if earlier[0].file_name != delivery.name:
                self._note(f"{_place(delivery)}: same content as {earlier[0].file_name}, already landed; skipped")
            return
        if not targets and (why := discover.known_not_used(delivery.source, delivery.name)):
            # No copy is kept: what nobody reads is not to be held twice.
            receipt = self._unread(delivery, None, digest, status="not_used", reason_code="known", message=why)
            self._finish(delivery, delivery.name, digest, [receipt])
            return
        original = self._keep(delivery, digest)
        with self._scratch() as scratch:
            receipts = self._land(delivery, targets, digest, original, scratch)
        self._finish(delivery, delivery.name, digest, receipts)

    def _finish(self, delivery: Delivery, name: str, digest: str, receipts: list[Receipt]) -> None:
        fresh = [receipt for receipt in receipts if self.known.get(receipt.receipt_id) != receipt]
        if fresh:
            # The receipts of a file come last and together: until then nothing of it counts.
            file = ledger.receipt_id(delivery.source.name, "", delivery.snapshot_date, name, digest)
            ledger.write_receipts(self.home.ledger, file, receipts)
        self._remember(receipts)
        self.new.update(receipt.receipt_id for receipt in fresh)
        for receipt in fresh:
            # The same content further down the inbox is then known.
            self.by_content[receipt.source, receipt.file_hash].append(receipt)
        for receipt in receipts:
            self.progress(_line(receipt, receipt in fresh))

    def _deliver_return(self, parcel: Parcel) -> None:
        """One return: a file, or the nine of an export, whose rows lead to each other and so land together."""
        digests = {delivery.name: _digest(delivery) for delivery in parcel.deliveries}
        whole = "".join(digests.values())
        if len(digests) > 1:
            whole = hashlib.sha256(whole.encode()).hexdigest()
        first = parcel.deliveries[0]
        named = [(delivery, entity) for entity, delivery in parcel.files.items()]
        receipts = self._earlier_whole(first, named, digests, whole)
        if receipts:
            self._remember(receipts)
        else:
            originals = {each.name: self._keep(each, digests[each.name]) for each in parcel.deliveries}
            with self._scratch() as scratch:
                receipts = self._land_return(parcel, digests, whole, originals, scratch)
            self._finish(first, parcel.name, whole, receipts)
        told = [receipt.entity for receipt in receipts if receipt.is_loaded and receipt.message]
        if told:
            self._note(f"{_place(first)}: not all is as it should be in {', '.join(told)}; countywide status says what")
        year = receipts[0].period
        if year in map(str, self.settings.collection_years) and not self._case_system_has_landed():
            self._note(
                f"{_place(first)}: the case system has delivered nothing, so no return is made here, and the return of "
                f"{year} stands as it was sent."
            )
        elif year in map(str, self.settings.collection_years):
            self._note(
                f"{_place(first)}: the return of {year} as it was sent. This home makes {year} itself, so what was "
                f"sent is only what {int(year) + 1} is held against (SEN2-X03 to X06). Take {year} out of "
                "collection_years to see its own findings and tables."
            )

    def _case_system_has_landed(self) -> bool:
        """Sources land in the order of their names, so it has had its turn before a return has."""
        return any(receipt.source == CASE_SYSTEM and receipt.is_loaded for receipt in self.outcomes.values())

    def _land_return(
        self, parcel: Parcel, digests: dict[str, str], whole: str, originals: dict[str, Path], scratch: Path
    ) -> list[Receipt]:
        extracts = {extract.entity: extract for extract in parcel.deliveries[0].source.extracts}
        try:
            if not parcel.files.keys() <= extracts.keys():
                raise discover.unknown_file(parcel.deliveries[0])
            found = returned.read_parcel(parcel, originals, parcel.deliveries[0].source, self.settings.la_code, scratch)
        except Quarantine as refusal:
            return [
                self._quarantined(delivery, extracts.get(entity), digests[delivery.name], refusal, whole)
                for entity, delivery in parcel.files.items()
            ]
        receipts = []
        for entity, delivery in parcel.files.items():
            target = Target(extracts[entity], {"collection_year": str(found.year)})
            reading = partial(found.tables.__getitem__, entity)
            receipt = self._table(delivery, target, digests[delivery.name], reading, scratch, whole)
            receipts.append(replace(receipt, message=found.told.get(entity, "")))
        return receipts

    def _earlier_whole(
        self, first: Delivery, named: list[tuple[Delivery, str]], digests: dict[str, str], whole: str
    ) -> list[Receipt]:
        """The receipts that say that these very files, read in this very way, have landed; none if any of it was
        refused or has to land anew. `named` has the file and extract of each.

        An undated one keeps the day it first landed under.
        """
        same = self.by_content[first.source.name, digests[first.name]]
        for day in sorted({receipt.snapshot_date for receipt in same}, reverse=True):
            if day != first.snapshot_date and (first.is_dated or day > first.snapshot_date):
                continue
            ids = [ledger.receipt_id(first.source.name, entity, day, its.name, whole) for its, entity in named]
            known = [self.known[id_] for id_ in ids if id_ in self.known]
            if len(known) == len(ids) and all(self._stands(receipt, first) for receipt in known):
                return known
        return []

    def _deliver_mapped(self, parcel: mapped.Parcel) -> None:
        """The files of one delivery in a council's own layout, which a profile reads together."""
        first = parcel.deliveries[0]
        digests = {delivery.name: _digest(delivery) for delivery in parcel.deliveries}
        whole = parcel.whole(digests)
        receipts = self._earlier_whole(first, parcel.receipts(), digests, whole)
        if receipts:
            self._remember(receipts)
            return
        originals = {each.name: self._keep(each, digests[each.name]) for each in parcel.deliveries}
        with self._scratch() as scratch:
            receipts = self._land_mapped(parcel, digests, whole, originals, scratch)
        for delivery in parcel.deliveries:
            mine = [receipt for receipt in receipts if receipt.file_name == delivery.name]
            self._finish(delivery, delivery.name, whole, mine)

    def _land_mapped(
        self, parcel: mapped.Parcel, digests: dict[str, str], whole: str, originals: dict[str, Path], scratch: Path
    ) -> list[Receipt]:
        source = parcel.deliveries[0].source
        entities = {extract.entity: extract for extract in source.extracts}
        receipts = []
        with mapped.read(self._connection(), self.settings, parcel, originals, source, scratch) as outcomes:
            for delivery, entity in parcel.receipts():
                outcome, extract = outcomes[delivery.name, entity], entities[entity]
                stamp = parcel.profile.stamp
                if outcome.refusal:
                    refused = self._quarantined(
                        delivery, extract, digests[delivery.name], outcome.refusal, whole, stamp
                    )
                    receipts.append(refused)
                    continue
                receipt = replace(
                    self._receipt(delivery, extract, digests[delivery.name], whole),
                    status="loaded",
                    period=outcome.period,
                    encoding=outcome.staged.encoding if outcome.staged else "",
                    delimiter=outcome.staged.printed_delimiter if outcome.staged else "",
                    rows_received=outcome.received,
                    rows_loaded=outcome.loaded,
                    rows_rejected=len(outcome.rejects),
                    columns_missing=", ".join(outcome.staged.missing) if outcome.staged else "",
                    columns_ignored=", ".join(outcome.staged.ignored) if outcome.staged else "",
                    profile=stamp,
                    rows_made=outcome.made,
                    rows_elsewhere=outcome.elsewhere,
                )
                with ledger.replacing(ledger.parquet_file(self.home.raw, receipt)) as temporary:
                    writer.adopt(self._connection(), extract, receipt, outcome.parquets, temporary)
                    ledger.write_rejects(self.home.ledger, receipt, outcome.rejects)
                receipts.append(receipt)
        return receipts + self._emptied(parcel, receipts)

    def _emptied(self, parcel: mapped.Parcel, receipts: list[Receipt]) -> list[Receipt]:
        """What the same files fed when they were read otherwise, and feed no more: as of now nothing."""
        now = {_named(receipt) for receipt in receipts}
        found = []
        for delivery in parcel.deliveries:
            for extract in delivery.source.extracts:
                name = delivery.source.name, extract.entity, delivery.snapshot_date, delivery.name
                before = [receipt for receipt in self.by_name[name] if receipt.is_loaded and receipt.rows_made]
                if name in now or not before:
                    continue
                receipt = replace(
                    self._receipt(delivery, extract, before[-1].file_hash, parcel.profile.hash),
                    status="loaded",
                    period=before[-1].period,
                    message="As it is read now, nothing of this file is of this extract.",
                    profile=parcel.profile.stamp,
                )
                with ledger.replacing(ledger.parquet_file(self.home.raw, receipt)) as temporary:
                    writer.adopt(self._connection(), extract, receipt, [], temporary)
                found.append(receipt)
        return found

    def _land(
        self, delivery: Delivery, targets: list[Target], digest: str, original: Path, scratch: Path
    ) -> list[Receipt]:
        """Land one file by its kind: one receipt per extract that it holds or claims to hold."""
        try:
            if delivery.format not in delivery.source.meta["formats"] or not (targets or delivery.format == "xlsx"):
                raise discover.unknown_file(delivery)
            match delivery.format:
                case "csv":
                    return [
                        self._table(
                            delivery,
                            targets[0],
                            digest,
                            lambda: csv_reader.read(delivery.name, original, targets[0].extract, scratch),
                            scratch,
                        )
                    ]
                case "geojson":
                    return [
                        self._table(
                            delivery,
                            targets[0],
                            digest,
                            lambda: geojson_reader.read(delivery.name, original, targets[0].extract, scratch),
                            scratch,
                        )
                    ]
                case "xlsx":
                    return self._workbook(delivery, targets, digest, original, scratch)
                case _:
                    return self._document(delivery, targets, digest, original, scratch)
        except Quarantine as refusal:
            if not targets:
                return [self._quarantined(delivery, None, digest, refusal)]
            return [
                self._quarantined(delivery, each.extract, digest, refusal, period=_period(each)) for each in targets
            ]

    def _workbook(
        self, delivery: Delivery, targets: list[Target], digest: str, original: Path, scratch: Path
    ) -> list[Receipt]:
        receipts = []
        with xlsx_reader.opened(delivery.name, original) as workbook:
            sheets = xlsx_reader.sheets(delivery, workbook, targets)
            for target, sheet in sheets:
                reading = partial(xlsx_reader.read, delivery.name, workbook, sheet, target.extract, scratch)
                receipts.append(self._table(delivery, target, digest, reading, scratch))
            unread = xlsx_reader.unread(workbook, [sheet for _, sheet in sheets])
        if unread:
            refusal = Quarantine(
                "unknown_sheet",
                f"{delivery.name}: sheet {', '.join(map(str, unread))} is no declared extract and was not read. "
                f"Name it after its extract ({', '.join(e.entity for e in delivery.source.extracts)}), or delete it.",
            )
            receipts.append(self._quarantined(delivery, None, digest, refusal))
        return receipts

    def _document(
        self, delivery: Delivery, targets: list[Target], digest: str, original: Path, scratch: Path
    ) -> list[Receipt]:
        found = xml_reader.read(delivery.name, original, [target.extract for target in targets], scratch)
        receipts = []
        for target in targets:
            staged, constants = found[target.extract.entity]
            # What its name does not say each row of a document can say.
            of_name = {name: value for name, value in target.constants.items() if value or name not in staged.fields}
            whole = Target(target.extract, of_name | constants)
            receipts.append(self._table(delivery, whole, digest, lambda staged=staged: staged, scratch))
        return receipts

    def _table(
        self,
        delivery: Delivery,
        target: Target,
        digest: str,
        read: Callable[[], Staged],
        scratch: Path,
        whole: str = "",
    ) -> Receipt:
        """Read and write one extract of one file: Parquet and rejects are in place when this returns."""
        extract = target.extract
        receipt = self._receipt(delivery, extract, digest, whole)
        before = self.known.get(receipt.receipt_id)
        if before and self._stands(before, delivery):
            return before
        parquet = ledger.parquet_file(self.home.raw, receipt)
        try:
            staged = read()
            with ledger.replacing(parquet) as temporary:
                written = writer.write(
                    self._connection(),
                    self.settings,
                    staged,
                    extract,
                    receipt,
                    target.constants,
                    temporary,
                    lambda odd: csv_reader.sieve(delivery.name, odd, scratch),
                )
                ledger.write_rejects(self.home.ledger, receipt, written.rejects)
        except Quarantine as refusal:
            return self._quarantined(delivery, extract, digest, refusal, whole, period=_period(target))
        return replace(
            receipt,
            period=_period(target),
            encoding=staged.encoding,
            delimiter=staged.printed_delimiter,
            status="loaded",
            rows_received=written.received,
            rows_loaded=written.loaded,
            rows_rejected=len(written.rejects),
            rows_made=written.loaded,
            columns_missing=", ".join(staged.missing),
            columns_ignored=", ".join(staged.ignored),
        )

    def _quarantined(
        self,
        delivery: Delivery,
        extract: Extract | None,
        digest: str,
        refusal: Quarantine,
        whole: str = "",
        profile: str = "",
        period: str = "",
    ) -> Receipt:
        """The receipt of a file refused whole; its period where the file's name says it."""
        verdict = {
            "status": "quarantined",
            "reason_code": refusal.reason,
            "message": refusal.message,
            "profile": profile,
            "period": period,
        }
        return self._unread(delivery, extract, digest, whole, **verdict)

    def _unread(
        self, delivery: Delivery, extract: Extract | None, digest: str, whole: str = "", **verdict: str
    ) -> Receipt:
        """The receipt of a file of which no row is loaded; the one of an earlier run if the verdict is the same."""
        receipt = replace(self._receipt(delivery, extract, digest, whole), **verdict)
        before = self.known.get(receipt.receipt_id)
        if before and replace(before, landed_at=receipt.landed_at) == receipt:
            return before
        ledger.write_rejects(self.home.ledger, receipt, ())
        return receipt

    def _receipt(self, delivery: Delivery, extract: Extract | None, digest: str, whole: str = "") -> Receipt:
        """`whole` is the hash of all that a file is read with, where that is more than its own bytes."""
        entity = extract.entity if extract else ""
        with _reading(delivery):
            size = delivery.path.stat().st_size
        return Receipt(
            receipt_id=ledger.receipt_id(
                delivery.source.name, entity, delivery.snapshot_date, delivery.name, whole or digest
            ),
            source=delivery.source.name,
            entity=entity,
            file_name=delivery.name,
            file_hash=digest,
            file_bytes=size,
            snapshot_date=delivery.snapshot_date,
            period="",
            layout_version=delivery.source.meta["layout_version"],
            encoding="",
            delimiter="",
            status="",
            reason_code="",
            message="",
            rows_received=0,
            rows_loaded=0,
            rows_rejected=0,
            columns_missing="",
            columns_ignored="",
            landed_at=datetime.now(UTC).replace(tzinfo=None),
            landing_version=LANDING_VERSION,
        )

    def _earlier(self, delivery: Delivery, targets: list[Target], digest: str) -> list[Receipt]:
        """The receipts that say that this content has landed; none if any of it was refused or has to land anew."""
        same = [
            receipt
            for receipt in self.by_content[delivery.source.name, digest]
            if self._is_same_delivery(receipt, delivery, targets)
        ]
        for name in sorted({receipt.file_name for receipt in same}, key=lambda n: (n != delivery.name, n)):
            mine = list({r.receipt_id: r for r in same if r.file_name == name}.values())
            dates = {receipt.snapshot_date for receipt in mine}
            first = [receipt for receipt in mine if receipt.snapshot_date == max(dates)]
            if all(self._stands(receipt, delivery) for receipt in first):
                return first
        return []

    def _is_same_delivery(self, receipt: Receipt, delivery: Delivery, targets: list[Target]) -> bool:
        """Same date (an undated file keeps the date it landed under), and a name that says the same."""
        if delivery.is_dated and receipt.snapshot_date != delivery.snapshot_date:
            return False
        if receipt.snapshot_date > delivery.snapshot_date:
            return False
        return receipt.file_name == delivery.name or discover.targets(delivery.source, receipt.file_name) == targets

    def _stands(self, receipt: Receipt, delivery: Delivery) -> bool:
        """Loaded by this version, its Parquet in place, and no later content landed under the same name since."""
        later = any(
            other.is_loaded and other.landed_at > receipt.landed_at and other.receipt_id != receipt.receipt_id
            for other in self.by_name[_named(receipt)]
        )
        return (
            receipt.is_loaded
            and ledger.parquet_file(self.home.raw, receipt).is_file()
            and not later
            and receipt.landing_version == LANDING_VERSION
            and receipt.layout_version == delivery.source.meta["layout_version"]
        )

    def _keep(self, delivery: Delivery, digest: str) -> Path:
        """The bytes as delivered, once, named by their hash; landing reads this copy and not the inbox."""
        suffix = delivery.path.suffix.lower()
        original = self.home.originals / f"{digest}{suffix if len(suffix) <= _LONGEST_SUFFIX else ''}"
        if not original.is_file():
            with ledger.replacing(original) as temporary:
                with _reading(delivery):
                    shutil.copyfile(delivery.path, temporary)
                if _hash(temporary) != digest:
                    raise NotReadNow(CHANGING)
        return original

    def _connection(self) -> duckdb.DuckDBPyConnection:
        """One connection for the run, for opening one is dearer than a small file; a new one if a file broke it."""
        try:
            if self.connection:
                self.connection.execute("select 1").fetchall()
        except duckdb.Error:
            self.connection = None
        if not self.connection:
            spill = self.home.work / "spill"
            new = duck.memory(self.settings.threads, self.settings.memory, spill)
            self.connection = self.open_things.enter_context(new)
        return self.connection

    @contextmanager
    def _scratch(self) -> Iterator[Path]:
        self.home.work.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="landing-", dir=self.home.work) as folder:
            yield Path(folder)

    def _note_strays(self) -> None:
        """Files that lie where no source looks."""
        if not self.home.inbox.is_dir():
            self._note(f"There is no inbox at {self.home.inbox}; make one with 'countywide init'.")
            return
        for path in sorted(self.home.inbox.iterdir()):
            if path.is_dir() and path.name not in sources():
                self._note(
                    f"inbox/{discover.printable(path.name)} is no declared source: nothing in it is read. "
                    f"Sources: {', '.join(sources())}."
                )
            elif path.is_file() and not discover.is_ignored(path.name):
                name = discover.printable(path.name)
                self._note(f"inbox/{name} lies outside the folder of its source and is not read. Move it there.")
            elif path.is_dir():
                for name, why in discover.passed_over(path):
                    self._note(f"inbox/{path.name}/{name} is not read: {why}.")

    def _remember(self, receipts: list[Receipt]) -> None:
        self.outcomes.update({receipt.receipt_id: receipt for receipt in receipts})

    def _note(self, line: str) -> None:
        self.notes.append(line)
        self.progress(line)


def _named(receipt: Receipt) -> tuple[str, str, date, str]:
    """What a later content replaces: the same extract, day and file name."""
    return receipt.source, receipt.entity, receipt.snapshot_date, receipt.file_name


def _period(target: Target) -> str:
    return "/".join(target.constants.get(column, "") for column in target.extract.period).rstrip("/")


def _digest(delivery: Delivery) -> str:
    with _reading(delivery):
        return _hash(delivery.path)


@contextmanager
def _reading(delivery: Delivery) -> Iterator[None]:
    """Reading a file of the inbox. Raises NotReadNow where somebody else holds it or it has gone."""
    try:
        yield
    except OSError as error:
        if error.filename not in (None, str(delivery.path)):  # of the copy that we write
            raise
        if error.errno in _HELD:
            raise NotReadNow(IN_USE) from None
        if not delivery.path.exists():
            raise NotReadNow(GONE) from None
        raise


def _hash(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _place(delivery: Delivery) -> str:
    return f"inbox/{delivery.source.name}/{delivery.name}"


def _line(receipt: Receipt, is_fresh: bool) -> str:
    place = f"inbox/{receipt.source}/{receipt.file_name}"
    if receipt.is_loaded:
        return (
            f"{'landed' if is_fresh else 'unchanged'} {place} as {receipt.source}.{receipt.entity}: "
            f"{receipt.rows_received} received, {receipt.rows_loaded} loaded, {receipt.rows_rejected} rejected"
        )
    if not receipt.is_quarantined:
        return f"not used {place}: {receipt.message}"
    return f"{'quarantined' if is_fresh else 'still quarantined'} {place}: {receipt.message}"
