"""What somebody should know after a run: a line each in alerts.log of the home, and one POST where a webhook is set.

What leaves the machine names sources, extracts, rules and counts. It never names a file, whose name may be a child's.
"""

from __future__ import annotations

import json
import sys
import urllib.error
import urllib.request
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from warehouse.settings import Settings

TIMEOUT_SECONDS = 10


@dataclass(frozen=True)
class Alert:
    """`kind` is failed, late, absent, refused, quarantined, in_use or not_ready; `subject` a stage, source, extract or
    return. `said` may leave the machine; `at_home`, which may name a file, stands in the log alone."""

    kind: str
    subject: str
    said: str
    at_home: str = ""

    def __str__(self) -> str:
        return " ".join(f"{self.kind} {self.subject}: {self.said} {self.at_home}".split())


def moment() -> datetime:
    """When an alert is given. It decides no figure."""
    return datetime.now().astimezone()


def give(settings: Settings, alerts: Iterable[Alert]) -> tuple[Alert, ...]:
    """Write each alert as a line, and send all of them in one POST if a webhook is set. Returns those given.

    A second alert of the same kind and subject is left out. A webhook that cannot be reached is a line too, and raises
    nothing: the run is what counts. A log that cannot be written goes to the terminal.
    """
    first: dict[tuple[str, str], Alert] = {}
    for alert in alerts:
        first.setdefault((alert.kind, alert.subject), alert)
    given = tuple(first.values())
    if not given:
        return ()
    at = moment().isoformat(timespec="seconds")
    lines = [f"{at} {alert}" for alert in given]
    if settings.webhook and (failed := _post(settings, at, given)):
        lines.append(f"{at} failed webhook: {failed} [alerts] webhook in the settings file has its address.")
    try:
        with settings.home.alerts.open("a", encoding="utf-8", newline="\n") as log:
            log.writelines(f"{line}\n" for line in lines)
    except OSError:  # somebody has the log open in a program that locks it
        print(*lines, sep="\n", file=sys.stderr)
    return given


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """The council wrote one address; another server's word is not enough to send it elsewhere."""

    def redirect_request(self, *_arguments: object) -> None:
        return None


def _post(settings: Settings, at: str, alerts: Iterable[Alert]) -> str:
    """Send them; what went wrong, without the address, which may hold a key. Blank if they were taken."""
    document = {
        "software": "countywide",
        "council": settings.la_code,
        "at": at,
        "alerts": [{"kind": alert.kind, "subject": alert.subject, "said": alert.said} for alert in alerts],
    }
    request = urllib.request.Request(  # noqa: S310
        settings.webhook,
        data=json.dumps(document, ensure_ascii=False).encode(),
        headers={"Content-Type": "application/json; charset=utf-8"},
        method="POST",
    )
    try:
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=TIMEOUT_SECONDS):
            return ""
    except urllib.error.HTTPError as error:
        return f"it answered {error.code}."
    except Exception as error:  # whatever the network or the address does, the run is done
        return f"it could not be reached ({type(error).__name__})."
