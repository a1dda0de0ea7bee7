"""Each content lands exactly once, whatever happens in between: doubled files double every figure that follows."""

from __future__ import annotations

import errno
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from warehouse.landing import ledger, run, writer
from warehouse.specification import sources

PLANS = "plan_id,person_id,start_date\nA1,P1,2024-03-01\nA2,P2,2024-03-02\nA3,P3\n"
CIN = """<Message><Header><CollectionDetails><Collection>CIN</Collection><Year>2026</Year></CollectionDetails></Header>
<Children><Child><ChildIdentifiers><LAchildID>7</LAchildID></ChildIdentifiers>
<CINdetails><CINreferralDate>2025-05-01</CINreferralDate></CINdetails></Child></Children></Message>"""


class Killed(BaseException):
    """Not an Exception, as when the process is killed: no handler of ours sees it."""


def plan_ids(council: Any) -> list[str]:
    return [row["plan_id"] for row in council.rows("ehc.plan")]


def test_twice_changes_nothing(council: Any) -> None:
    council.deliver("ehc/ehc_plan.csv", PLANS)
    council.deliver("ehc/ehc_request.csv", "request_id,person_id\nR1,P1\n")
    council.deliver("ehc/odd.csv", "x")
    council.deliver("cin/cin.xml", CIN)
    first = council.land()
    before = council.tree()
    again = council.land()
    assert council.tree() == before
    assert (
        again.receipts == first.receipts
        and len(first.new) == 3 + len(sources()["cin"].extracts)
        and again.new == frozenset()
    )


def test_inbox_is_left_as_it_was(council: Any) -> None:
    for name, content in (("ehc/ehc_plan.csv", PLANS), ("ehc/odd.csv", "x"), ("cin/cin.xml", CIN[:-20])):
        council.deliver(name, content)
    before = {path: path.read_bytes() for path in council.home.inbox.rglob("*") if path.is_file()}
    council.land()
    assert {path: path.read_bytes() for path in council.home.inbox.rglob("*") if path.is_file()} == before


def test_same_content_under_another_name(council: Any) -> None:
    council.deliver("ehc/ehc_plan.csv", PLANS)
    council.land()
    before = council.tree()
    council.deliver("ehc/ehc_plan-copy.csv", PLANS)
    report = council.land()
    assert council.tree() == before and plan_ids(council) == ["A1", "A2"]
    assert any("ehc_plan-copy.csv: same content as ehc_plan.csv" in note for note in report.notes)


def test_same_content_twice_in_one_run(council: Any) -> None:
    council.deliver("ehc/ehc_plan-a.csv", PLANS)
    council.deliver("ehc/ehc_plan-b.csv", PLANS)
    council.land()
    assert plan_ids(council) == ["A1", "A2"]


def test_same_content_for_another_period_is_another_delivery(council: Any) -> None:
    """The year is in the name alone, so two empty-looking returns may well have the same bytes."""
    rows = "CHILD,SEX,DOB,ETHNIC,UPN,MOTHER,MC_DOB\n1,1,01/02/2012,WBRI,,,\n"
    council.deliver("ssda903/2025-header.csv", rows)
    council.deliver("ssda903/2026-header.csv", rows)
    assert [receipt.period for receipt in council.land().receipts] == ["2025", "2026"]
    assert [row["return_year"] for row in council.rows("ssda903.header")] == ["2025", "2026"]


def test_dated_snapshots_of_the_same_content(council: Any) -> None:
    council.deliver("ehc/2027-01-01/ehc_plan.csv", PLANS)
    council.deliver("ehc/2027-02-01/ehc_plan.csv", PLANS)
    assert [r.snapshot_date for r in council.land().receipts] == [date(2027, 1, 1), date(2027, 2, 1)]


def test_undated_content_keeps_the_date_it_landed_under(council: Any) -> None:
    """Moving the as-at date on is no new delivery of the files that still lie in the inbox."""
    council.deliver("ehc/ehc_plan.csv", PLANS)
    council.land(as_at=date(2027, 1, 21))
    before = council.tree()
    council.land(as_at=date(2027, 2, 21))
    assert council.tree() == before
    council.deliver("ehc/ehc_plan.csv", PLANS.replace("A2", "B2"))
    assert council.only(council.land(as_at=date(2027, 2, 21))).snapshot_date == date(2027, 2, 21)


