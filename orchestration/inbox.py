"""The sensor on the inbox: a run when files are new or changed and have been at rest for the settle time.

A file is at rest when its size and its time have been the same for that long while the sensor looked on. Its own time
alone says nothing: a copy may keep the time of what it copies, and another machine's clock may be wrong.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping

import dagster as dg

from orchestration.nightly import NO_YEAR
from warehouse.landing import discover
from warehouse.settings import Settings
from warehouse.specification import sources

EVERY_SECONDS = 30
# In place of when a file was first seen: a run was asked for with it as it is.
ASKED_FOR = 0.0


def sensor(job: str, settings: Settings) -> dg.SensorDefinition:
    """Switched off until a council switches it on."""

    @dg.sensor(
        name="inbox",
        job_name=job,
        minimum_interval_seconds=EVERY_SECONDS,
        default_status=dg.DefaultSensorStatus.STOPPED,
        description=f"The whole run, when new files of the inbox have been at rest for {settings.settle_seconds} s",
    )
    def inbox(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        known = json.loads(context.cursor) if context.cursor else {}
        wanted, seen = asked(files(settings), known, time.time(), settings)
        cursor = json.dumps(seen, sort_keys=True)
        if isinstance(wanted, dg.RunRequest):
            return dg.SensorResult(run_requests=[wanted], cursor=cursor)
        return dg.SensorResult(skip_reason=wanted, cursor=cursor)

    return inbox


def files(settings: Settings) -> list[str]:
    """A fingerprint of each delivered file of the sources that are switched on: of its place, size and time.

    Dagster keeps it, and a file's name may be a child's.
    """
    found = []
    for source in sources().values():
        if settings.source_is_on(source.name):
            for delivery in discover.deliveries(source, settings.home.inbox / source.name, settings.as_at):
                try:
                    state = delivery.path.stat()
                except FileNotFoundError:  # renamed since it was listed; the next look sees its new name
                    continue
                text = f"{source.name}/{delivery.name}\0{state.st_size}\0{state.st_mtime_ns}"
                found.append(hashlib.sha256(text.encode()).hexdigest()[:16])
    return sorted(found)


def asked(
    lying: list[str], known: Mapping[str, float], now: float, settings: Settings
) -> tuple[dg.RunRequest | dg.SkipReason, dict[str, float]]:
    """What the sensor wants, and what it is to know next time: fingerprint → when first seen, in seconds.

    The run's key is the state of the inbox, so that Dagster runs no state twice.
    """
    seen = {file: known.get(file, now) for file in lying}
    new = [since for since in seen.values() if since != ASKED_FOR]
    if not new:
        return dg.SkipReason("Nothing in the inbox is new or changed since a run was asked for"), seen
    arriving = sum(now - since < settings.settle_seconds for since in new)
    if arriving:
        return dg.SkipReason(
            f"{arriving} of {len(new)} new files are still arriving: they have not been at rest for "
            f"{settings.settle_seconds} seconds ([inbox] settle_seconds)"
        ), seen
    if not settings.collection_years:
        return dg.SkipReason(NO_YEAR), seen
    state = hashlib.sha256("".join(lying).encode()).hexdigest()[:32]
    request = dg.RunRequest(run_key=f"inbox-{state}", partition_key=str(max(settings.collection_years)))
    return request, dict.fromkeys(lying, ASKED_FOR)
