"""The demonstration can show its indicators: none is nought, or all, because the generator knows nothing else."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date, datetime
from itertools import pairwise

Rows = Callable[[str, str], list[dict[str, str]]]
AS_AT = date(2027, 1, 21)
# The last days of the two whole years that indicators of registers speak of.
STOCK_DAYS = (date(2025, 12, 31), date(2026, 12, 31))


def day(text: str) -> date:
    return datetime.strptime(text, "%d/%m/%Y").date() if "/" in text else date.fromisoformat(text)


def open_on(rows: list[dict[str, str]], start: str, end: str, on: date) -> int:
    return sum(day(row[start]) <= on and not (row[end] and day(row[end]) < on) for row in rows)


def test_some_therapy_is_delivered_in_full_and_some_is_not(rows: Rows) -> None:
    """HC09. A line is in full when it has the hours and the times that the plan says."""
    known = [
        float(row["times_a_year_delivered"]) >= float(row["times_a_year_specified"])
        for row in rows("ehc", "provision")
        if row["provision_type"] in ("SLT", "OT", "PHYSIO") and row["times_a_year_delivered"]
    ]
    assert 0.1 < sum(known) / len(known) < 0.45


def test_some_children_change_school_within_the_year(rows: Rows) -> None:
    """PL21. They leave one school on a day from November to May, and are at another on the next."""
    attended = defaultdict(list)
    for row in rows("ehc", "placement"):
        if row["kind"] == "attended" and row["rank"] == "1" and row["entry_date"]:
            attended[row["plan_id"]].append(row)
    moves = []
    for spells in attended.values():
        spells.sort(key=lambda row: day(row["entry_date"]))
        for before, after in pairwise(spells):
            left = day(before["leaving_date"]) if before["leaving_date"] else None
            if left and (left.month >= 11 or left.month <= 5) and before["urn"] != after["urn"]:
                assert (day(after["entry_date"]) - left).days == 1
                moves.append(left)
    assert moves and max(moves) < AS_AT
    assert len(moves) < len(attended) / 10


def test_a_few_miss_half_of_school(rows: Rows) -> None:
    """IN03: two to three in a hundred do in England."""
    away = [
        int(row["sessions_present"]) * 2 <= int(row["sessions_possible"])
        for row in rows("attendance", "termly_summary")
    ]
    assert 0.01 < sum(away) / len(away) < 0.05


def test_home_education_begins_in_each_year_and_never_after_today(rows: Rows) -> None:
    """IN08: of those who began, in the years themselves."""
    started = [day(row["start_date"]) for row in rows("inclusion", "elective_home_education")]
    years = Counter(start.year for start in started)
    assert max(started) <= AS_AT
    assert years[2025] and years[2026]


def test_who_went_home_in_the_year_was_at_school_before(rows: Rows) -> None:
    """IN08 and IN09 count children whose SEN somebody knows; of who never was at school nobody does."""
    roll: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for row in rows("school_census", "pupil_on_roll"):
        roll[row["upn"]].add((row["census_year"], row["census_term"]))
    began = {row["upn"]: day(row["start_date"]) for row in rows("inclusion", "elective_home_education") if row["upn"]}
    of_the_year = [upn for upn, start in began.items() if date(2026, 2, 1) < start < date(2026, 12, 1)]
    seen = [upn for upn in of_the_year if ("2026", "spring") in roll[upn]]
    # The others were too young for a roll in January, or their UPN is one that a fault changed.
    assert len(seen) > len(of_the_year) / 2
    assert not any(("2027", "spring") in roll[upn] for upn in seen)


def test_a_roll_tells_totals_or_a_file_tells_codes(rows: Rows) -> None:
    """What was missed adds up to what the roll tells, and more of children with SEN; no census tells both."""
    pupils = {
        (row["census_year"], row["census_term"], row["pupil_on_roll_table_id"]): row
        for row in rows("school_census", "pupil_on_roll")
    }
    missed: dict[tuple[str, ...], float] = defaultdict(float)
    for row in rows("school_census", "session_detail"):
        if row["roll"] == "on" and row["attendance_reason"] not in ("/", "\\"):
            missed[row["census_year"], row["census_term"], row["pupil_on_roll_table_id"]] += float(row["sessions"])
    totals = ("sessions_authorised", "sessions_unauthorised")
    by_total = {key for key, row in pupils.items() if any(row[name] for name in totals)}
    assert {key[:2] for key in by_total} == {("2026", "spring"), ("2026", "summer")}
    assert {key[:2] for key in missed} == {("2026", "autumn"), ("2027", "spring")}
    for told in (
        {key: sum(float(pupils[key][name] or 0) for name in totals) for key in by_total},
        {key: sessions for key, sessions in missed.items() if key in pupils},
    ):
        mean = {
            has_sen: sum(away) / len(away)
            for has_sen in (True, False)
            if (away := [value for key, value in told.items() if (pupils[key]["sen_provision"] in "KE") == has_sen])
        }
        assert 1.5 < mean[True] / mean[False] < 3.5


def test_nobody_is_referred_before_birth(rows: Rows) -> None:
    for source, entity, referred in (
        ("notification", "notification", "received_date"),
        ("equipment", "episode", "referral_date"),
    ):
        found = [row for row in rows(source, entity) if row["birth_date"] and row[referred]]
        assert found
        assert not any(day(row[referred]) < day(row["birth_date"]) for row in found), source


def test_registers_reach_back_beyond_the_years_that_are_shown(rows: Rows) -> None:
    """IN07 and IN09: a register that begins in the second year makes the first a nought that nobody counted."""
    timetables = rows("inclusion", "part_time_timetable")
    missing = rows("inclusion", "missing_education")
    for on in STOCK_DAYS:
        assert open_on(timetables, "start_date", "end_date", on), on
        assert open_on(missing, "notified_date", "closed_date", on), on
    assert min(day(row["start_date"]) for row in timetables).year == 2024
    assert min(day(row["notified_date"]) for row in missing).year == 2024


def test_hearing_is_tested_in_time_and_late(rows: Rows) -> None:
    """HC07: within 42 days of the referral."""
    waited = [
        (day(row["assessed_date"]) - day(row["referral_date"])).days
        for row in rows("equipment", "episode")
        if row["service"] == "AUD" and row["assessed_date"]
    ]
    assert min(waited) <= 42 < max(waited)


def test_views_are_recorded_in_every_year(rows: Rows) -> None:
    """EX06 looks back to the year before: views that began a year ago made it jump."""
    views = Counter(
        day(row["recorded_date"]).year for row in rows("ehc", "recorded_view") if row["given_by"] == "CHILD"
    )
    assert views[2025] > views[2026] * 0.5
    assert views[2024] > views[2026] * 0.25
