"""The schedule asks for a return from census day to the deadline, and on no other day.

Days from the reference: SEN2 2026 is of 15 January and due on 12 March; 2027 is of 21 January and due on 11 March.
"""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import dagster as dg
import pytest

from orchestration import census
from orchestration.definitions import JOB
from warehouse.specification import windows

YEARS = (2026, 2027)


def on(day: date, years: tuple[int, ...] = YEARS) -> dg.RunRequest | dg.SkipReason:
    """What the schedule, with the rows of the collection, wants on the morning of a day."""
    schedule = census.schedule(JOB, windows(), years)
    morning = datetime(day.year, day.month, day.day, 6, tzinfo=ZoneInfo("Europe/London"))
    return schedule(dg.build_schedule_context(scheduled_execution_time=morning))


@pytest.mark.parametrize(
    ("day", "year"),
    [
        (date(2026, 1, 14), None),
        (date(2026, 1, 15), "2026"),
        (date(2026, 3, 12), "2026"),
        (date(2026, 3, 13), None),
        (date(2027, 1, 20), None),
        (date(2027, 1, 21), "2027"),
        (date(2027, 2, 1), "2027"),
        (date(2027, 3, 11), "2027"),
        (date(2027, 3, 12), None),
    ],
)
def test_the_window_is_census_day_to_deadline(day: date, year: str | None) -> None:
    wanted = on(day)
    assert isinstance(wanted, dg.RunRequest if year else dg.SkipReason)
    if isinstance(wanted, dg.RunRequest):
        assert wanted.partition_key == year
        assert wanted.run_key == f"sen2-{year}-{day}"  # one run a day, however often the schedule ticks


def test_what_is_provisional_is_tagged_so() -> None:
    this, last = on(date(2027, 1, 21)), on(date(2026, 1, 15))
    assert isinstance(this, dg.RunRequest)
    assert isinstance(last, dg.RunRequest)
    assert (this.tags["provisional"], last.tags["provisional"]) == ("yes", "no")
    assert (this.tags["census_day"], this.tags["deadline"]) == ("2027-01-21", "2027-03-11")


@pytest.mark.parametrize("day", [date(2023, 1, 19), date(2024, 2, 1)])
def test_without_a_known_deadline_no_run_is_asked_for_and_it_says_why(day: date) -> None:
    wanted = on(day, (2023, 2024))
    assert isinstance(wanted, dg.SkipReason)
    assert f"deadline of SEN2 {day.year} is not known" in wanted.skip_message


def test_a_year_that_is_not_built_is_not_asked_for() -> None:
    """A run for a partition that is not there would fail every morning, without the reason."""
    wanted = on(date(2027, 2, 1), (2026,))
    assert isinstance(wanted, dg.SkipReason)
    assert "collection_years" in wanted.skip_message
    assert "2027-03-11" in wanted.skip_message


def test_between_two_collections_it_says_when_the_next_one_is() -> None:
    wanted = on(date(2026, 11, 22))
    assert isinstance(wanted, dg.SkipReason)
    assert "2027-01-21" in wanted.skip_message


def test_it_is_off_until_a_council_switches_it_on_and_keeps_british_time() -> None:
    schedule = census.schedule(JOB, windows(), YEARS)
    assert schedule.default_status == dg.DefaultScheduleStatus.STOPPED
    assert schedule.execution_timezone == "Europe/London"
    assert schedule.cron_schedule == "0 6 * * *"
