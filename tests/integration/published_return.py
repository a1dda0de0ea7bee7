"""The return of 2025 that speaks of the people of `published_people`, and the register of their settings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from tests.integration.published_margins import (
    CENSUS_DAY,
    ETHNICITIES,
    HELD,
    LABELS,
    NEEDS,
    PLACEMENTS,
    REASONS,
    SETTINGS,
    SEXES,
    TO_20,
    YEAR,
    Crowd,
    Programme,
    Published,
    spread,
    to_20,
)
from tests.integration.published_people import Plans, births, with_plans
from warehouse import specification

TOPICS = (("sex", SEXES), ("ethnicity", LABELS), ("age", TO_20))
IN_YEAR = "assessments.assess_in_year assessments.assess_issued"
ISSUES = (
    *(
        f"{IN_YEAR} plans_issued_den plans_issued_{with_all}{without}"
        for with_all, ex in (
            ("within_20_weeks", "20_weeks_ex"),
            ("gt20weeks_ltyear", "gt20weeks_ltyear_ex"),
            ("gt_1_year", "gt_1_year_ex"),
        )
        for without in (f" plans_issued_den_ex plans_issued_{ex}", "")
    ),
    IN_YEAR,
)
UPN_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"
NEED_CODES = [*(need.upper() for need in NEEDS[:-1]), None]
CEASE_CODES = ["1", "2", "3", "4", "5", "6", "7", "8", "9", None]
WORK = ["S", "A", "T", None]
PAYMENT = ["H", "E", "S", "I", None]
RESIDENCE = ["A", "B", None]
OUTCOME = ["A", "C", "M", None]
TYPES = sorted({code.split()[0] for _, _, code in SETTINGS if code[:1].isdigit()}, key=int)
URN = {code: str(100_001 + place) for place, code in enumerate(TYPES)}
NOT_NAMED = ("NEET", "NIEC", "NIEO")  # places where somebody is, that no plan names
UNKNOWN_URN = "999999"


class Return:
    """The records of one council, by table.

    `left` has the cells that its people do not hold: file, topic, label, column → how many too many.
    """

    def __init__(self, published: Published):
        self.published = published
        self.tables: dict[str, list[dict[str, Any]]] = {}
        self.people = 0
        rng = np.random.default_rng(int(published.la_code))
        plans = with_plans(published, rng)
        self.left = plans.crowd.gaps()
        lives = [births(a, y, g) for a, y, g in zip(plans.age, plans.years, plans.start_age, strict=True)]
        life = [options[rng.integers(len(options))] for options in lives]
        assessed = self._assessments(plans, life, rng)
        self._plans(plans, life, assessed)
        self._ceased(plans, life, assessed, rng)
        self._requests(rng)
        self._header()

    def _add(self, table: str, **values: Any) -> None:
        self.tables.setdefault(table, []).append({"collection_year": CENSUS_DAY.year} | values)

    def _person(self, born: date, sex: int, ethnicity: int, **request: Any) -> dict[str, Any]:
        """One person with one request; returns the ids that records below it bear."""
        self.people += 1
        number = self.people
        person, asked = f"{number:06d}", f"{number:06d}-1"
        self._add(
            "person",
            person_record_id=person,
            Surname=f"Surname{number}",
            Forename=f"Forename{number}",
            PersonBirthDate=born,
            Sex="FM"[sex],
            Ethnicity=list(ETHNICITIES)[ethnicity],
            PostCode="AL1 1AA",
            UPN=upn(int(self.published.la_code), number),
        )
        ids = {"person_record_id": person, "request_record_id": asked}
        self._add("requests", **ids, **request)
        return ids

    def _note(self, crowd: Crowd) -> None:
        """Keep the cells that are not held."""
        self.left |= crowd.gaps()

    def _header(self) -> None:
        officers = self.published.officers
        code = {"Yes": "Y", "No": "N", "Recruiting": "R"}
        self._add(
            "header",
            Collection="SEN2",
            Year=str(CENSUS_DAY.year),
            ReferenceDate=CENSUS_DAY,
            SourceLevel="L",
            LEA=self.published.la_code,
            SoftwareCode="test",
            Release="1",
            SerialNo="001",
            DateTime=f"{CENSUS_DAY.isoformat()}T00:00:00",
            DMO=code.get(officers["des_med_off"]),
            DCO=code.get(officers["des_clin_off"]),
            DSCO=code.get(officers["des_so_care_off"]),
        )

    def _plan(
        self, ids: dict[str, Any], setting: int, need: int, start: date, ended: date | None, more: dict[str, Any]
    ) -> None:
        """A plan with its placement and need. `more` has what a plan in force has besides."""
        where = placement(setting)
        plan = {name: more.get(name) for name in ("PB", "OA", "DP", "CeaseReason")}
        self._add("named_plan", **ids, StartDate=start, CeaseDate=ended, PlanRes=more.get("Res"), **plan)
        named = where | ({"SENSetting": "OTH"} if where.get("SENSetting") in NOT_NAMED else {})
        self._add(
            "plan_detail", **ids, plan_detail_record_id=ids["request_record_id"] + "-1", PlacementRank="1", **named
        )
        reviews = {name: more.get(name) for name in ("ReviewMeeting", "ReviewOutcome", "LastReview")}
        self._add("active_plans", **ids, **reviews)
        self._add(
            "placement_detail",
            **ids,
            placement_record_id=ids["request_record_id"] + "-1",
            PlacementRank="1",
            EntryDate=min(start, ended or start) if start > date(2024, 9, 2) or ended else date(2024, 9, 2),
            LeavingDate=ended,
            Res=more.get("Res"),
            WBP=more.get("WBP"),
            **where,
        )
        if NEED_CODES[need]:
            self._add(
                "sen_need",
                **ids,
                need_record_id=ids["request_record_id"] + "-1",
                SENtype=NEED_CODES[need],
                SENtypeRank="1",
            )

    def _assessments(
        self, plans: Plans, life: Sequence[tuple[int, int, bool]], rng: np.random.Generator
    ) -> dict[int, dict[str, Any]]:
        """What came of the assessments of the new plans, by place among them; others become people here.

        Requests are of before the year (outcome H), so that they count in this table alone.
        """
        published = self.published
        new = np.flatnonzero(plans.is_new)
        is_late = np.array([life[place][2] for place in new])
        age = np.array([2024 - life[place][1] - is_late_one for place, is_late_one in zip(new, is_late, strict=True)])
        issued = {
            name: published.margin("assessments", name, labels, ["assess_issued"])[:, 0] for name, labels in TOPICS
        }
        at_request = _ages_at_request(age, issued["age"], rng)
        of_new = {
            "sex": plans.drawn["sex"][new],
            "ethnicity": plans.drawn["ethnicity"][new],
            "age": np.array([to_20(one) for one in at_request]),
        }
        lacking = {}
        for name, labels in TOPICS:
            lacking[name] = np.maximum(issued[name] - np.bincount(of_new[name], minlength=len(labels)), 0)
        others = max(margin.sum() for margin in lacking.values())
        for name in lacking:
            lacking[name][issued[name].argmax()] += others - lacking[name].sum()
        out = len(new) + others - published.total("assessments", "assess_issued")
        bands = []
        for within in ("plans_issued_within_20_weeks", "plans_issued_gt20weeks_ltyear", "plans_issued_gt_1_year"):
            without = within.replace("within_20_weeks", "20_weeks") + "_ex"
            bands += [(without,), (within, without)]

        def wanted(topic: str, labels: Sequence[str]) -> np.ndarray:
            """In 20 weeks, in a year, later, each without and with an exception; not dated; dated in another year."""
            columns = []
            for band in bands:
                margin = published.margin("timeliness_20_week", topic, labels, band)
                columns.append(margin[:, 0] if len(band) == 1 else margin[:, 0] - margin[:, 1])
            undated = published.margin("assessments", topic, labels, ["assess_issued"])[:, 0] - sum(columns)
            return np.column_stack([*columns, undated, 0 * undated])

        both = {name: np.r_[of_new[name], spread(lacking[name], rng)] for name, _ in TOPICS}
        is_new = np.arange(len(new) + others) < len(new)
        may = np.ones((len(is_new), 8), bool)
        may[~is_new, 7] = False
        of_this_year = np.r_[~is_late & (at_request == age), np.zeros(others, bool)]
        may[of_this_year, 4:6] = False
        totals = wanted("all", ["all"])[0]
        totals[7] = out
        crowd = Crowd(both | {"issue": np.full(len(is_new), 7)}, rng)
        for name, labels in TOPICS:
            counts = wanted(name, labels)[:, :7]
            crowd.want(name, "issue", ("timeliness_20_week", name, labels, ISSUES), np.ones(len(is_new), bool), counts)
        crowd.deal("issue", totals, may)
        self._note(crowd)
        refused, speed = self._refused(rng)
        flags = self._appeals(
            "assessments",
            {name: np.r_[both[name], refused[name]] for name, _ in TOPICS},
            (
                ("number_assess_mediation", "number_assess_tribunal", "number_asssess_mediation_tribunal"),
                ("number_other_mediation", "number_other_tribunal", "number_other_mediation_tribunal"),
            ),
            rng,
        )
        found = {}
        for place, (issue, appeal) in enumerate(zip(crowd.attributes["issue"].tolist(), flags, strict=False)):
            asked, day = _dates(issue, bool(of_this_year[place]))
            record = {
                "AssessmentOutcome": "Y",
                "AssessmentOutcomeDate": day,
                "Week20": str(int(issue in (1, 3, 5))),
                **appeal,
            }
            if place < len(new):
                late_and_older = bool(is_late[place] and at_request[place] == age[place])
                found[int(new[place])] = {
                    "received": asked,
                    "record": record,
                    "of_this_year": bool(of_this_year[place]),
                    "birthday_early": late_and_older,
                }
            else:
                born = date(asked.year - (both["age"][place] + 2), 1, 15)
                ids = self._person(
                    born, both["sex"][place], both["ethnicity"][place], ReceivedDate=asked, RequestOutcome="H"
                )
                self._add("assessment", **ids, **record)
        for place in range(len(speed)):
            asked = date(2023, 12, 10)
            born = date(asked.year - (refused["age"][place] + 2), 1, 15)
            ids = self._person(
                born, refused["sex"][place], refused["ethnicity"][place], ReceivedDate=asked, RequestOutcome="H"
            )
            day = date(2024, 2, 10) if speed[place] == 0 else date(2024, 9, 10)
            self._add(
                "assessment",
                **ids,
                AssessmentOutcome="N",
                AssessmentOutcomeDate=day,
                Week20="0",
                **flags[len(is_new) + place],
            )
        return found

    def _refused(self, rng: np.random.Generator) -> tuple[dict[str, np.ndarray], np.ndarray]:
        """Assessments that led to no plan, and whether in 16 weeks (0) or later (1)."""
        columns = ["outcome_decision_within_time", "outcome_decision_over_time"]
        margins = {name: self.published.margin("assessments", name, labels, columns) for name, labels in TOPICS}
        speed = spread([self.published.total("assessments", column) for column in columns], rng)
        people = {name: np.zeros(len(speed), int) for name, _ in TOPICS}
        for name, _ in TOPICS:
            for value in (0, 1):
                people[name][speed == value] = spread(margins[name][:, value], rng)
        return people, speed

    def _appeals(
        self,
        file: str,
        people: dict[str, np.ndarray],
        kinds: Sequence[tuple[str, str, str]],
        rng: np.random.Generator,
        may: np.ndarray | None = None,
        prefixes: Sequence[str] = ("Assessment", "Other"),
    ) -> list[dict[str, str]]:
        """Mediation, appeal, or both, for each kind of matter: the flags of each person."""
        everybody = np.ones(len(people["sex"]), bool)
        may = everybody if may is None else may
        flags: list[dict[str, str]] = [{} for _ in everybody]
        for prefix, columns in zip(prefixes, kinds, strict=True):

            def wanted(topic: str, labels: Sequence[str], columns: Sequence[str] = columns) -> np.ndarray:
                mediation, appeal, both = self.published.margin(file, topic, labels, columns).T
                return np.column_stack([mediation - both, appeal - both, both, 0 * both])

            totals = wanted("all", ["all"])[0]
            value = np.full(len(everybody), 3)
            crowd = Crowd(people | {"appeal": value}, rng)
            for name, labels in TOPICS:
                each = (columns[0], columns[1], " ".join(columns))
                crowd.want(name, "appeal", (file, name, labels, each), everybody, wanted(name, labels)[:, :3])
            crowd.deal("appeal", [*totals[:3], len(value) - totals.sum()], np.c_[may, may, may, everybody])
            self._note(crowd)
            for place, level in enumerate(value.tolist()):
                flags[place][f"{prefix}Mediation"] = str(int(level in (0, 2)))
                flags[place][f"{prefix}Tribunal"] = str(int(level in (1, 2)))
        return flags

    def _plans(self, plans: Plans, life: Sequence[tuple[int, int, bool]], assessed: dict[int, dict[str, Any]]) -> None:
        drawn = plans.drawn
        reviews = review_dates(plans)
        for place in np.flatnonzero(plans.is_in_force).tolist():
            year, born_in, is_late = life[place]
            assessment = assessed.get(place)
            born = birth_date(born_in, is_late, place, assessment)
            start = start_date(year, place, assessment)
            ids = self._person(
                born,
                int(drawn["sex"][place]),
                int(drawn["ethnicity"][place]),
                RequestOutcome="H",
                ReceivedDate=assessment["received"] if assessment else None,
            )
            self._add("assessment", **ids, **(assessment["record"] if assessment else {"AssessmentOutcome": "H"}))
            more = {
                "PB": str(int(drawn["budget"][place] == 0)),
                "OA": "1" if drawn["organised"][place] == 0 else None,
                "DP": PAYMENT[drawn["payments"][place]],
                "Res": RESIDENCE[drawn["residence"][place]],
                "WBP": WORK[drawn["work"][place]],
            }
            self._plan(
                ids, int(plans.setting[place]), int(drawn["need"][place]), start, None, more | reviews.get(place, {})
            )

    def _ceased(
        self,
        plans: Plans,
        life: Sequence[tuple[int, int, bool]],
        assessed: dict[int, dict[str, Any]],
        rng: np.random.Generator,
    ) -> None:
        """Plans that ended in the year: every table is by reason, so within a reason all is dealt out freely.

        New plans that are not in force ended in the first days of January: the tables of no year count that yet.
        """
        for place in np.flatnonzero(~plans.is_in_force).tolist():
            year, born_in, is_late = life[place]
            assessment = assessed[place]
            ids = self._person(
                birth_date(born_in, is_late, place, assessment),
                int(plans.drawn["sex"][place]),
                int(plans.drawn["ethnicity"][place]),
                RequestOutcome="H",
                ReceivedDate=assessment["received"],
            )
            self._add("assessment", **ids, **assessment["record"])
            start = start_date(year, place, assessment)
            ended = {"PB": "0", "CeaseReason": "5"}
            setting, need = int(plans.setting[place]), int(plans.drawn["need"][place])
            self._plan(ids, setting, need, start, date(YEAR, 1, 5), ended)
        topics = (*TOPICS, ("placement", PLACEMENTS), ("years", HELD))
        left = {name: self.published.margin("ceased_plans", name, labels, REASONS) for name, labels in topics}
        for reason in range(len(REASONS)):
            dealt = {name: spread(left[name][:, reason], rng) for name, _ in topics}
            # The longest plans go with the oldest, or somebody would have had one before birth.
            ages, years = np.sort(dealt["age"]), np.sort(dealt["years"])
            for place in range(len(ages)):
                age, held = int(ages[place]) + 2, int(years[place])
                ended = date(2024, 7, 1)
                ids = self._person(
                    date(2024 - age, 1, 15),
                    int(dealt["sex"][place]),
                    int(dealt["ethnicity"][place]),
                    RequestOutcome="H",
                )
                self._add("assessment", **ids, AssessmentOutcome="H")
                self._plan(
                    ids,
                    int(dealt["placement"][place]),
                    len(NEEDS) - 1,
                    date(2024 - held, 3, 1),
                    ended,
                    {"PB": "0", "CeaseReason": CEASE_CODES[reason]},
                )

    def _requests(self, rng: np.random.Generator) -> None:
        """Requests of the year by outcome. Decisions beyond those were asked for in the year before."""
        published = self.published
        columns = [
            "requests_decided_to_assess",
            "requests_decided_not_to_assess",
            "requests_decision_not_made",
            "requests_withdrawn",
        ]
        speeds = ["request_outcome_six_weeks", "request_outcome_over_6_weeks"]
        outcome = spread([published.total("requests", column) for column in columns], rng)
        margins = {name: published.margin("requests", name, labels, columns) for name, labels in TOPICS}
        decided = {name: published.margin("requests", name, labels, speeds).sum(axis=1) for name, labels in TOPICS}
        more = {name: np.maximum(decided[name] - margins[name][:, :2].sum(axis=1), 0) for name, _ in TOPICS}
        earlier = max(margin.sum() for margin in more.values())
        people = {}
        for name, _ in TOPICS:
            more[name][decided[name].argmax()] += earlier - more[name].sum()
            people[name] = np.zeros(len(outcome), int)
            for value in range(4):
                people[name][outcome == value] = spread(margins[name][:, value], rng)
            people[name] = np.r_[people[name], spread(more[name], rng)]
        outcome = np.r_[outcome, np.full(earlier, 1)]
        is_earlier = np.arange(len(outcome)) >= len(outcome) - earlier
        may = np.ones((len(outcome), 3), bool)
        may[outcome > 1, :2] = False
        may[is_earlier, 2] = False
        totals = [published.total("requests", speed) for speed in speeds]
        everybody = np.ones(len(outcome), bool)
        crowd = Crowd(people | {"speed": np.full(len(outcome), 2)}, rng)
        for name, labels in TOPICS:
            counts = published.margin("requests", name, labels, speeds)
            crowd.want(name, "speed", ("requests", name, labels, speeds), everybody, counts)
        crowd.deal("speed", [*totals, len(outcome) - sum(totals)], may)
        self._note(crowd)
        speed = crowd.attributes["speed"]
        flags = self._appeals(
            "requests",
            people,
            (("mediation_related_request", "tribunal_related_request", "tribunal_after_mediation_request"),),
            rng,
            (outcome < 2) & ~is_earlier,
            ("Request",),
        )
        crowd = Crowd(people | {"youth": np.ones(len(outcome), int)}, rng)
        for name, labels in TOPICS:
            counts = published.margin("requests", name, labels, ["requests_rya"])
            crowd.want(name, "youth", ("requests", name, labels, ["requests_rya"]), everybody, counts)
        total = published.total("requests", "requests_rya")
        crowd.deal("youth", [total, len(outcome) - total], np.c_[~is_earlier, everybody])
        youth = crowd.attributes["youth"]
        self._note(crowd)
        for place in range(len(outcome)):
            asked = date(2023, 12, 10) if is_earlier[place] else date(2024, 3, 1)
            told = None
            if outcome[place] < 2:
                told = (asked + timedelta(days=31), asked + timedelta(days=91), date(2025, 1, 6))[speed[place]]
            ids = self._person(
                date(asked.year - (people["age"][place] + 2), 1, 15),
                int(people["sex"][place]),
                int(people["ethnicity"][place]),
                ReceivedDate=asked,
                RequestOutcome="YNAW"[outcome[place]],
                RequestOutcomeDate=told,
                RequestSource="1",
                RYA=str(int(youth[place] == 0)),
                **flags[place],
            )
            if outcome[place] == 0:
                self._add("assessment", **ids, AssessmentOutcome="A")


def _ages_at_request(age: np.ndarray, issued: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Age of each new plan on the day of its request: that of 31 August 2024 or a year less, as the table has it."""
    programme = Programme()
    counts = Counter(age.tolist())
    for one, count in counts.items():
        for younger in (0, 1) if one else (0,):
            programme.variable((one, younger), [("age", one), ("at request", to_20(one - younger))])
        programme.want(("age", one), count)
    for level, count in enumerate(issued.tolist()):
        key = ("at request", level)
        programme.variable(("too few", level), [key], cost=1)
        programme.less(key, programme.variable(("too many", level), [], cost=1))
        programme.want(key, count)
    dealt = programme.solve("ages at request of new plans")
    found = age.copy()
    for one in counts:
        here = np.flatnonzero(age == one)
        younger = dealt.get((one, 1), 0)
        found[rng.permutation(here)[:younger]] -= 1
    return found


