"""The yearly schedule of the SEN2 return: every day from census day to the deadline, both as rows of the collection."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

import dagster as dg

from warehouse.specification import Window

EVERY_MORNING = "0 6 * * *"
ZONE = "Europe/London"


def schedule(job: str, windows: Sequence[Window], collection_years: Sequence[int]) -> dg.ScheduleDefinition:
    """Switched off until a council switches it on. The day is the schedule's own, never the clock's."""

    @dg.schedule(
        name="sen2_return",
        job_name=job,
        cron_schedule=EVERY_MORNING,
        execution_timezone=ZONE,
        default_status=dg.DefaultScheduleStatus.STOPPED,
        description="From census day to the deadline, every morning: the whole run, asked for by that year's return",
    )
    def sen2_return(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        return asked(context.scheduled_execution_time.date(), windows, collection_years)

    return sen2_return


def asked(day: date, windows: Iterable[Window], collection_years: Sequence[int]) -> dg.RunRequest | dg.SkipReason:
    """What the schedule wants on a day."""
    known = list(windows)
    for window in known:
        if window.deadline and window.holds(day):
            if window.year in collection_years:
                return _request(window, window.deadline, day)
            return dg.SkipReason(
                f"SEN2 {window.year} is due by {window.deadline}, but {window.year} is not among the collection years: "
                "add it under [return] collection_years in the settings file"
            )
    undated = [str(window.year) for window in known if not window.deadline and window.census_day.year == day.year]
    if undated:
        return dg.SkipReason(
            f"The deadline of SEN2 {', '.join(undated)} is not known: fill it in, in the rows of the collection"
        )
    coming = min((window.census_day for window in known if window.census_day > day), default=None)
    return dg.SkipReason(
        f"No return is due; the next census day is {coming}" if coming else "No later census day is known"
    )


def _request(window: Window, deadline: date, day: date) -> dg.RunRequest:
    return dg.RunRequest(
        run_key=f"sen2-{window.year}-{day}",
        partition_key=str(window.year),
        tags={
            "census_day": str(window.census_day),
            "deadline": str(deadline),
            "provisional": "yes" if window.is_provisional else "no",
        },
    )
