"""Run again: nothing that did not change is touched. That a build from the same files has the same bytes: see
test_kill_and_resume.py."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from warehouse import pipeline
from warehouse.settings import Settings

if TYPE_CHECKING:
    from tests.conftest import County


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


def _silent(_line: str) -> None:
    pass