def test_looking_back_lands_the_content_under_the_earlier_date(council: Any) -> None:
    """With an as-at date before the landing, no file would otherwise be known on that day."""
    council.deliver("ehc/ehc_plan.csv", PLANS)
    council.land(as_at=date(2027, 1, 21))
    assert council.only(council.land(as_at=date(2026, 1, 15))).snapshot_date == date(2026, 1, 15)


def test_back_to_the_first_version(council: Any) -> None:
    """The file last delivered under a name is the one that counts, also when its content is an old one."""
    for content in (PLANS, PLANS.replace("A2", "B2"), PLANS):
        council.deliver("ehc/ehc_plan.csv", content)
        report = council.land()
    assert len(report.new) == 1
    last = max((r for r in council.receipts()), key=lambda receipt: receipt.landed_at)
    assert last.file_hash == council.only(report).file_hash
    assert len(council.receipts()) == 2


def test_a_new_layout_lands_the_file_anew(council: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    council.deliver("ehc/ehc_plan.csv", PLANS)
    council.land()
    monkeypatch.setattr(run, "LANDING_VERSION", "next")
    assert len(council.land().new) == 1 and plan_ids(council) == ["A1", "A2"]


def test_lost_parquet_is_landed_again(council: Any) -> None:
    council.deliver("ehc/ehc_plan.csv", PLANS)
    council.land()
    shutil.rmtree(council.home.raw / "ehc" / "plan")
    council.land()
    assert plan_ids(council) == ["A1", "A2"]


@pytest.mark.parametrize(
    ("place", "name"),
    [
        (writer, "_rewrite"),
        (writer, "_with_text"),
        (ledger, "write_rejects"),
        (ledger, "write_receipts"),
        (run.Path, "replace"),
    ],
)
@pytest.mark.parametrize("after", [0, 1, 2, 3])
def test_killed_half_way(council: Any, monkeypatch: pytest.MonkeyPatch, place: Any, name: str, after: int) -> None:
    """Killed before step `after` of a kind, then run again: as if nothing had happened."""
    council.deliver("ehc/ehc_plan.csv", PLANS)
    council.deliver("ehc/ehc_request.csv", "request_id,person_id\nR1,P1\n,P2\nR3,P3\n")
    council.deliver("cin/cin.xml", CIN)
    calls, killed = 0, False
    real = getattr(place, name)

    def deadly(*arguments: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls > after:
            raise Killed
        return real(*arguments, **named)

    with monkeypatch.context() as patch:
        patch.setattr(place, name, deadly)
        try:
            council.land()
        except Killed:
            killed = True
            # A killed process cannot tidy up: what a `finally` would have removed is still there.
            (council.home.raw / "ehc" / f"half.parquet{ledger.TEMPORARY}").parent.mkdir(parents=True, exist_ok=True)
            (council.home.raw / "ehc" / f"half.parquet{ledger.TEMPORARY}").write_bytes(b"half")
            (council.home.work / "landing-left").mkdir(parents=True, exist_ok=True)
    assert killed or after > 1, "the test has to kill something"
    receipts = council.land().receipts
    assert plan_ids(council) == ["A1", "A2"]
    assert [row["request_id"] for row in council.rows("ehc.request")] == ["R1", "R3"]
    assert [row["la_child_id"] for row in council.rows("cin.child")] == ["7"]
    assert [row["referral_date"] for row in council.rows("cin.cin_details")] == ["2025-05-01"]
    of_cin = (extract.entity for extract in sources()["cin"].extracts)
    assert sorted(receipt.entity for receipt in receipts) == sorted([*of_cin, "plan", "request"])
    assert len(council.rejects()) == 2
    assert sum(r.rows_received for r in receipts) == sum(r.rows_loaded + r.rows_rejected for r in receipts) == 8
    assert not list(council.home.raw.rglob(f"*{ledger.TEMPORARY}")) and not list(council.home.work.glob("landing-*"))


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds that landing would have waited."""
    waited: list[float] = []
    monkeypatch.setattr(run.time, "sleep", waited.append)
    return waited


def test_file_still_being_written(council: Any, monkeypatch: pytest.MonkeyPatch, waits: list[float]) -> None:
    """What was hashed is what is read: a file that grows in between is left whole, never loaded in part."""
    file = council.deliver("ehc/ehc_plan.csv", PLANS)
    real = shutil.copyfile

    def growing(source: Path, target: Path) -> None:
        file.write_bytes(file.read_bytes() + b"A9,P9,2024-01-01\n")
        real(source, target)

    monkeypatch.setattr(run.shutil, "copyfile", growing)
    report = council.land()
    assert [str(left) for left in report.left] == [f"inbox/ehc/ehc_plan.csv is left for the next run: {run.CHANGING}"]
    assert report.receipts == () and plan_ids(council) == [] and not list(council.home.originals.iterdir())
    monkeypatch.setattr(run.shutil, "copyfile", real)
    assert council.land().left == ()
    assert plan_ids(council) == ["A1", "A2", "A9", "A9", "A9", "A9"]
    assert len(list(council.home.originals.iterdir())) == 1


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (PermissionError(errno.EACCES, "Permission denied"), run.IN_USE),
        (OSError(errno.EBUSY, "Device or resource busy"), run.IN_USE),
        (BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable"), run.IN_USE),
        (FileNotFoundError(errno.ENOENT, "No such file"), run.GONE),
    ],
)
def test_file_in_use_is_left_for_the_next_run(
    council: Any, monkeypatch: pytest.MonkeyPatch, waits: list[float], error: OSError, why: str
) -> None:
    """On Windows a workbook that is open in Excel cannot be read: the person is told, and the others load."""
    held = council.deliver("ehc/ehc_plan.csv", PLANS)
    council.deliver("ehc/ehc_request.csv", "request_id,person_id\nR1,P1\n")
    real = run._hash

    def locked(path: Path) -> str:
        if path == held:
            if why == run.GONE:
                held.unlink(missing_ok=True)
            raise error
        return real(path)

    monkeypatch.setattr(run, "_hash", locked)
    report = council.land()
    assert [(left.source, left.file_name, left.why) for left in report.left] == [("ehc", "ehc_plan.csv", why)]
    assert waits == [0.5, 1.0, 2.0], "each wait is twice the one before, and then it is enough"
    assert [receipt.entity for receipt in report.receipts] == ["request"]
    monkeypatch.setattr(run, "_hash", real)
    council.deliver("ehc/ehc_plan.csv", PLANS)
    assert {receipt.entity for receipt in council.land().receipts} == {"plan", "request"}


def test_file_that_is_let_go_of_lands_in_the_same_run(
    council: Any, monkeypatch: pytest.MonkeyPatch, waits: list[float]
) -> None:
    council.deliver("ehc/ehc_plan.csv", PLANS)
    real, tries = run._hash, []

    def twice_locked(path: Path) -> str:
        tries.append(path)
        if len(tries) < 3:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(run, "_hash", twice_locked)
    report = council.land()
    assert report.left == () and waits == [0.5, 1.0]
    assert plan_ids(council) == ["A1", "A2"] and len(council.rejects()) == 1


def test_a_copy_that_we_cannot_write_is_no_file_in_use(council: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a home that nobody may write to would look like an inbox of open workbooks, and the run would go on."""
    from warehouse import landing

    council.deliver("ehc/ehc_plan.csv", PLANS)

    def refused(_source: Path, target: Path) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(target))

    monkeypatch.setattr(run.shutil, "copyfile", refused)
    with pytest.raises(landing.LandingFailed, match="PermissionError"):
        council.land()


def test_source_switched_off(council: Any) -> None:
    council.deliver("ehc/ehc_plan.csv", PLANS)
    assert council.land(sources={"ehc": False}).receipts == ()


def test_strays_are_pointed_out(council: Any) -> None:
    council.deliver("ehc_plans/ehc_plan.csv", PLANS)
    council.deliver("ehc_plan.csv", PLANS)
    notes = council.land().notes
    assert any("inbox/ehc_plans is no declared source" in note for note in notes)
    assert any("inbox/ehc_plan.csv lies outside" in note for note in notes)


def test_notes_and_half_downloads_are_no_deliveries(council: Any) -> None:
    for name in ("README.md", "readme.txt", ".hidden", "~$ehc_plan.xlsx", "ehc_plan.csv.part", "x.tmp", "Thumbs.db"):
        council.deliver(f"ehc/{name}", "x")
    council.deliver("ehc/.git/ehc_plan.csv", PLANS)
    assert council.land().receipts == ()


def test_same_bytes_give_the_same_parquet(council: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """But for the time of landing, which is held still here."""
    moment = run.datetime(2027, 1, 1)
    monkeypatch.setattr(run, "datetime", type("Still", (), {"now": staticmethod(lambda _zone: moment)}))
    council.deliver("ehc/ehc_plan.csv", PLANS)
    council.land()
    before = council.tree()
    shutil.rmtree(council.home.raw)
    council.land()
    assert council.tree() == before