def _dates(issue: int, of_this_year: bool) -> tuple[date, date | None]:
    """Request and outcome of an assessment that led to a plan. One of this year comes after a birthday in January."""
    asked = date(2024, 1, 20) if of_this_year else date(2023, 10, 10)
    weeks_20, year, later = asked + timedelta(days=123), asked + timedelta(days=264), asked + timedelta(days=427)
    return asked, (weeks_20, weeks_20, year, year, later, later, None, date(2023, 12, 15))[issue]


def birth_date(born: int, is_late: bool, place: int, assessment: dict[str, Any] | None) -> date:
    """A birthday in the right part of the year; of a new plan on the right side of its request."""
    if assessment is None:
        return date(born, 9 + place % 4 if is_late else 1 + place % 8, 1 + place % 28)
    if is_late:  # the request was made on 10 October
        return date(born, 9, 5) if assessment["birthday_early"] else date(born, 12, 15)
    return date(born, 1, 5)


def start_date(year: int, place: int, assessment: dict[str, Any] | None) -> date:
    """A day of the year; of a new plan the day on which it was issued, where that is known and of the year."""
    if year == CENSUS_DAY.year:
        return date(year, 1, 2 + place % 14)
    if assessment is None:
        return date(year, 1 + place % 12, 1 + place % 28)
    issued = assessment["record"]["AssessmentOutcomeDate"]
    return issued if issued and issued.year == year else date(year, 1, 10)


