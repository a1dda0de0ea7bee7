"""Alerts: a line each in the home, one POST where a webhook is set, and nothing of a child or of a file in it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import duckdb
import pytest

from warehouse import alerts, cli, pipeline
from warehouse.alerts import Alert
from warehouse.settings import Home, Settings, SettingsError

LATE = Alert("late", "csds.referral of Z9C", "it is 99 days old, 75 are allowed.")
HELD = Alert("in_use", "ehc", "1 of its files could not be read and wait for the next run.", "Zxqvmarker plan.xlsx")


@dataclass
class Hook:
    """A server on this machine that answers each POST with `answer`."""

    address: str
    answer: int = 200
    taken: list[dict] = field(default_factory=list)
    kinds: list[str | None] = field(default_factory=list)


@pytest.fixture
def hook() -> Iterator[Hook]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            hook.taken.append(json.loads(body))
            hook.kinds.append(self.headers["Content-Type"])
            self.send_response(hook.answer)
            if 300 <= hook.answer < 400:
                self.send_header("Location", f"{hook.address}/elsewhere")
            self.end_headers()

        do_GET = do_POST

        def log_message(self, *_arguments: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    hook = Hook(f"http://127.0.0.1:{server.server_port}/key-Zxqvkey")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield hook
    server.shutdown()
    server.server_close()


def settings(folder: Path, webhook: str = "") -> Settings:
    return Settings(home=Home(folder), webhook=webhook)


def lines(folder: Path) -> list[str]:
    """The log without the times."""
    return [line.split(" ", 1)[1] for line in (folder / "alerts.log").read_text(encoding="utf-8").splitlines()]


def test_each_alert_is_one_line_and_the_log_goes_on(tmp_path: Path) -> None:
    alerts.give(settings(tmp_path), [LATE, HELD, LATE])
    alerts.give(settings(tmp_path), [replace(LATE, said="it is\n100 days old.")])
    assert lines(tmp_path) == [
        "late csds.referral of Z9C: it is 99 days old, 75 are allowed.",
        "in_use ehc: 1 of its files could not be read and wait for the next run. Zxqvmarker plan.xlsx",
        "late csds.referral of Z9C: it is 100 days old.",
    ]


def test_without_alerts_there_is_no_line_and_no_post(tmp_path: Path, hook: Hook) -> None:
    assert alerts.give(settings(tmp_path, hook.address), []) == ()
    assert not (tmp_path / "alerts.log").exists() and hook.taken == []


def test_the_webhook_gets_all_in_one_post_and_no_name_of_a_file(tmp_path: Path, hook: Hook) -> None:
    alerts.give(settings(tmp_path, hook.address), [LATE, HELD])
    (document,) = hook.taken
    assert hook.kinds == ["application/json; charset=utf-8"]
    assert (document["software"], document["council"]) == ("countywide", "999")
    assert document["alerts"] == [
        {"kind": "late", "subject": LATE.subject, "said": LATE.said},
        {"kind": "in_use", "subject": "ehc", "said": HELD.said},
    ]
    assert "Zxqvmarker" not in json.dumps(document)
    assert len(lines(tmp_path)) == 2


@pytest.mark.parametrize(("answer", "said"), [(500, "it answered 500."), (302, "it answered 302.")])
def test_a_webhook_that_refuses_is_a_line_and_no_failure(tmp_path: Path, hook: Hook, answer: int, said: str) -> None:
    """Nor does an answer send the alerts to another address than the council's."""
    hook.answer = answer
    alerts.give(settings(tmp_path, hook.address), [LATE])
    assert lines(tmp_path)[1] == f"failed webhook: {said} [alerts] webhook in the settings file has its address."
    assert len(hook.taken) == 1
    assert "Zxqvkey" not in "".join(lines(tmp_path)), "an address may hold a key"


def test_a_webhook_that_is_not_there_is_a_line_and_no_failure(tmp_path: Path, hook: Hook) -> None:
    closed = HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    address = f"http://127.0.0.1:{closed.server_port}/"
    closed.server_close()
    alerts.give(settings(tmp_path, address), [LATE])
    assert lines(tmp_path)[1].startswith("failed webhook: it could not be reached (URLError).")


