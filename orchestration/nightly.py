"""The run of every night: what came during the day, also where the inbox is not watched."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import dagster as dg

from orchestration.census import ZONE

# After the exports that case systems make around midnight, and long before anybody comes to work. Not between one and
# two, an hour that British clocks leave out in March and have twice in October.
EVERY_NIGHT = "0 2 * * *"


def schedule(job: str, collection_years: Sequence[int]) -> dg.ScheduleDefinition:
    """Switched off until a council switches it on."""

    @dg.schedule(
        name="nightly",
        job_name=job,
        cron_schedule=EVERY_NIGHT,
        execution_timezone=ZONE,
        default_status=dg.DefaultScheduleStatus.STOPPED,
        description="At two every night: the whole run. Where nothing has changed it ends after landing",
    )
    def nightly(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        return asked(context.scheduled_execution_time.date(), collection_years)

    return nightly


def asked(day: date, collection_years: Sequence[int]) -> dg.RunRequest | dg.SkipReason:
    """One run a night, asked for by the last collection year: the others are made with it."""
    if not collection_years:
        return dg.SkipReason(NO_YEAR)
    return dg.RunRequest(run_key=f"nightly-{day}", partition_key=str(max(collection_years)))


NO_YEAR = (
    "No collection year is set, so there is nothing for Dagster to run for: set [return] collection_years in the "
    "settings file, or let a scheduler call countywide run"
)
