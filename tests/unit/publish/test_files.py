"""The swap: one rename each, nothing rewritten, yesterday's kept when it cannot be replaced."""

from __future__ import annotations

from pathlib import Path

import pytest

from warehouse.publish import files
from warehouse.publish.files import PublishFailed


def write(file: Path, text: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def test_only_what_changed_is_replaced_and_what_is_gone_is_removed(tmp_path: Path) -> None:
    published, staged = tmp_path / "published", tmp_path / "staged"
    same = write(published / "parquet/core/a.parquet", "same")
    write(published / "parquet/core/b.parquet", "old")
    write(published / "parquet/core/gone.parquet", "gone")
    kept = write(published / "returns/sen2/2025/return.xml", "sent last year")
    before = same.stat().st_mtime_ns
    write(staged / "parquet/core/a.parquet", "same")
    write(staged / "parquet/core/b.parquet", "new")
    write(staged / "summary.html", "page")

    assert files.swap_folder(staged, published, ("parquet", "public")) == 2
    assert same.stat().st_mtime_ns == before
    assert (published / "parquet/core/b.parquet").read_text(encoding="utf-8") == "new"
    assert (published / "summary.html").exists() and kept.exists()
    assert not (published / "parquet/core/gone.parquet").exists()
    assert not staged.exists()


def test_a_database_that_was_not_closed_is_not_published(tmp_path: Path) -> None:
    built = write(tmp_path / "work/new.duckdb", "half")
    write(tmp_path / "work/new.duckdb.wal", "the other half")
    published = write(tmp_path / "published/countywide.duckdb", "yesterday")
    with pytest.raises(PublishFailed, match="not closed properly"):
        files.swap_database(built, published)
    assert published.read_text(encoding="utf-8") == "yesterday"


def test_a_file_that_stays_open_keeps_yesterdays_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on Windows, where a file that a reader has open cannot be replaced."""
    tried = []

    def refuse(source: Path, target: Path) -> None:
        tried.append(target)
        raise PermissionError("in use")

    monkeypatch.setattr(files, "_rename", refuse)
    monkeypatch.setattr(files.time, "sleep", lambda seconds: None)
    built = write(tmp_path / "new.duckdb", "today")
    published = write(tmp_path / "published/countywide.duckdb", "yesterday")
    with pytest.raises(PublishFailed, match="is open in another program"):
        files.swap_database(built, published)
    assert len(tried) == len(files.PATIENCE_SECONDS) + 1
    assert published.read_text(encoding="utf-8") == "yesterday" and built.exists()


def test_a_database_replaces_the_published_one(tmp_path: Path) -> None:
    built = write(tmp_path / "new.duckdb", "today")
    published = write(tmp_path / "published/countywide.duckdb", "yesterday")
    files.swap_database(built, published)
    assert published.read_text(encoding="utf-8") == "today" and not built.exists()
