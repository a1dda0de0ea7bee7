"""What Dagster starts by itself: a run when the inbox has come to rest, one each night, an alert when a run died."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import dagster as dg
import pytest

from orchestration import failure, inbox, nightly, raw
from orchestration.definitions import JOB
from warehouse import freshness
from warehouse.settings import Home, Settings
from warehouse.specification import extract

SETTLE = 120


class Watch:
    """A home whose inbox the sensor looks at, second by second."""

    def __init__(self, root: Path, **changes: object) -> None:
        self.settings = Settings(home=Home(root), settle_seconds=SETTLE, **changes)
        self.known: Mapping[str, float] = {}

    def deliver(self, name: str, content: str, moved_at: float = 1_000_000_000.0) -> Path:
        """A file with a time of long ago, as one that was copied with its time kept."""
        file = self.settings.home.inbox / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")
        os.utime(file, (moved_at, moved_at))
        return file

    def look(self, now: float) -> dg.RunRequest | dg.SkipReason:
        wanted, self.known = inbox.asked(inbox.files(self.settings), self.known, now, self.settings)
        return wanted

    def asks(self, now: float) -> bool:
        return isinstance(self.look(now), dg.RunRequest)


@pytest.fixture
def watch(tmp_path: Path) -> Watch:
    return Watch(tmp_path)


def test_a_run_is_asked_for_when_a_file_has_been_at_rest_and_only_once(watch: Watch) -> None:
    watch.deliver("ehc/ehc_plan.csv", "plan_id\n1\n")
    assert not watch.asks(1_000)
    assert not watch.asks(1_000 + SETTLE - 1)
    wanted = watch.look(1_000 + SETTLE)
    assert isinstance(wanted, dg.RunRequest)
    assert wanted.partition_key == "2027" and (wanted.run_key or "").startswith("inbox-")
    later = watch.look(9_000)
    assert isinstance(later, dg.SkipReason) and "Nothing in the inbox is new" in (later.skip_message or "")


def test_a_file_that_still_grows_holds_the_run_back_and_is_counted(watch: Watch) -> None:
    watch.deliver("ehc/ehc_person.csv", "whole")
    for second, content in ((1_000, "ha"), (1_100, "half"), (1_200, "half-cop")):
        watch.deliver("ehc/Zxqvmarker_plan.csv", content)
        said = watch.look(second)
        assert isinstance(said, dg.SkipReason)
    assert (said.skip_message or "").startswith("1 of 2 new files are still arriving")
    assert "Zxqvmarker" not in (said.skip_message or "") + str(watch.known), "a name may be a child's"
    assert not watch.asks(1_200 + SETTLE - 1)
    assert watch.asks(1_200 + SETTLE)


def test_a_change_of_the_time_alone_is_a_change(watch: Watch) -> None:
    """A copy that sets the size first (as some do) and fills it afterwards changes nothing but the time."""
    watch.deliver("ehc/ehc_plan.csv", "plan_id\n1\n", 1_000_000_000)
    assert not watch.asks(1_000)
    watch.deliver("ehc/ehc_plan.csv", "plan_id\n1\n", 1_000_000_009)
    assert not watch.asks(1_000 + SETTLE)
    assert watch.asks(1_000 + 2 * SETTLE)


def test_another_state_is_another_run_and_the_same_state_the_same(watch: Watch, tmp_path: Path) -> None:
    watch.deliver("ehc/ehc_plan.csv", "1")
    watch.look(0.5)
    first = watch.look(200)
    watch.deliver("ehc/ehc_plan.csv", "22")
    assert not watch.asks(230)
    second = watch.look(400)
    other = Watch(tmp_path)
    other.look(5_000)
    again = other.look(6_000)
    assert isinstance(first, dg.RunRequest) and isinstance(second, dg.RunRequest) and isinstance(again, dg.RunRequest)
    assert first.run_key != second.run_key, "a changed file is run for"
    assert again.run_key == second.run_key, "a sensor that forgot everything asks for no second run of the same state"


def test_files_that_are_taken_away_or_are_nobodys_delivery_ask_for_nothing(watch: Watch) -> None:
    watch.deliver("ehc/ehc_plan.csv", "1")
    gone = watch.deliver("ehc/ehc_person.csv", "1")
    watch.look(1_000)
    assert watch.asks(2_000)
    gone.unlink()
    watch.deliver("ehc/README.md", "x")
    watch.deliver("ehc/~$ehc_plan.xlsx", "x")
    watch.deliver("nobody/ehc_plan.csv", "x")
    assert not watch.asks(3_000) and not watch.asks(9_000)


def test_a_source_that_is_switched_off_asks_for_nothing(tmp_path: Path) -> None:
    watch = Watch(tmp_path, sources={"ehc": False})
    watch.deliver("ehc/ehc_plan.csv", "1")
    assert not watch.asks(1_000) and not watch.asks(9_000)


@pytest.mark.parametrize("way", ["inbox", "nightly"])
def test_without_a_collection_year_it_says_why_nothing_runs(tmp_path: Path, way: str) -> None:
    watch = Watch(tmp_path, collection_years=())
    watch.deliver("ehc/ehc_plan.csv", "1")
    watch.look(1_000)
    wanted = watch.look(2_000) if way == "inbox" else nightly.asked(datetime(2026, 12, 1).date(), ())
    assert isinstance(wanted, dg.SkipReason) and "collection_years" in (wanted.skip_message or "")


def test_the_sensor_keeps_what_it_saw_between_looks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Through Dagster itself, with a clock of our own."""
    watch = Watch(tmp_path)
    watch.deliver("ehc/ehc_plan.csv", "1")
    sensor = inbox.sensor(JOB, watch.settings)
    assert sensor.default_status == dg.DefaultSensorStatus.STOPPED
    cursor, asked = None, []
    for now in (1_000.0, 1_060.0, 1_120.0, 1_180.0):
        monkeypatch.setattr(inbox.time, "time", lambda now=now: now)
        result = sensor(dg.build_sensor_context(cursor=cursor))
        assert isinstance(result, dg.SensorResult)
        cursor = result.cursor
        asked.append(len(result.run_requests or ()))
    assert asked == [0, 0, 1, 0]


