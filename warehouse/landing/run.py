"""One landing run: every delivered file, once per content, whatever became of the others."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from warehouse.landing import csv_reader, discover, ledger, writer, xlsx_reader, xml_reader
from warehouse.landing.discover import Delivery, Target
from warehouse.landing.ledger import LANDING_VERSION, Receipt, Reject
from warehouse.landing.quarantine import Quarantine
from warehouse.landing.staged import Staged
from warehouse.settings import Settings
from warehouse.specification import Extract, extracts, sources

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
    `new` holds the ids of those written now; `notes` are lines for people."""

    receipts: tuple[Receipt, ...]
    new: frozenset[str]
    notes: tuple[str, ...]
    failures: tuple[Failure, ...] = ()

    @property
    def quarantined(self) -> tuple[Receipt, ...]:
        return tuple(receipt for receipt in self.receipts if not receipt.is_loaded)

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
                    quarantined=len({receipt.file_name for receipt in mine if not receipt.is_loaded}),
                    received=sum(receipt.rows_received for receipt in mine),
                    loaded=sum(receipt.rows_loaded for receipt in mine),
                    rejected=sum(receipt.rows_rejected for receipt in mine),
                )
            )
        return tuple(found)


class LandingFailed(RuntimeError):
    """Landing met a fault of its own. Every other file was landed; `report` has the whole account."""

    def __init__(self, report: LandingReport) -> None:
        super().__init__("; ".join(str(failure) for failure in report.failures))
        self.report = report


def land(settings: Settings, progress: Progress | None = None) -> LandingReport:
    """Land every file of every source that is switched on. Raises LandingFailed after the last file if a fault was met."""
    return _Run(settings, progress or (lambda line: None)).land()


