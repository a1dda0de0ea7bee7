"""The council's answers to findings of its return: a file of explanations, some of which explain nothing any more.

They are of planted faults, so that it is known beforehand what becomes of each; tests/integration/test_explanations.py
says what.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from warehouse.synthetic.files import keep_if_new
from warehouse.synthetic.world import World

NOBODY = "00000000"  # a number that no person of the county has


@dataclass(frozen=True)
class Answer:
    """An explanation: of a rule's findings of one planted person, of `person`, or of all that fit `pattern`.

    `days` is from the as-at date to its last day; without, it has none. `every_year` leaves the collection year blank.
    """

    rule_id: str
    reason: str
    person: str | None = None
    pattern: str = ""
    days: int | None = None
    every_year: bool = False


ANSWERS = (
    Answer("P11", "Two addresses are withheld at the family's wish; the plan says so", person=""),
    Answer("P11", "Lives in a refuge; the address is withheld"),
    Answer("P19", "The school has asked for the permanent number", days=120),
    Answer("P09", "The family gave its ethnicity in the words of the Welsh census", "", "Ethnicity=AB??", 400, True),
    Answer("P24", "The number is awaited since the family came from abroad", NOBODY),
    Answer("P12", "The new street had no postcode yet", days=-1),
    Answer("P08", "The code is one of our own and is meant", every_year=True),
)
HEADER = (
    "rule_id",
    "collection_year",
    "ehc_person_id",
    "pattern",
    "reason",
    "explained_by",
    "explained_on",
    "explained_until",
)


def write(world: World) -> Path:
    """Write inbox/council/sen2_explanation_<day>.csv, some days after the as-at date, as answers are given."""
    year, as_at = max(world.census_days), world.as_at
    day = as_at + timedelta(days=20)
    part = world.settings.home.work / "demo" / f"sen2_explanation_{day}.csv"
    with part.open("w", encoding="utf-8", newline="") as target:
        writer = csv.writer(target, lineterminator="\n")
        writer.writerow(HEADER)
        for answer in ANSWERS:
            person = _planted(world, answer.rule_id, year) if answer.person is None else answer.person
            until = "" if answer.days is None else as_at + timedelta(days=answer.days)
            when = "" if answer.every_year else year
            if person is not None:
                writer.writerow(
                    (answer.rule_id, when, person, answer.pattern, answer.reason, "Data manager", day, until)
                )
    return keep_if_new(part, world.settings.home.inbox / "council" / part.name)


def _planted(world: World, rule_id: str, year: int) -> str | None:
    """The first person in whom a fault against a rule was planted; None in a county too small for it."""
    found = world.con.execute(
        "select min(e.person_id) from expected as e inner join fault_check as c using (fault_id) "
        "where c.expected_check = ? and c.collection_year = ?",
        [rule_id, year],
    ).fetchone()
    return found[0]
