"""A small county through the real job, in this process, kept in a Dagster instance of its own."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pytest

from orchestration import run, sen2
from orchestration.definitions import SIGN, defs
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
    """100 plans in an inbox, nothing landed; the last file of transport holds every row twice, the one before does not.
    DAGSTER_HOME and COUNTYWIDE_HOME are put back afterwards."""
    root = tmp_path_factory.mktemp("small")
    pipeline.demo(Settings.read(root), 100, 1_000, 1, lambda _line: None)
    last = root / "inbox" / "transport" / "transport_runs.csv"
    header, *rows = last.read_bytes().splitlines(keepends=True)
    last.with_name("transport_runs_2026-12-21.csv").write_bytes(last.read_bytes())
    last.write_bytes(header + b"".join([*rows, *rows]))
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


def test_a_refused_delivery_stops_nothing_and_what_rests_on_it_says_so(ran: Ran) -> None:
    """Transport feeds one table and two indicators, made of the delivery before; nothing else is the worse for it."""
    home = ran.settings.home
    rows = len((home.inbox / "transport" / "transport_runs_2026-12-21.csv").read_bytes().splitlines()) - 1
    with duckdb.connect(str(home.database), read_only=True) as connection:
        assert connection.execute(
            "select source, entity, days_old from quality.rpt_quality__freshness where standing = 'refused'"
        ).fetchall() == [("transport", "run", 31)]
        assert connection.execute(
            "select table_schema, table_name, rests_by from quality.rpt_quality__degraded where standing = 'refused'"
        ).fetchall() == [("core", "fct_transport", "rows")]
        ((made,),) = connection.execute("select count(*) from core.fct_transport").fetchall()
        assert 0 < made <= rows
    for year in ran.settings.collection_years:
        manifest = json.loads((home.published / "returns" / "sen2" / str(year) / "manifest.json").read_text("utf-8"))
        assert not [said for said in manifest["not_ready"] if "The door refused" in said]
    assert "transport.run (refused): 3 rest on it" in (home.published / "summary.html").read_text(encoding="utf-8")
    assert " refused transport.run: set aside at the door." in home.alerts.read_text(encoding="utf-8")
    assert [extract for extract, _ in pipeline.set_aside(home)] == ["transport.run"]
    with dg.DagsterInstance.from_config(str(home.dagster)) as instance:
        asset = dg.AssetKey(["raw", "transport", "run"])
        door, fresh = _check(instance, asset, "door"), _check(instance, asset, "fresh")
        assert (door.passed, door.severity) == (False, dg.AssetCheckSeverity.ERROR)
        assert (fresh.passed, fresh.severity) == (False, dg.AssetCheckSeverity.WARN)
        assert (fresh.description or "").startswith("transport.run is refused at the door")
        assert _check(instance, dg.AssetKey(["raw", "finance", "commitment"]), "fresh").passed
        event = instance.get_latest_materialization_event(dg.AssetKey(["published", "warehouse"]))
        assert event is not None and event.asset_materialization is not None
        assert event.asset_materialization.metadata["degraded"].value["transport.run (refused)"] == [
            "FN07",
            "PL20",
            "core.fct_transport",
        ]


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
    with dg.DagsterInstance.from_config(str(ran.settings.home.dagster)) as instance:
        verdict = instance.get_latest_asset_check_evaluation_record(dg.AssetCheckKey(sen2.SIGNOFF, sen2.NO_OPEN_ERRORS))
        assert verdict is not None
        assert verdict.status.value == "FAILED", "open errors are forgotten on a night without news"


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


def test_every_year_has_its_counts_and_nothing_of_a_child(ran: Ran) -> None:
    """The counts are those of the files: elements of the XML, rows of the findings. Only numbers leave the house."""
    with dg.DagsterInstance.from_config(str(ran.settings.home.dagster)) as instance:
        for year in ran.settings.collection_years:
            folder = ran.settings.home.published / "returns" / "sen2" / str(year)
            seen = {key: _metadata(instance, key, year) for key in (*sen2.WRITTEN, sen2.SIGNOFF)}
            assert all(isinstance(value, int) for counts in seen.values() for value in counts.values())
            xml = (folder / f"sen2_{ran.settings.la_code}_{year}.xml").read_text(encoding="utf-8")
            with (folder / "findings.csv").open(encoding="utf-8-sig", newline="") as handle:
                levels = [row["level"] for row in csv.DictReader(handle)]
            assert seen[sen2.RECORDS]["person"] == xml.count("<Person>")
            assert seen[sen2.RECORDS]["requests"] == xml.count("<Requests>")
            assert seen[sen2.FINDINGS]["error"] == seen[sen2.SIGNOFF]["errors"] == levels.count("E")
            assert seen[sen2.FINDINGS]["query"] == levels.count("Q")
            assert seen[sen2.TABLES]["files"] == len(list((folder / "tables").glob("*")))
            assert all(counts["provisional"] == (year == 2027) for counts in seen.values())


def test_open_errors_fail_the_check_and_not_the_run(ran: Ran) -> None:
    """The demonstration county has planted errors in both years; the run of `ran` succeeded."""
    with dg.DagsterInstance.from_config(str(ran.settings.home.dagster)) as instance:
        for year in ran.settings.collection_years:
            verdict = _verdict(instance, year)
            assert not verdict.passed
            assert f"SEN2 {year}: " in (verdict.description or "")
            assert "open error" in (verdict.description or "")
    assert "NOT READY to sign" in ran.said


def test_one_year_is_written_again_from_the_published_warehouse(ran: Ran) -> None:
    returns = ran.settings.home.published / "returns" / "sen2"
    (returns / "2027" / "findings.csv").unlink()
    before = _published(ran.settings)
    assert _materialise(ran, sen2.WRITTEN, "2027").success
    after = _published(ran.settings)
    assert after.pop(returns / "2027" / "findings.csv")
    assert after == before, "another file than the one that was missing has changed"


def test_late_extracts_are_a_warning_by_name(ran: Ran) -> None:
    """Fresh as the demonstration delivers them; then one is late, and the return is made all the same."""
    with dg.DagsterInstance.from_config(str(ran.settings.home.dagster)) as instance:
        assert _check(instance, sen2.RECORDS, sen2.FRESH).passed
    try:
        _late(ran.settings, "late", 99)
        assert _materialise(ran, sen2.WRITTEN, "2026").success
    finally:
        _late(ran.settings, "fresh", 0)
    with dg.DagsterInstance.from_config(str(ran.settings.home.dagster)) as instance:
        late = _check(instance, sen2.RECORDS, sen2.FRESH)
        assert not late.passed
        assert late.severity == dg.AssetCheckSeverity.WARN
        assert late.description == "ehc.plan is 99 days old, 75 are allowed"


def test_a_whole_run_for_one_year_makes_and_judges_the_others_too(ran: Ran, monkeypatch: pytest.MonkeyPatch) -> None:
    """The schedule, or a page, asks for one partition; the warehouse that is published has every year."""
    monkeypatch.setattr("orchestration.session.Session.built", True)
    workshop = pipeline.Workshop(ran.settings.home)
    shutil.copy(ran.settings.home.database, workshop.database)
    result = _materialise(ran, (*sen2.WRITTEN, sen2.SIGNOFF), "2027")
    workshop.sweep()
    assert result.success
    made = {
        (event.asset_key, event.partition)
        for event in result.get_asset_materialization_events()
        if event.asset_key != sen2.SIGNOFF
    }
    assert made == {(key, year) for key in sen2.WRITTEN for year in ("2026", "2027")}
    assert {evaluation.partition for evaluation in result.get_asset_check_evaluations()} == {None, "2026", "2027"}


def test_a_part_of_the_warehouse_is_refused_with_the_reason(ran: Ran) -> None:
    before = _published(ran.settings)
    keys = defs().resolve_asset_graph().materializable_asset_keys
    result = _materialise(ran, [key for key in keys if key.path[0] not in ("raw", "returns", "published")], None)
    assert not result.success
    alone = _materialise(ran, [key for key in keys if key.path[0] == "published"], None)
    assert not alone.success
    for failure in (*result.get_step_failure_events(), *alone.get_step_failure_events()):
        assert "whole and in one run" in failure.step_failure_data.user_failure_data.description
    assert _published(ran.settings) == before


def test_sign_off_is_refused_while_an_error_is_open(ran: Ran) -> None:
    result = _sign(ran, "2027")
    assert not result.success
    assert [failure.step_key for failure in result.get_step_failure_events()] == ["signoff"]
    assert result.get_step_success_events() == []
    assert not (ran.settings.home.published / "returns" / "sen2" / "signed").exists()


def test_sign_off_keeps_a_copy_where_nothing_forbids_it(ran: Ran) -> None:
    folder = ran.settings.home.published / "returns" / "sen2" / "2026"
    manifest = folder / "manifest.json"
    as_it_was = manifest.read_bytes()
    try:
        manifest.write_text(json.dumps(json.loads(as_it_was) | {"not_ready": []}), encoding="utf-8")
        assert _sign(ran, "2026").success
        kept = folder.parent / "signed" / "2026" / "001"
        assert sorted(file.name for file in kept.rglob("*")) == sorted(file.name for file in folder.rglob("*"))
        with dg.DagsterInstance.from_config(str(ran.settings.home.dagster)) as instance:
            assert _verdict(instance, 2026).passed
            assert instance.get_materialized_partitions(sen2.SIGNED) == {"2026"}
            assert not _verdict(instance, 2027).passed, "one year's verdict is not another's"
    finally:
        manifest.write_bytes(as_it_was)
        shutil.rmtree(folder.parent / "signed", ignore_errors=True)


def _materialise(ran: Ran, keys: Iterable[dg.AssetKey], year: str | None) -> dg.ExecuteInProcessResult:
    """What a page does when somebody chooses assets and a partition there."""
    job = defs().resolve_implicit_global_asset_job_def()
    with dg.DagsterInstance.from_config(str(ran.settings.home.dagster)) as instance:
        return job.execute_in_process(
            instance=instance,
            partition_key=year,
            asset_selection=list(keys),
            raise_on_error=False,
            run_config=run.QUIETLY,
        )


def _sign(ran: Ran, year: str) -> dg.ExecuteInProcessResult:
    with dg.DagsterInstance.from_config(str(ran.settings.home.dagster)) as instance:
        return (
            defs()
            .resolve_job_def(SIGN)
            .execute_in_process(instance=instance, partition_key=year, raise_on_error=False, run_config=run.QUIETLY)
        )


def _metadata(instance: dg.DagsterInstance, key: dg.AssetKey, year: int) -> dict[str, Any]:
    """Counts of the last materialisation of a partition."""
    wanted = dg.AssetRecordsFilter(asset_key=key, asset_partitions=[str(year)])
    record = instance.fetch_materializations(wanted, limit=1).records[0]
    assert record.asset_materialization is not None
    return {name: value.value for name, value in record.asset_materialization.metadata.items()}


def _verdict(instance: dg.DagsterInstance, year: int) -> dg.AssetCheckEvaluation:
    return _check(instance, sen2.SIGNOFF, sen2.NO_OPEN_ERRORS, str(year))


def _check(
    instance: dg.DagsterInstance, asset: dg.AssetKey, name: str, partition: str | None = None
) -> dg.AssetCheckEvaluation:
    """The last evaluation of a check, of a partition where it has them. A run that skips a check has planned it."""
    history = instance.event_log_storage.get_asset_check_execution_history(dg.AssetCheckKey(asset, name), limit=20)
    events = (record.event.dagster_event for record in history if record.partition == partition and record.event)
    found = (event.event_specific_data for event in events if event)
    return next(data for data in found if isinstance(data, dg.AssetCheckEvaluation))


def _late(settings: Settings, standing: str, days: int) -> None:
    """Say of the plans' extract in the published marts how late it is."""
    with duckdb.connect(str(settings.home.database)) as connection:
        connection.execute(
            "update quality.rpt_quality__freshness set standing = ?, days_old = ? "
            "where source = 'ehc' and entity = 'plan'",
            [standing, days],
        )
        connection.execute("delete from quality.rpt_quality__degraded")
        if standing != "fresh":
            connection.execute(
                "insert into quality.rpt_quality__degraded values ('sen2', 'sen2__person', 'ehc', 'plan', ?, 'rows')",
                [standing],
            )


def _published(settings: Settings) -> dict[Path, tuple[int, int]]:
    return {
        file: (file.stat().st_mtime_ns, file.stat().st_size)
        for file in sorted(settings.home.published.rglob("*"))
        if file.is_file()
    }
