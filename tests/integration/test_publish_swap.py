"""Publishing that fails half way changes nothing. That it rewrites nothing without need: test_kill_and_resume.py."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from warehouse import publish
from warehouse.publish import internal, public
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


def test_a_failure_half_way_leaves_yesterday(built: tuple[Settings, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    settings, database = built
    before = _bytes(settings.home.published)
    # What takes long is left out: by then a part of the files is made, and none is where people look.
    monkeypatch.setattr(public, "tables", lambda *_: [])
    monkeypatch.setattr(internal, "write", lambda *_: 0)

    def fail(*_arguments: object) -> None:
        assert list((settings.home.work / "publish" / "public").iterdir())
        raise RuntimeError("the lights went out")

    monkeypatch.setattr(publish, "_write_parquet", fail)
    with pytest.raises(RuntimeError, match="lights"):
        publish.publish(settings, database)
    assert _bytes(settings.home.published) == before
    assert database.exists(), "what was built is still there to be published"


def _bytes(folder: Path) -> dict[str, str]:
    return {
        f.relative_to(folder).as_posix(): hashlib.sha256(f.read_bytes()).hexdigest()
        for f in folder.rglob("*")
        if f.is_file()
    }
