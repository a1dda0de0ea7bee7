"""A run that is killed at any point leaves yesterday's warehouse whole, and the next run finishes the work.

From the same files it comes to the same bytes, and a file that stays the same is not written again."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import duckdb
import pytest

from warehouse import duck, pipeline
from warehouse.settings import REPOSITORY, Settings

if TYPE_CHECKING:
    from tests.conftest import County

# The real command in a process that dies the hard way at a chosen point: no handler, no clean-up.
RUN = "import sys; from warehouse import cli; sys.exit(cli.main(['run', '--force', '--home', sys.argv[1]]))"
KILL_WHILE_DBT_BUILDS = """
import itertools, os
from warehouse import build
real = build.run
def dying(settings, database, command=("build",), progress=None):
    nodes = itertools.count(1)
    return real(settings, database, command, lambda *_: next(nodes) == 80 and os._exit(137))
build.run = dying
"""
KILL_BEFORE_PUBLISHING = """
import os
from warehouse import pipeline
pipeline.publish = lambda *_: os._exit(137)
"""
KILLED = 137
# The keys given by the first build are entered in the register when it is published, so the second one reads them.
REGISTER = {"staging.stg_person__register", "intermediate.int_person__cluster"}


@pytest.fixture(scope="module")
def home(county: County, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Yesterday's finished county."""
    root = tmp_path_factory.mktemp("kill") / "home"
    shutil.copytree(county.home.root, root)
    return Settings.read(root)


def test_killed_twice_then_finished(home: Settings) -> None:
    yesterday = _swapped(home.home.database)
    receipts = pipeline.receipts(home.home)
    look_back = home.home.published / "returns/sen2/2026-as-at-2026-12-15/collect/Blade-Export_15-12-2026_person.csv"
    look_back.parent.mkdir(parents=True)
    look_back.write_text("drawn by hand", encoding="utf-8")
    published, rows = _files(home.home.published), _rows(home.home.database)
    stale = home.home.published / "returns/sen2/2026/collect/Blade-Export_01-12-2026_person.csv"
    stale.write_text("of another day", encoding="utf-8")

    assert _python(KILL_WHILE_DBT_BUILDS + RUN, home).returncode == KILLED
    assert (home.home.work / "build" / "warehouse.duckdb").exists(), "it was not killed while it built"
    assert _swapped(home.home.database) == yesterday

    assert _python(KILL_BEFORE_PUBLISHING + RUN, home).returncode == KILLED
    assert _swapped(home.home.database) == yesterday
    assert _plans(home.home.database) > 0

    # The second run did not stumble over what the first left, and its build is whole: it only has to be published.
    # Rows lie in no order of theirs in a table, and what is published may not hang on how they came to lie.
    _shuffle(home.home.work / "build" / "warehouse.duckdb")
    with pipeline.exclusive(home.home) as workshop:
        list(pipeline.deliver(home, workshop, lambda _line: None))
    assert _swapped(home.home.database) != yesterday
    assert _plans(home.home.database) > 0
    assert not (home.home.work / "build" / "warehouse.duckdb").exists(), "a leftover stayed"
    assert pipeline.is_current(home)
    assert pipeline.receipts(home.home) == receipts, "a file was landed twice or lost"

    # All that is published; of the database file the rows, since DuckDB lays out its pages as it likes. What is the
    # same is not written again, but for the note of the fingerprint, which comes last.
    after, again = _files(home.home.published), _rows(home.home.database)
    assert published.keys() == after.keys(), "an export of another day goes, a look back stays"
    assert sum(name.startswith("parquet/") for name in published) > 40
    assert " ".join(name for name in published if published[name].sha256 != after[name].sha256) == ""
    assert {name for name in published if published[name].written != after[name].written} <= {"fingerprint.txt"}
    assert not (home.home.work / "publish").exists()
    # What the first publication wrote down of itself is of this day, and no figure of before.
    assert {name for name in rows if rows[name] != again[name]} == REGISTER
    assert list(home.home.reported.glob(f"{home.as_at}.parquet"))
    assert (
        again["staging.stg_person__register"]
        == rows["core.bridge_person_identity"][:1] + again["staging.stg_person__register"][1:]
    )
    assert again["intermediate.int_person__cluster"][0] == rows["intermediate.int_person__cluster"][0]


def test_a_warehouse_that_was_not_noted_is_built_again(home: Settings) -> None:
    """Killed between the swap and the note: the warehouse is whole, and the next run makes sure."""
    (home.home.published / "fingerprint.txt").unlink(missing_ok=True)
    assert not pipeline.is_current(home)


def test_a_reader_keeps_the_warehouse_it_opened(county: County, tmp_path: Path) -> None:
    """Who has yesterday's file open goes on reading yesterday's; who opens it now reads today's."""
    if os.name == "nt":
        pytest.skip("Windows does not replace a file that is open: there the swap asks for it to be closed")
    old = tmp_path / "countywide.duckdb"
    new = tmp_path / "new.duckdb"
    shutil.copyfile(county.database, old)
    duck.create(new)
    count = "select count(*) from duckdb_tables()"
    with duck.reader(old) as reader:
        before = reader.execute(count).fetchone()
        new.replace(old)
        assert reader.execute(count).fetchone() == before
        assert reader.execute("select count(*) from core.fct_plan").fetchone()[0] > 0
    with duck.reader(old) as reader:
        assert reader.execute(count).fetchone() == (0,)


def _python(script: str, settings: Settings) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", script, str(settings.home.root)],
        capture_output=True,
        text=True,
        cwd=REPOSITORY,
        check=False,
        timeout=600,
    )


def _swapped(file: Path) -> tuple[int, int, int]:
    """Another one for another file under the name, be its bytes the same."""
    its = file.stat()
    return its.st_ino, its.st_mtime_ns, its.st_size


class _File(NamedTuple):
    sha256: str
    written: int


def _files(folder: Path) -> dict[str, _File]:
    return {
        file.relative_to(folder).as_posix(): _File(
            hashlib.sha256(file.read_bytes()).hexdigest(), file.stat().st_mtime_ns
        )
        for file in sorted(folder.rglob("*"))
        if file.is_file() and file.suffix != ".duckdb"
    }


def _shuffle(database: Path) -> None:
    """The same rows in every table that is published from, in another order."""
    with duckdb.connect(str(database)) as connection:
        for schema, table in connection.execute(
            "select schema_name, table_name from duckdb_tables() "
            "where schema_name in ('core', 'sen2', 'equity', 'inspection', 'quality', 'spec') order by all"
        ).fetchall():
            name = f'"{schema}"."{table}"'
            connection.execute(f"create or replace table {name} as select * from {name} as t order by hash(t)")


def _rows(database: Path) -> dict[str, tuple[int, str]]:
    """Per table its number of rows and a hash of them all, whatever their order."""
    with duck.reader(database) as connection:
        tables = connection.execute("select schema_name, table_name from duckdb_tables() order by all").fetchall()
        return {
            f"{schema}.{table}": connection.execute(
                f'select count(*), coalesce(sum(hash(t))::varchar, \'\') from "{schema}"."{table}" as t'
            ).fetchone()
            for schema, table in tables
        }


def _plans(database: Path) -> int:
    with duck.reader(database) as connection:
        return connection.execute("select count(*) from core.fct_plan").fetchone()[0]
