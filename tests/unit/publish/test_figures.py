"""What was told on a day is kept, and nothing worked out later takes its place."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import duckdb
import pytest

from warehouse import duck
from warehouse.publish import figures, register
from warehouse.publish.kept import KeptFileError

DAY = date(2027, 1, 21)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    file = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute(
            """
            create schema equity;
            create table equity.fct_metric as
            select 'TM05' as metric_id, '1.0.0' as metric_version, 'share' as measure, '2026' as period_id,
                level.*, true as is_whole_period, 1.0 as numerator, 2.0 as denominator, 0.5 as value
            from (
                values ('county', '999', 'all'), ('county', '999', 'sex'), ('district', 'E1', 'all'),
                    ('lsoa', 'L1', 'all')
            ) as level (area_level, area_code, subgroup_set);
            """
        )
    return file


def _kept(folder: Path) -> list[tuple]:
    return duckdb.sql(
        f"select area_level, known_on, is_rebuilt from '{duck.quoted(folder)}/**/*.parquet' order by all"
    ).fetchall()


def test_the_county_and_its_districts_are_kept_and_no_small_area(database: Path, tmp_path: Path) -> None:
    file = figures.keep(database, tmp_path / "kept", DAY, is_rebuilt=False)
    assert file is not None and file.name == "2027-01-21.parquet"
    assert _kept(tmp_path / "kept") == [("county", DAY, False), ("district", DAY, False)]
    figures.keep(database, tmp_path / "kept", DAY, is_rebuilt=False)
    assert len(_kept(tmp_path / "kept")) == 2, "the same day again takes its own place"


def test_what_is_worked_out_later_gives_way_to_what_was_published(database: Path, tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    assert figures.keep(database, folder, DAY, is_rebuilt=True)
    assert {row[2] for row in _kept(folder)} == {True}
    figures.keep(database, folder, DAY, is_rebuilt=False)
    assert _kept(folder) == [("county", DAY, False), ("district", DAY, False)]
    assert figures.keep(database, folder, DAY, is_rebuilt=True) is None
    assert {row[2] for row in _kept(folder)} == {False}


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("2026-12-01.parquet", b"no parquet at all", "is damaged: it cannot be read. Put it back from your backup"),
        ("2026-12-01.parquet", "select 1 as known_on", "lacks area_code, area_level"),
        ("copy of 2026-12-01.parquet", "select 1 as known_on", "is not named as a publication names its files"),
    ],
)
def test_a_damaged_file_is_named_with_its_mend(
    database: Path, tmp_path: Path, name: str, content: bytes | str, said: str
) -> None:
    folder = tmp_path / "_reported" / "figure"
    figures.keep(database, folder, DAY, is_rebuilt=False)
    figures.keep(database, folder, date(2026, 11, 1), is_rebuilt=True)
    figures.refuse_unless_whole(folder)
    if isinstance(content, bytes):
        (folder / name).write_bytes(content)
    else:
        duckdb.sql(f"copy ({content}) to '{duck.quoted(folder / name)}' (format parquet)")
    with pytest.raises(KeptFileError, match=re.escape(f"{folder / name} {said}")):
        figures.refuse_unless_whole(folder)


def test_a_damaged_register_is_named_with_its_mend(tmp_path: Path) -> None:
    folder = tmp_path / "raw" / "_published"
    register.refuse_unless_whole(folder)
    folder.mkdir(parents=True)
    (folder / "2026-12-01_0a.parquet").write_bytes(b"")
    with pytest.raises(KeptFileError, match=r"2026-12-01_0a\.parquet is damaged"):
        register.refuse_unless_whole(folder)