def placement(setting: int) -> dict[str, str | None]:
    """How a return says where somebody is."""
    code = SETTINGS[setting][2]
    kind, _, unit = code.partition(" ")
    found: dict[str, str | None] = {
        "SENunitIndicator": str(int(unit == "unit")),
        "ResourcedProvisionIndicator": str(int(unit == "base")),
    }
    if kind.isdigit():
        return found | {"URN": URN[kind]}
    if not kind:
        return found | {"URN": UNKNOWN_URN}
    if kind == "UKPRN":
        return found | {"UKPRN": "10000001"}
    return found | {"SENSetting": kind, "SENSettingOther": "as known" if kind in ("OTH", "NIEO") else None}


def review_dates(plans: Plans) -> dict[int, dict[str, Any]]:
    """Meeting, decision and outcome of the plans that have any, by place."""
    drawn = plans.drawn
    found = {}
    for place in np.flatnonzero((drawn["meeting"] < 3) | (drawn["outcome"] < 3)).tolist():
        meeting, decision, due, speed = (int(drawn[name][place]) for name in ("meeting", "decision", "due", "speed"))
        found[place] = {"ReviewOutcome": OUTCOME[drawn["outcome"][place]]}
        if meeting < 3:
            met, decided = _review(meeting, decision, due == 0, speed == 0)
            found[place] |= {"ReviewMeeting": met, "LastReview": decided}
    return found


