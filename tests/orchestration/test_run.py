"""A small county through the real job, in this process, kept in a Dagster instance of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import pytest

from orchestration import run
from warehouse import pipeline
from warehouse.settings import Settings
from warehouse.specification import extracts


@dataclass(frozen=True)
class Ran:
    settings: Settings
    code: int
    said: str


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """300 plans in an inbox, nothing landed. DAGSTER_HOME and COUNTYWIDE_HOME are put back afterwards."""
    root = tmp_path_factory.mktemp("small")
    pipeline.demo(Settings.read(root), 300, 3_000, 1, lambda _line: None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DAGSTER_HOME", "")
        patch.setenv("COUNTYWIDE_HOME", str(root))
        yield Settings.read(root)


@pytest.fixture(scope="module")
def ran(small: Settings) -> Ran:
    import contextlib
    import io

    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        code = run.execute(small)
    return Ran(small, code, said.getvalue())


def test_the_job_succeeds(ran: Ran) -> None:
    assert ran.code == 0, ran.said
    assert ran.settings.home.database.exists()


def test_the_terminal_shows_stages_and_places(ran: Ran) -> None:
    for stage in ("land", "door", "build", "return 2026", "return 2027", "publish"):
        assert stage in ran.said
    for column in ("rows in", "rows out", "rejects", "findings", "seconds"):
        assert column in ran.said
    assert str(ran.settings.home.database) in ran.said


def test_the_instance_keeps_the_run_and_its_checks(ran: Ran) -> None:
    with dg.DagsterInstance.from_config(str(ran.settings.home.dagster)) as instance:
        runs = instance.get_runs()
        assert [kept.status for kept in runs] == [dg.DagsterRunStatus.SUCCESS]
        extract = extracts()[0]
        door = dg.AssetCheckKey(dg.AssetKey(["raw", extract.source, extract.entity]), "door")
        assert instance.get_latest_asset_check_evaluation_record(door) is not None
        assert instance.get_latest_materialization_event(dg.AssetKey(["core", "fct_plan"])) is not None
        assert instance.get_latest_materialization_event(dg.AssetKey(["published", "warehouse"])) is not None


def test_telemetry_is_off(ran: Ran) -> None:
    with dg.DagsterInstance.from_config(str(ran.settings.home.dagster)) as instance:
        assert instance.telemetry_enabled is False


def test_again_without_a_change_builds_nothing(
    ran: Ran, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    before = _published(ran.settings)
    assert run.execute(ran.settings) == 0
    assert "nothing changed" in capsys.readouterr().out
    assert "emitted no result" not in caplog.text, "a check that was rightly skipped is warned of"
    assert _published(ran.settings) == before


def test_a_failure_is_one_sentence_and_a_code(ran: Ran, capsys: pytest.CaptureFixture[str], monkeypatch) -> None:
    """A stage that cannot go on ends the run with a non-zero code, its reason, and nobody's value."""

    def broken(*_arguments: object) -> None:
        raise ValueError("a value that is a child's")

    monkeypatch.setattr(pipeline, "land", broken)
    before = _published(ran.settings)
    assert run.execute(ran.settings) == 1
    said = capsys.readouterr()
    assert "ValueError" in said.err
    assert "a child's" not in said.err + said.out
    assert _published(ran.settings) == before
    with dg.DagsterInstance.from_config(str(ran.settings.home.dagster)) as instance:
        failed = instance.get_runs(limit=1)[0]
        assert failed.status == dg.DagsterRunStatus.FAILURE
        kept = "".join(str(entry) for entry in instance.all_logs(failed.run_id))
        assert "a child's" not in kept


def _published(settings: Settings) -> dict[Path, tuple[int, int]]:
    return {
        file: (file.stat().st_mtime_ns, file.stat().st_size)
        for file in sorted(settings.home.published.rglob("*"))
        if file.is_file()
    }
