"""All eleven cases of who is in the return (reference, section 1.5) are there, for both collection years."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Rows = Callable[[str, str], list[dict[str, str]]]
CENSUS = {2026: "2026-01-15", 2027: "2027-01-21"}


@pytest.mark.parametrize("year", sorted(CENSUS))
def test_every_case_is_there(rows: Rows, year: int) -> None:
    census, first, last = CENSUS[year], f"{year - 1}-01-01", f"{year - 1}-12-31"
    requests = {row["request_id"]: row for row in rows("ehc", "request")}
    assessments = {row["request_id"]: row for row in rows("ehc", "assessment")}
    plans = rows("ehc", "plan")
    planned = {row["request_id"] for row in plans if row["request_id"]}
    found: dict[int, int] = dict.fromkeys(range(1, 12), 0)

    def in_year(day: str) -> bool:
        return first <= day <= last

    for plan in plans:
        moved_in = plan["transferred_in_date"]
        if plan["start_date"] > census or (moved_in and moved_in > census):
            continue
        if plan["cease_date"] and plan["cease_date"] < census:
            found[4] += in_year(plan["cease_date"])
        elif moved_in and moved_in >= first:
            found[3] += 1
        elif plan["start_date"] >= first:
            found[2] += 1
        else:
            found[1] += 1
    for key, request in requests.items():
        assessment = assessments.get(key, {})
        decided, outcome = request["outcome_date"], request["outcome"]
        issued, result = assessment.get("outcome_date", ""), assessment.get("outcome", "")
        if request["received_date"] > last:
            continue
        open_at_end = not (outcome in ("N", "W") and decided and decided <= last)
        if request["exported_la_code"]:
            found[11] += in_year(request["exported_date"])
            continue
        if key in planned and key in assessments and issued and issued <= census:
            continue
        if outcome == "N" and in_year(decided) and key not in assessments:
            found[6] += 1
        if (outcome == "W" and in_year(decided)) or (result == "W" and in_year(issued)):
            found[7] += 1
        if result == "N" and in_year(issued):
            found[5] += 1
        if open_at_end:
            if not decided or decided > last:
                found[10] += 1
            elif assessment.get("draft_issued_date", "") and assessment["draft_issued_date"] <= last < (
                issued or "9999"
            ):
                found[8] += 1
            elif not issued or issued > last:
                found[9] += 1
    assert not [case for case, number in found.items() if number == 0], found


def test_one_person_can_have_several_requests_and_plans(rows: Rows) -> None:
    requests: dict[str, set[str]] = {}
    for row in rows("ehc", "request"):
        requests.setdefault(row["person_id"], set()).add(row["outcome"])
    people = [row["person_id"] for row in rows("ehc", "request")]
    assert any(people.count(person) > 1 and {"N", "Y"} <= requests[person] for person in requests)
    plans = [row["person_id"] for row in rows("ehc", "plan")]
    assert any(plans.count(person) > 1 for person in set(plans))
