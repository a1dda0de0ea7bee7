"""A council's home in a temporary folder, and short ways to deliver to it, land it and look at what came of it."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from warehouse import duck, landing
from warehouse.landing import ledger
from warehouse.settings import Home, Settings
from warehouse.specification import extracts


@dataclass
class Council:
    """A home with an inbox. Landing is offline and touches nothing outside it."""

    settings: Settings
    reader: duckdb.DuckDBPyConnection

    @property
    def home(self) -> Home:
        return self.settings.home

    def deliver(self, name: str, content: str | bytes) -> Path:
        """Put a file into the inbox; `name` starts with the source."""
        path = self.home.inbox / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        return path

    def land(self, **changes: Any) -> landing.LandingReport:
        return landing.land(replace(self.settings, **changes))

    def only(self, report: landing.LandingReport) -> landing.Receipt:
        """The one receipt of a report."""
        (receipt,) = report.receipts
        return receipt

    def rows(self, extract: str, columns: str = "*") -> list[dict[str, Any]]:
        """What raw holds of an extract, read as dbt reads it, in file order."""
        source, entity = extract.split(".")
        return self._table(
            f"select {columns} from read_parquet('{self._glob(source, entity)}', union_by_name = true, "
            "hive_partitioning = false) where _receipt_id is not null order by _source_file, _source_row"
        )

    def rejects(self) -> list[dict[str, Any]]:
        return self._table(
            f"select * from read_parquet('{self._glob('_landing', 'reject')}', union_by_name = true) "
            "order by receipt_id, source_row"
        )

    def receipts(self) -> list[ledger.Receipt]:
        return ledger.read_receipts(self.home.ledger)

    def tree(self) -> dict[str, str]:
        """Every file under raw with the hash of its bytes."""
        return {
            path.relative_to(self.home.raw).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(self.home.raw.rglob("*"))
            if path.is_file()
        }

    def _glob(self, *parts: str) -> str:
        return self.home.raw.joinpath(*parts, "**", "*.parquet").as_posix()

    def _table(self, query: str) -> list[dict[str, Any]]:
        return self.reader.sql(query).to_arrow_table().to_pylist()


@pytest.fixture(scope="session")
def reader() -> Iterator[duckdb.DuckDBPyConnection]:
    """What looks at raw: opening a connection is dearer than most of what is asked of it."""
    with duck.memory() as connection:
        connection.execute("set enable_external_file_cache = false")  # a test may write a file anew
        yield connection


@pytest.fixture(scope="session")
def layouts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A raw folder of empty tables, made once: writing it is the slow part of a first landing."""
    home = Home(tmp_path_factory.mktemp("layouts"))
    ledger.write_layouts(home.raw, home.ledger, extracts())
    return home.raw


@pytest.fixture
def council(tmp_path: Path, layouts: Path, reader: duckdb.DuckDBPyConnection) -> Council:
    """A council with nothing in its inbox."""
    home = Home(tmp_path / "home")
    home.inbox.mkdir(parents=True)
    shutil.copytree(layouts, home.raw)
    return Council(Settings(home=home, threads=1), reader)