def test_one_run_a_night_in_british_time_switched_off_at_first() -> None:
    schedule = nightly.schedule(JOB, (2026, 2027))
    night = datetime(2026, 12, 1, 2, tzinfo=ZoneInfo("Europe/London"))
    wanted = schedule(dg.build_schedule_context(scheduled_execution_time=night))
    assert isinstance(wanted, dg.RunRequest)
    assert (wanted.run_key, wanted.partition_key) == ("nightly-2026-12-01", "2027")
    assert schedule.default_status == dg.DefaultScheduleStatus.STOPPED
    assert (schedule.cron_schedule, schedule.execution_timezone) == ("0 2 * * *", "Europe/London")


@pytest.mark.parametrize("day", [datetime(2027, 3, 28), datetime(2027, 10, 31)])
def test_the_hour_of_the_night_is_there_once_when_clocks_change(day: datetime) -> None:
    """The days on which British Summer Time begins and ends in 2027."""
    hour = int(nightly.EVERY_NIGHT.split()[1])
    local = day.replace(hour=hour, tzinfo=ZoneInfo("Europe/London"))
    there = local.astimezone(ZoneInfo("UTC")).astimezone(ZoneInfo("Europe/London"))
    assert there.hour == hour, "it is left out in spring"
    assert local.utcoffset() == local.replace(fold=1).utcoffset(), "it comes twice in autumn"


@pytest.mark.parametrize("told", [False, True])
def test_a_run_that_failed_is_told_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: bool) -> None:
    """By the sensor, unless whoever started it tells; in the sentence of ours, and at home alone."""

    @dg.op
    def land() -> None:
        raise dg.Failure("inbox/ehc/Zxqvmarker.csv is broken. Mend it.")

    @dg.job(name="failing")
    def failing() -> None:
        land()

    monkeypatch.setenv("COUNTYWIDE_HOME", str(tmp_path))
    with dg.DagsterInstance.ephemeral() as instance:
        outcome = failing.execute_in_process(
            instance=instance, raise_on_error=False, tags={failure.TOLD: "yes"} if told else {}
        )
        context = dg.build_run_status_sensor_context(
            "run_failed",
            dagster_event=outcome.get_run_failure_event(),
            dagster_instance=instance,
            dagster_run=outcome.dagster_run,
        ).for_run_failure()
        failure.sensor(failing)(context)
    log = tmp_path / "alerts.log"
    if told:
        assert not log.exists()
    else:
        (line,) = log.read_text(encoding="utf-8").splitlines()
        assert "failed land: this step could not be done" in line
        assert line.endswith("inbox/ehc/Zxqvmarker.csv is broken. Mend it.")


def test_a_run_that_was_killed_has_an_alert_too() -> None:
    (alert,) = failure.alerts_of([])
    assert (alert.kind, alert.subject) == ("failed", "run")


ALLOWED = "75 are allowed"


@pytest.mark.parametrize(
    ("found", "passed", "standing", "said"),
    [
        ([], True, "not expected", None),
        ([("Z9C", "fresh", 3), ("Z9D", "fresh", 75)], True, "fresh", None),
        (
            [("Z9C", "fresh", 3), ("Z9D", "late", 99)],
            False,
            "fresh, late",
            f"csds.referral of Z9D is 99 days old, {ALLOWED}",
        ),
        ([(None, "absent", None)], False, "absent", "csds.referral is absent"),
        (
            [(None, "refused", 31)],
            False,
            "refused",
            f"csds.referral is refused at the door; what counts of it is 31 days old, {ALLOWED}",
        ),
    ],
)
def test_each_raw_asset_shows_how_new_it_is(found: list[tuple], passed: bool, standing: str, said: str | None) -> None:
    """A warning, which stops nothing; with the worst supplier in words."""
    rows = [freshness.Standing("csds", "referral", supplier, what, days, 75) for supplier, what, days in found]
    result = raw.aged(extract("csds", "referral"), rows)
    assert (result.passed, result.severity, result.description) == (passed, dg.AssetCheckSeverity.WARN, said)
    assert result.metadata["standing"].value == standing