class _Run:
    def __init__(self, settings: Settings, progress: Progress) -> None:
        self.settings = settings
        self.home = settings.home
        self.progress = progress
        self.known = ledger.read_receipts(self.home.ledger)
        self.outcomes: dict[str, Receipt] = {}
        self.new: set[str] = set()
        self.notes: list[str] = []
        self.failures: list[Failure] = []

    def land(self) -> LandingReport:
        ledger.sweep(self.home.raw)
        ledger.write_layouts(self.home.raw, self.home.ledger, extracts())
        self._note_strays()
        for source in sources().values():
            if not self.settings.source_is_on(source.name):
                continue
            for delivery in discover.deliveries(source, self.home.inbox / source.name, self.settings.as_at):
                self._guarded(delivery)
        report = LandingReport(
            tuple(sorted(self.outcomes.values(), key=lambda r: (r.source, r.file_name, r.entity))),
            frozenset(self.new),
            tuple(self.notes),
            tuple(self.failures),
        )
        if self.failures:
            raise LandingFailed(report)
        return report

    def _guarded(self, delivery: Delivery) -> None:
        try:
            self._deliver(delivery)
        except Exception as error:
            # An error's own text may quote a row, so only its kind and our line of code are passed on.
            frame = traceback.extract_tb(error.__traceback__)[-1]
            failure = Failure(
                delivery.source.name, delivery.name, type(error).__name__, f"{Path(frame.filename).name}:{frame.lineno}"
            )
            self.failures.append(failure)
            self.progress(f"failed: {failure}")

    def _deliver(self, delivery: Delivery) -> None:
        digest = _hash(delivery.path)
        targets = discover.targets(delivery.source, delivery.name)
        earlier = self._earlier(delivery, targets, digest)
        if earlier:
            self._remember(earlier)
            if earlier[0].file_name != delivery.name:
                self._note(f"{_place(delivery)}: same content as {earlier[0].file_name}, already landed; skipped")
            return
        original = self._keep(delivery, digest)
        with self._scratch() as scratch:
            self._land(delivery, targets, digest, original, scratch)

    def _land(self, delivery: Delivery, targets: list[Target], digest: str, original: Path, scratch: Path) -> None:
        kind = delivery.format
        if kind not in delivery.source.meta["formats"]:
            self._quarantine(delivery, None, digest, discover.unknown_file(delivery))
        elif kind == "csv" and targets:
            self._table(
                delivery,
                targets[0],
                digest,
                lambda t: csv_reader.read(delivery.name, original, t.extract, scratch),
                scratch,
            )
        elif kind == "xlsx":
            self._workbook(delivery, targets, digest, original, scratch)
        elif kind == "xml" and targets:
            self._document(delivery, targets, digest, original, scratch)
        else:
            self._quarantine(delivery, None, digest, discover.unknown_file(delivery))

    def _workbook(self, delivery: Delivery, targets: list[Target], digest: str, original: Path, scratch: Path) -> None:
        try:
            with xlsx_reader.opened(delivery.name, original) as workbook:
                sheets = xlsx_reader.sheets(delivery, workbook, targets)
                for target, sheet in sheets:
                    self._table(
                        delivery,
                        target,
                        digest,
                        lambda t, sheet=sheet: xlsx_reader.read(delivery.name, workbook, sheet, t.extract, scratch),
                        scratch,
                    )
        except Quarantine as refusal:
            self._quarantine(delivery, targets[0].extract if targets else None, digest, refusal)

    def _document(self, delivery: Delivery, targets: list[Target], digest: str, original: Path, scratch: Path) -> None:
        try:
            found = xml_reader.read(delivery.name, original, [target.extract for target in targets], scratch)
        except Quarantine as refusal:
            for target in targets:
                self._quarantine(delivery, target.extract, digest, refusal)
            return
        for target in targets:
            staged, constants = found[target.extract.entity]
            self._table(
                delivery, Target(target.extract, target.constants | constants), digest, lambda _, s=staged: s, scratch
            )

    def _table(
        self, delivery: Delivery, target: Target, digest: str, read: Callable[[Target], Staged], scratch: Path
    ) -> None:
        """Read, write and receipt one extract of one file."""
        extract = target.extract
        receipt = self._receipt(delivery, extract, digest)
        name = f"{digest[:16]}-{receipt.receipt_id[:8]}.parquet"
        parquet = (
            self.home.raw
            / extract.source
            / extract.entity
            / f"snapshot_date={receipt.snapshot_date.isoformat()}"
            / name
        )
        try:
            staged = read(target)
            with ledger.replacing(parquet) as temporary:
                written = writer.write(
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
            parquet.unlink(missing_ok=True)
            self._quarantine(delivery, extract, digest, refusal)
            return
        self._finish(
            replace(
                receipt,
                period="/".join(target.constants.get(column, "") for column in extract.period),
                encoding=staged.encoding,
                delimiter=staged.printed_delimiter,
                status="loaded",
                rows_received=written.received,
                rows_loaded=written.loaded,
                rows_rejected=len(written.rejects),
                columns_missing=", ".join(staged.missing),
                columns_ignored=", ".join(staged.ignored),
            ),
            (),
        )

    def _quarantine(self, delivery: Delivery, extract: Extract | None, digest: str, refusal: Quarantine) -> None:
        receipt = replace(
            self._receipt(delivery, extract, digest),
            status="quarantined",
            reason_code=refusal.reason,
            message=refusal.message,
        )
        before = next((r for r in self.known if r.receipt_id == receipt.receipt_id), None)
        if before and replace(before, landed_at=receipt.landed_at) == receipt:
            self._remember([before])  # judged again, and nothing has changed
            self.progress(f"still quarantined: {_place(delivery)} ({refusal.reason})")
            return
        self._finish(receipt, ())

    def _finish(self, receipt: Receipt, rejects: tuple[Reject, ...]) -> None:
        """The receipt comes last: what it stands for is already in place."""
        if not receipt.is_loaded:
            ledger.write_rejects(self.home.ledger, receipt, rejects)
        ledger.write_receipt(self.home.ledger, receipt)
        self._remember([receipt])
        self.new.add(receipt.receipt_id)
        place = f"inbox/{receipt.source}/{receipt.file_name}"
        if receipt.is_loaded:
            self.progress(
                f"landed {place} as {receipt.source}.{receipt.entity}: {receipt.rows_received} received, "
                f"{receipt.rows_loaded} loaded, {receipt.rows_rejected} rejected"
            )
        else:
            self.progress(f"quarantined {place}: {receipt.message}")

    def _receipt(self, delivery: Delivery, extract: Extract | None, digest: str) -> Receipt:
        entity = extract.entity if extract else ""
        return Receipt(
            receipt_id=ledger.receipt_id(delivery.source.name, entity, delivery.snapshot_date, delivery.name, digest),
            source=delivery.source.name,
            entity=entity,
            file_name=delivery.name,
            file_hash=digest,
            file_bytes=delivery.path.stat().st_size,
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
            for receipt in self.known + list(self.outcomes.values())
            if receipt.source == delivery.source.name
            and receipt.file_hash == digest
            and self._is_same_delivery(receipt, delivery, targets)
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
            other.is_loaded
            and (other.source, other.entity, other.snapshot_date, other.file_name)
            == (receipt.source, receipt.entity, receipt.snapshot_date, receipt.file_name)
            and other.landed_at > receipt.landed_at
            and other.file_hash != receipt.file_hash
            for other in self.known
        )
        return (
            receipt.is_loaded
            and not later
            and receipt.landing_version == LANDING_VERSION
            and receipt.layout_version == delivery.source.meta["layout_version"]
        )

    def _keep(self, delivery: Delivery, digest: str) -> Path:
        """The bytes as delivered, once, named by their hash; landing reads this copy and not the inbox."""
        original = self.home.originals / f"{digest}{delivery.path.suffix.lower()}"
        if not original.is_file():
            with ledger.replacing(original) as temporary:
                shutil.copyfile(delivery.path, temporary)
                if _hash(temporary) != digest:
                    raise OSError("the file changed while it was read; run again when its sender has finished")
        return original

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
                    f"inbox/{path.name} is no declared source: nothing in it is read. Sources: {', '.join(sources())}."
                )
            elif path.is_file() and not discover.is_ignored(path.name):
                self._note(f"inbox/{path.name} lies outside the folder of its source and is not read. Move it there.")

    def _remember(self, receipts: list[Receipt]) -> None:
        self.outcomes.update({receipt.receipt_id: receipt for receipt in receipts})

    def _note(self, line: str) -> None:
        self.notes.append(line)
        self.progress(line)


def _hash(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _place(delivery: Delivery) -> str:
    return f"inbox/{delivery.source.name}/{delivery.name}"