def _review(meeting: int, decision: int, is_not_due: bool, is_quick: bool) -> tuple[date, date | None]:
    if meeting == 0:
        return date(2025, 1, 8), date(2025, 1, 14) if decision == 0 else None
    if meeting == 1 and is_not_due:
        return date(2024, 12, 20), (date(2025, 1, 10), date(2024, 12, 28), None, None)[decision]
    if meeting == 1:
        if decision == 0:
            return (date(2024, 12, 10), date(2025, 1, 5)) if is_quick else (date(2024, 6, 10), date(2025, 1, 10))
        if decision == 1:
            return date(2024, 5, 10), date(2024, 5, 30) if is_quick else date(2024, 8, 30)
        return date(2024, 10, 10), None
    if decision == 0:
        return date(2023, 6, 1), date(2025, 1, 10)
    if decision == 1:
        return (date(2023, 12, 20), date(2024, 1, 10)) if is_quick else (date(2023, 6, 1), date(2024, 2, 1))
    return date(2023, 3, 1), None if decision == 3 else date(2023, 3, 20) if is_quick else date(2023, 9, 1)


def upn(la_code: int, number: int) -> str:
    """A number whose check letter fits: council, an invented school, year and serial."""
    digits = f"{la_code:03d}{4000 + number // 1000:04d}24{number % 1000:03d}"
    return UPN_LETTERS[sum(weight * int(digit) for weight, digit in enumerate(digits, start=2)) % 23] + digits


