"""Run again: nothing that did not change is touched, and a build from the same files has the same bytes."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from warehouse import duck, pipeline
from warehouse.settings import Settings

if TYPE_CHECKING:
    from tests.conftest import County


REGISTER = {"staging.stg_person__register", "intermediate.int_person__cluster"}


@pytest.fixture(scope="module")
def copy(county: County, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The finished county in another folder; file times kept."""
    root = tmp_path_factory.mktemp("again") / "home"
    shutil.copytree(county.home.root, root)
    return Settings.read(root)


def test_an_unchanged_run_touches_nothing(copy: Settings) -> None:
    before = dict(_files(copy.home.root))
    stages = list(pipeline.run(copy, _silent))
    assert [stage.name for stage in stages] == ["land", "unchanged"]
    assert dict(_files(copy.home.root)) == before


def test_a_forced_build_has_the_same_bytes(copy: Settings) -> None:
    """All that is published; of the database file the rows, since DuckDB lays out its pages as it likes.

    The keys given by the first build are entered in the register when it is published, so the second one reads them.
    """
    before = _hashes(copy.home.published)
    rows = _rows(copy.home.database)
    list(pipeline.run(copy, _silent, force=True))
    after = _hashes(copy.home.published)
    assert before.keys() == after.keys()
    assert " ".join(name for name in before if before[name] != after[name]) == ""
    again = _rows(copy.home.database)
    assert {name for name in rows if rows[name] != again[name]} == REGISTER
    assert (
        again["staging.stg_person__register"]
        == rows["core.bridge_person_identity"][:1] + again["staging.stg_person__register"][1:]
    )
    assert again["intermediate.int_person__cluster"][0] == rows["intermediate.int_person__cluster"][0]


def test_a_changed_setting_builds_again(copy: Settings) -> None:
    settings = copy.home.settings_file.read_text(encoding="utf-8")
    assert pipeline.is_current(copy)
    copy.home.settings_file.write_text(settings + "\n[disclosure]\nsuppress_below = 6\n", encoding="utf-8")
    assert not pipeline.is_current(Settings.read(copy.home.root))
    copy.home.settings_file.write_text(settings, encoding="utf-8")


def _files(folder: Path) -> Iterator[tuple[str, tuple[int, int]]]:
    for file in sorted(folder.rglob("*")):
        if file.is_file() and file.name != "lock":
            yield file.relative_to(folder).as_posix(), (file.stat().st_mtime_ns, file.stat().st_size)


def _hashes(folder: Path) -> dict[str, str]:
    return {
        file.relative_to(folder).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file() and file.suffix != ".duckdb"
    }


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


def _silent(_line: str) -> None:
    pass
