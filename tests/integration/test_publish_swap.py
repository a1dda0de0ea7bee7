"""Publishing the same build again rewrites nothing; publishing that fails half way changes nothing."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from warehouse import publish
from warehouse.publish import summary
from warehouse.settings import Settings

if TYPE_CHECKING:
    from tests.conftest import County


@pytest.fixture
def built(county: County, tmp_path: Path) -> tuple[Settings, Path]:
    """A copy of the finished county with its database back in the workshop, as before the swap."""
    root = tmp_path / "home"
    shutil.copytree(county.home.published, root / "published")
    shutil.copytree(county.home.work / "build" / "target", root / "work" / "build" / "target")
    shutil.copyfile(county.home.settings_file, root / county.home.settings_file.name)
    database = root / "work" / "build" / "warehouse.duckdb"
    shutil.copyfile(county.database, database)
    return Settings.read(root), database


def test_the_same_build_again_rewrites_no_file(built: tuple[Settings, Path]) -> None:
    settings, database = built
    returns = settings.home.published / "returns" / "sen2"
    shutil.copytree(returns, database.parent / "returns" / "sen2")
    look_back = returns / "2026-as-at-2026-12-15" / "collect" / "Blade-Export_15-12-2026_person.csv"
    look_back.parent.mkdir(parents=True)
    look_back.write_text("drawn by hand", encoding="utf-8")
    before = _times(settings.home.published)
    stale = returns / "2026" / "collect" / "Blade-Export_01-12-2026_person.csv"
    stale.write_text("of another day", encoding="utf-8")
    assert publish.publish(settings, database) > 1000
    after = _times(settings.home.published)
    assert before.keys() == after.keys(), "an export of another day goes, a look back stays"
    # The copy does not have dbt's results, so the page and the manifest may differ; nothing else may.
    changed = {name for name in before if before[name] != after[name]}
    assert changed <= {"countywide.duckdb", "summary.html", "manifest.json"}
    assert sum(name.startswith("parquet/") for name in before) > 40
    assert not (settings.home.work / "publish").exists() and not database.exists()


def test_a_failure_half_way_leaves_yesterday(built: tuple[Settings, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    settings, database = built
    before = _bytes(settings.home.published)

    def fail(*_arguments: object) -> None:
        raise RuntimeError("the lights went out")

    monkeypatch.setattr(summary, "write", fail)
    with pytest.raises(RuntimeError, match="lights"):
        publish.publish(settings, database)
    assert _bytes(settings.home.published) == before
    assert database.exists(), "what was built is still there to be published"


def _times(folder: Path) -> dict[str, int]:
    return {f.relative_to(folder).as_posix(): f.stat().st_mtime_ns for f in folder.rglob("*") if f.is_file()}


def _bytes(folder: Path) -> dict[str, str]:
    return {
        f.relative_to(folder).as_posix(): hashlib.sha256(f.read_bytes()).hexdigest()
        for f in folder.rglob("*")
        if f.is_file()
    }