def load(connection: duckdb.DuckDBPyConnection, made: Return, columns: dict[str, dict[str, str]]) -> None:
    """Put the records into record tables that are there, empty, under their own names."""
    types = {"date": pa.date32(), "integer": pa.int32()}
    for table, rows in made.tables.items():
        names = [name for name in columns[f"sen2__{table}"] if any(name in row for row in rows)]
        batch = pa.table(
            {
                name: pa.array([row.get(name) for row in rows], types.get(columns[f"sen2__{table}"][name], pa.string()))
                for name in names
            }
        )
        connection.register("batch_of_records", batch)
        connection.execute(f"insert into sen2__{table} by name select * from batch_of_records")
        connection.unregister("batch_of_records")


def register(file: Path, la_code: str) -> Path:
    """A register with one open setting of each type, as GIAS prints it."""
    header = (
        "URN,LA (code),EstablishmentName,TypeOfEstablishment (code),EstablishmentStatus (code),"
        "OpenDate,CloseDate,UKPRN,Postcode"
    )
    lines = [f"{urn},{la_code},Setting {urn},{code},1,01-09-2000,,,AL1 1AA" for code, urn in URN.items()]
    file.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return file


def settings() -> list[dict[str, Any]]:
    """The same settings as rows of dim_establishment."""
    groups = {row["code"]: row["setting_group"] for row in specification.rows("code_gias_type")}
    return [
        {
            "urn": urn,
            "type_code": code,
            "setting_group": groups[code],
            "is_state_mainstream": code in ("1", "34", "35"),
        }
        for code, urn in URN.items()
    ]
