"""A finding shows what the record holds in the elements that its rule names. It endangers whoever mends the record, who
would look at the wrong value. Expected values are the rows put in, read by hand.

Resolve in sen2__finding_value.sql; which elements a rule names is in rule.csv.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from tests.unit.returns.findings_by_hand import Findings
from warehouse.returns.check import rules

PERSON = {"person_record_id": "P1"}
REQUEST = PERSON | {"request_record_id": "R1"}


@pytest.fixture(scope="module")
def made() -> Iterator[Findings]:
    found = Findings()
    yield found
    found.close()


@pytest.fixture
def findings(made: Findings) -> Findings:
    made.empty()
    made.record("header", LEA="999", DateTime="2026-02-02T09:30:00")
    made.record("person", **PERSON, PersonBirthDate=date(2010, 5, 5), UPN="H801200001001", Surname="Hill")
    made.record("requests", **REQUEST, ReceivedDate=date(2025, 1, 2), RequestOutcome="Y", Exported="999")
    made.record("assessment", **REQUEST, AssessmentOutcome="Y")
    made.record("named_plan", **REQUEST, StartDate=date(2025, 6, 1))
    made.record("plan_detail", **REQUEST, plan_detail_record_id="D1", URN="100001", PlacementRank="1")
    made.record("active_plans", **REQUEST, ReviewMeeting=date(2025, 5, 1))
    for number, left in (("1", date(2025, 8, 31)), ("2", None)):
        made.record(
            "placement_detail",
            **REQUEST,
            placement_record_id=f"L{number}",
            URN=f"10000{number}",
            EntryDate=date(2025, int(number), 1),
            LeavingDate=left,
            PlacementRank=number,
        )
    # Another person, whose values must not be shown with the first one's.
    made.record("person", person_record_id="P2", PersonBirthDate=date(2000, 1, 1))
    made.record("requests", person_record_id="P2", request_record_id="R2", ReceivedDate=date(2024, 2, 2))
    # A second request of the first person, without a plan.
    made.record("requests", **PERSON, request_record_id="R0", ReceivedDate=date(2020, 3, 3))
    return made


@pytest.mark.parametrize(
    ("flag", "keys", "expected"),
    [
        ("p15", PERSON, "UPN=H801200001001"),
        ("p11", PERSON, "PostCode="),  # blank
        ("l09", REQUEST | {"record_id": "L1"}, "LeavingDate=2025-08-31; EntryDate=2025-01-01"),  # in the rule's order
        ("l13", REQUEST | {"record_id": "L2"}, "PlacementRank=2; EntryDate=2025-02-01; LeavingDate="),
        ("r05", REQUEST, "ReceivedDate=2025-01-02; PersonBirthDate=2010-05-05"),  # of the record around it
        ("p06", PERSON | {"person_record_id": "P2"}, "PersonBirthDate=2000-01-01; ReceivedDate=2024-02-02"),
        ("p06", PERSON, "PersonBirthDate=2010-05-05; ReceivedDate=2020-03-03, 2025-01-02"),  # of both records inside it
        ("l14", REQUEST, "EntryDate=2025-01-01, 2025-02-01; LeavingDate=2025-08-31, (blank)"),  # side by side
        ("l15", REQUEST, "PlacementRank=1, 2"),  # of the placements inside it, not of the plan beside it
        ("d11", REQUEST, "PlacementRank=1"),  # of the settings named in it, not of the placements beside it
        ("d09", REQUEST | {"record_id": "D1"}, "SENSetting=; SENSettingOther="),
        ("t07", REQUEST, "ReviewMeeting=2025-05-01; StartDate=2025-06-01"),  # of the plan beside it
        ("r19", REQUEST, "Exported=999; LEA=999"),  # of the header
        ("h07", {}, "DateTime=2026-02-02T09:30:00"),
        ("h11", {}, None),  # the return as a whole: no list of children
        ("t05", REQUEST, "SENneed="),  # how many records there are
        ("n07", REQUEST, "PlanDetail=1"),
        ("t04", REQUEST, "PlacementDetail=2"),
    ],
)
def test_values(findings: Findings, flag: str, keys: dict[str, Any], expected: str | None) -> None:
    key = findings.hit(flag, **keys)
    findings.judge()
    assert findings.values() == {key: expected}


def test_a_record_that_is_missing_is_shown_as_last_year_had_it(findings: Findings) -> None:
    findings.record("named_plan", 2025, **REQUEST, StartDate=date(2019, 9, 9))
    key = findings.hit("x03", 2026, record_year=2025, **REQUEST)
    findings.judge()
    assert findings.values() == {key: "StartDate=2019-09-09"}


def test_an_item_that_the_year_does_not_ask_is_not_shown(findings: Findings) -> None:
    """Residence stood with the plan in 2023 and stands with the placement since 2024."""
    findings.record("placement_detail", 2025, **REQUEST, placement_record_id="L1", Res="A")
    findings.record("active_plans", 2025, **REQUEST, Res="B")
    key = findings.hit("l16", 2025, **REQUEST, record_id="L1")
    findings.judge()
    assert findings.values() == {key: "Res=A; WBP="}


def test_the_checker_neither_shows_values_nor_pays_for_them() -> None:
    made = rules.Project(rules.variables(2026)).tables([rules.FINDINGS])["derived"]
    assert not {table.name for table in made} & {"sen2__finding_value", "sen2__finding", "sen2__finding_explanation"}
    assert not {"values_at_fault", "explanation_reason"} & set(rules.Project({}).columns(rules.FINDINGS))


def test_where_the_values_came_from(findings: Findings) -> None:
    """The review of a plan has a row of its own: that is where a wrong date of it is mended."""
    place = {"source_file": "ehc_plan.csv", "source_row": 5}
    findings.put(
        "sen2__value_source",
        collection_year=2026,
        request_record_id="R1",
        origin="review",
        source_file="ehc_review.csv",
        source_row=9,
    )
    of_review = findings.hit("t13", **REQUEST, **place)
    of_need = findings.hit("t05", **REQUEST, **place)
    of_transfer = findings.hit("t16", **REQUEST, **place)  # no such row was delivered: the record's own
    findings.judge()
    found = findings.connection.execute("select finding_key, source_file, source_row from sen2__finding").fetchall()
    assert {key: (file, row) for key, file, row in found} == {
        of_review: ("ehc_review.csv", 9),
        of_need: ("ehc_plan.csv", 5),
        of_transfer: ("ehc_plan.csv", 5),
    }
