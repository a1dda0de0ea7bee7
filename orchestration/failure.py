"""A run that died is told: by the alerts' log and webhook, also where nobody looks at Dagster's pages."""

from __future__ import annotations

from collections.abc import Iterable

import dagster as dg

from warehouse import alerts
from warehouse.alerts import Alert
from warehouse.settings import Settings

# Tag of a run whose failure is told by whoever started it.
TOLD = "countywide/tells_its_failure"


def sensor(job: dg.UnresolvedAssetJobDefinition) -> dg.SensorDefinition:
    """Switched on from the first: it sends nothing anywhere unless a webhook is set."""

    @dg.run_failure_sensor(
        name="run_failed",
        monitored_jobs=[job],
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="An alert for each run that failed or was killed",
    )
    def run_failed(context: dg.RunFailureSensorContext) -> dg.SkipReason | None:
        if context.dagster_run.tags.get(TOLD):
            return dg.SkipReason("Whoever started this run has told of it")
        alerts.give(Settings.read(), alerts_of(context.get_step_failure_events()))
        return None

    return run_failed


def alerts_of(events: Iterable[dg.DagsterEvent]) -> list[Alert]:
    """An alert for each failed step, its reason for the home alone; one for a run that died between steps.

    Steps raise sentences of ours (`session.plainly`); of any other reason only that there was one is passed on.
    """
    found = []
    for event in events:
        data = event.step_failure_data
        reason = data.user_failure_data.description if data.user_failure_data else None
        found.append(
            Alert(
                "failed",
                event.step_key or "run",
                "this step could not be done; yesterday's warehouse stays. alerts.log in the home says why.",
                reason or "could not be run",
            )
        )
    return found or [Alert("failed", "run", "it was stopped between two steps; yesterday's warehouse stays.")]