def test_a_log_that_cannot_be_written_goes_to_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "alerts.log").mkdir()
    assert alerts.give(settings(tmp_path), [LATE]) == (LATE,)
    assert "late csds.referral of Z9C" in capsys.readouterr().err


@pytest.mark.parametrize(
    "address", ["file:///etc/passwd", "ftp://alerts.example/", "alerts.example/hook", "https:///hook"]
)
def test_only_an_address_of_the_web_is_taken_and_it_is_not_repeated(tmp_path: Path, address: str) -> None:
    with pytest.raises(SettingsError, match=r"'alerts.webhook' should be an address") as refused:
        Settings.parse(f'[alerts]\nwebhook = "{address}"', Home(tmp_path))
    assert address not in str(refused.value)
    assert Settings.parse('[alerts]\nwebhook = "https://a.example/x"', Home(tmp_path)).webhook == "https://a.example/x"


@pytest.mark.parametrize(
    ("today", "not_ready", "told"),
    [
        (date(2027, 1, 20), ["3 open errors: SEN2-P04 (3)."], False),
        (date(2027, 1, 21), ["3 open errors: SEN2-P04 (3)."], True),
        (date(2027, 3, 11), ["3 open errors: SEN2-P04 (3)."], True),
        (date(2027, 3, 12), ["3 open errors: SEN2-P04 (3)."], False),
        (date(2027, 2, 1), [], False),
    ],
)
def test_open_errors_are_told_from_census_day_to_the_deadline(
    tmp_path: Path, today: date, not_ready: list[str], told: bool
) -> None:
    """SEN2 2027: 21 January to 11 March."""
    home = published(tmp_path, not_ready)
    found = [alert for alert in pipeline.open_matters(home, today) if alert.kind == "not_ready"]
    assert bool(found) == told
    if found:
        (alert,) = found
        assert alert.subject == "SEN2 2027"
        assert alert.said == "due by 2027-03-11 and not ready to sign. 3 open errors: SEN2-P04 (3)."


def test_what_is_not_fresh_is_told_and_what_is_fresh_is_not(tmp_path: Path) -> None:
    found = pipeline.open_matters(published(tmp_path, []), date(2026, 6, 1))
    assert [str(alert) for alert in found] == [
        "late csds.referral of Z9C: it is 99 days old, 75 are allowed.",
        "absent gias.link: it is absent.",
        "refused transport.run: it is refused at the door; what counts of it is 31 days old, 190 are allowed.",
    ]


def test_a_run_that_stops_is_told_with_its_reason_at_home_alone(tmp_path: Path, hook: Hook) -> None:
    """What stages met before it is told too."""

    def stages() -> Iterator[pipeline.StageResult]:
        yield pipeline.StageResult("land", alerts=(HELD,))
        raise pipeline.StageFailed("The door refused Zxqvmarker.")

    with pytest.raises(pipeline.StageFailed):
        list(cli._alerting(settings(tmp_path, hook.address), stages()))
    assert [line.split(":")[0] for line in lines(tmp_path)] == ["failed run", "in_use ehc"]
    assert lines(tmp_path)[0].endswith("alerts.log in the home says why. The door refused Zxqvmarker.")
    assert "Zxqvmarker" not in json.dumps(hook.taken)


def test_a_run_that_ends_well_tells_what_stays_open(tmp_path: Path) -> None:
    home = published(tmp_path, [])
    list(cli._alerting(home, iter([pipeline.StageResult("unchanged")])))
    assert "absent gias.link: it is absent." in lines(tmp_path)


def published(folder: Path, not_ready: list[str]) -> Settings:
    """A home whose published marts have an extract of each standing, and a return of 2027."""
    home = settings(folder)
    place = home.home.published / "returns" / "sen2" / "2027"
    place.mkdir(parents=True)
    (place / "manifest.json").write_text(json.dumps({"not_ready": not_ready}), encoding="utf-8")
    with duckdb.connect(str(home.home.database)) as connection:
        connection.execute("create schema quality")
        connection.execute(
            "create table quality.rpt_quality__freshness as select * from (values "
            "('csds', 'referral', 'Z9C', 'late', 99, 75), ('ehc', 'plan', null, 'fresh', 1, 75), "
            "('gias', 'link', null, 'absent', null, 7), ('transport', 'run', null, 'refused', 31, 190)"
            ") as standing (source, entity, supplier, standing, days_old, days_allowed)"
        )
    return home
