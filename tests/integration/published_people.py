"""The people of `published_margins`, table by table: those with plans, those who asked, those who were assessed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tests.integration.published_margins import (
    AT_WORK,
    COLUMNS,
    IN_PLACE,
    LABELS,
    NEEDS,
    NIEO,
    PLACEMENTS,
    SEXES,
    TO_20,
    TO_25,
    UNLISTED,
    YEAR,
    Crowd,
    Impossible,
    Programme,
    Published,
    spread,
    to_20,
)

UNKNOWN = len(TO_20)  # level of an age at start that is not known
AT_START = [*TO_20, "unknown"]
BEFORE_2013 = 13  # years in place: 2013 is twelve, all before it thirteen

# What somebody with a plan has besides: attribute, file, columns, whether it has a level more for none of them, and the
# attributes by which the file breaks it down.
BY_ALL = (("sex", "sex", SEXES), ("ethnicity", "ethnicity", LABELS))
TO_20_TOO = (*BY_ALL, ("age to 20", "age", TO_20))
REVIEWED = (*TO_20_TOO, ("years", "years", IN_PLACE))
MEASURES = (
    (
        "need",
        "sen_needs_all_plans",
        tuple(f"number_{need}" for need in NEEDS),
        False,
        (*BY_ALL, ("age", "age", TO_25), ("years before", "years", IN_PLACE)),
    ),
    ("budget", "personal_budgets", ("personal_budget",), True, TO_20_TOO),
    ("organised", "personal_budgets", ("org_arrangments",), True, TO_20_TOO),
    ("payments", "personal_budgets", ("pb_health", "pb_education", "pb_social", "pb_integrated"), True, TO_20_TOO),
    ("residence", "residential_settings", ("res_3851", "res_52"), True, TO_20_TOO),
    (
        "work",
        "work_based_placements",
        ("open_supp_intern", "open_apprentice", "open_trainee"),
        True,
        (*BY_ALL, ("age at work", "age", AT_WORK)),
    ),
    (
        "meeting",
        "annual_reviews",
        ("review_meeting_25", "review_meeting_24", "review_meeting_prior_24"),
        True,
        REVIEWED,
    ),
    (
        "decision",
        "annual_reviews",
        ("review_decision25", "review_decision24", "review_decision_prior24"),
        True,
        REVIEWED,
    ),
    ("due", "annual_reviews", ("review_decision_not_due",), True, REVIEWED),
    ("outcome", "annual_reviews", ("outcome_amend", "outcome_cease", "outcome_maintan"), True, REVIEWED),
    ("speed", "annual_reviews", ("number_decsion_4weeks", "number_decision_gt_4weeks"), True, REVIEWED),
)
# What can be together, by levels. A meeting of this January is not due for its decision, nor can it have one of last
# year; one of last year may be either; one of before is due. Decided and not due is in time: four weeks are not over.
MEETING_AND_DECISION = np.array([[1, 0, 0, 1], [1, 1, 0, 1], [1, 1, 1, 1], [0, 0, 0, 1]], bool)
MEETING_AND_DUE = np.array([[1, 0], [1, 1], [0, 1], [0, 1]], bool)
IN_TIME, LATE, UNDECIDED = 0, 1, 2


# Those that depend on each other settle together.
TOGETHER = (
    ("budget", "organised", "payments"),
    ("residence",),
    ("work",),
    ("meeting", "decision", "due", "speed"),
    ("outcome",),
)
# A class of plans: column of caseload, column of newplans (-1 for none), kind, whether a review is expected.
OLD, NEW, ENDED = 0, 1, 2
Class = tuple[int, int, int, bool]
NEED_FILES = ("sen_needs_all_plans", "sen_need_newplans")


@dataclass
class Plans:
    """People with a plan in force, and after them those whose new plan has ended: a level per person in each array.

    `setting` is the column of caseload, `age` among TO_25 on 31 August 2024, `start_age` among AT_START, `years` as
    IN_PLACE with 13 for before 2013, `is_new` whether newplans counts it. `crowd` has the tables that it was fitted to.
    """

    setting: np.ndarray
    age: np.ndarray
    years: np.ndarray
    start_age: np.ndarray
    is_new: np.ndarray
    is_in_force: np.ndarray
    drawn: dict[str, np.ndarray]
    crowd: Crowd


def births(age: int, years: int, start_age: int) -> list[tuple[int, int, bool]]:
    """How somebody can be of this age on 31 August 2024, with a plan of so many years, begun at this age.

    Each as (year of the start, year of birth, whether born from September on). Age at start is a difference of calendar
    years, as the tables have it.
    """
    found = []
    starts = [YEAR - years] if years < BEFORE_2013 else range(YEAR - 13, YEAR - 26, -1)
    for real in (2, 1, 0) if age == 0 else (age + 2,):
        for born, is_late in ((YEAR - 1 - real, False), (YEAR - 2 - real, True)):
            for start in starts:
                at_start = start - born
                if (UNKNOWN if at_start < 0 else to_20(at_start)) == start_age:
                    found.append((start, born, is_late))
    return found


def new_column(setting: int, start_age: int) -> int:
    """Where newplans has it: of school age if the year of birth says five to fifteen on 1 January 2023."""
    return setting if setting not in NIEO else NIEO[1 if 7 <= start_age + 2 <= 17 else 0]


def with_plans(published: Published, rng: np.random.Generator) -> Plans:
    """Plans in force on census day, and the new plans that have ended by then. Raises Impossible."""
    programme = Programme()
    _add_needs_by_ethnicity(published, programme)
    _add_ages(published, programme)
    found = programme.solve("plans by setting, ethnicity, need, age, years and age at start")
    needs = {name[1:]: count for name, count in found.items() if name[0] == "need"}
    stock = {name[1:]: count for name, count in found.items() if name[0] == "life"}
    classes: Counter[Class] = Counter()
    for (one, _, _), count in needs.items():
        classes[one] += count
    by_need: Counter[tuple[Class, int]] = Counter()
    for (one, need, _), count in needs.items():
        by_need[one, need] += count
    sexes = _needs_by_sex(published, by_need)
    columns: dict[str, list[int]] = {name: [] for name in ("need", "ethnicity", "sex")}
    people: list[tuple[int, ...]] = []
    for one in classes:
        lives = [life for (kind, *life), count in stock.items() if kind == one for _ in range(count)]
        rng.shuffle(lives)
        for need in range(len(NEEDS)):
            for name, counts, levels in (("ethnicity", needs, len(LABELS)), ("sex", sexes, len(SEXES))):
                columns[name] += spread([counts.get((one, need, level), 0) for level in range(levels)], rng).tolist()
            columns["need"] += [need] * by_need[one, need]
        people += [(list(classes).index(one), *life) for life in lives]
    number, age, years, start_age = (np.array(part) for part in zip(*people, strict=True))
    listed = list(classes)
    setting, kind = (np.array([listed[one][part] for one in number]) for part in (0, 2))
    is_new, is_in_force = kind != OLD, kind != ENDED
    _shake(number, age, years, start_age, rng)
    attributes = {name: np.array(values) for name, values in columns.items()} | {
        "setting": setting,
        "age": age,
        "age to 20": np.array([to_20(level + 2) for level in age]),
        "age in 2023": np.array([to_20(level + 1) for level in age]),
        "age at work": np.clip(age + 2, 15, 24) - 15,
        "years": np.minimum(years, 12),
        "years before": np.array([0, *range(12), 12])[years],
    }
    crowd = Crowd(attributes, rng)

    def print_of(file: str, by: str, name: str, topic: str, labels: Sequence[str], columns: Sequence[str]) -> None:
        who = is_new if file in ("newplans", "sen_need_newplans") else is_in_force
        crowd.want(by, name, (file, topic, labels, columns), who, published.margin(file, topic, labels, columns))

    has_reviews = published.says("annual_reviews", "review_expected")
    is_expected = is_in_force & (years > 1)
    needs_of_all, needs_of_new = NEED_FILES
    need_columns = MEASURES[0][2]
    for by, topic, labels in (*BY_ALL, ("age", "age", TO_25), ("years before", "years", IN_PLACE)):
        print_of(needs_of_all, by, "need", topic, labels, need_columns)
    for by, topic, labels in (*BY_ALL, ("age in 2023", "age", TO_20)):
        print_of(needs_of_new, by, "need", topic, labels, need_columns)
    everybody = np.ones(len(number), bool)
    ages = ("age", "age to 20", "age in 2023", "age at work")
    crowd.settle(
        [
            (("need", "ethnicity", "sex"), lambda: number, everybody),
            # Whoever agrees in these can be of the other's age.
            (ages, lambda: (number * 14 + years) * 21 + start_age, everybody),
            (("need",), lambda: number, everybody),
        ]
    )
    for name, file, columns, _, topics in MEASURES[1:]:
        may = is_expected if file == "annual_reviews" else is_in_force
        attributes[name] = np.full(len(number), len(columns))
        if file == "annual_reviews" and not has_reviews:
            continue
        allowed = _allowed(name, attributes, len(columns) + 1)
        by_setting = published.margin(file, "placement", PLACEMENTS, columns)
        for s in np.unique(setting):
            here = np.flatnonzero(may & (setting == s))
            margin = [*by_setting[s], len(here) - by_setting[s].sum()]
            attributes[name][here] = placed(margin, allowed[here], f"{file}: {name} in {COLUMNS[s]}", rng)
        for by, topic, labels in topics:
            print_of(file, by, name, topic, labels, columns)
        group = next(group for group in TOGETHER if name in group)

        def alike(name: str = name, levels: int = len(columns) + 1) -> np.ndarray:
            """Who may have the same may swap."""
            allowed = _allowed(name, attributes, levels)
            return setting * 100 + np.unique(allowed, axis=0, return_inverse=True)[1].ravel()

        crowd.settle([((name,), alike, may), (group[: group.index(name) + 1], lambda: setting, may)])
    return Plans(setting, age, years, start_age, is_new, is_in_force, attributes, crowd)


def _allowed(name: str, attributes: dict[str, np.ndarray], levels: int) -> np.ndarray:
    """Which levels of a measure each person may have, people × levels, by what has been drawn before."""
    people = len(attributes["setting"])
    may = np.ones((people, levels), bool)
    if name in ("organised", "payments"):
        may[attributes["budget"] == 1, :-1] = False
    elif name == "decision":
        may = MEETING_AND_DECISION[attributes["meeting"]]
    elif name == "due":
        may = MEETING_AND_DUE[attributes["meeting"]]
    elif name == "speed":
        meeting, decision = attributes["meeting"], attributes["decision"]
        may[decision == 3] = [False, False, True]
        may[decision != 3, UNDECIDED] = False
        may[(decision != 3) & (attributes["due"] == 0), LATE] = False
        may[(meeting == 2) & (decision == 0), IN_TIME] = False
    return may


def placed(margin: Sequence[int], may: np.ndarray, what: str, rng: np.random.Generator) -> np.ndarray:
    """Levels of the people of one setting, as many of each as the margin says, each of those that they may have."""
    if may.all():
        if min(margin) < 0:
            raise Impossible(f"{what}: more than there are people")
        return spread(margin, rng)
    programme = Programme()
    kinds = Counter(map(tuple, may.tolist()))
    for kind, count in kinds.items():
        for level, is_allowed in enumerate(kind):
            if is_allowed:
                programme.variable((kind, level), [("kind", kind), ("level", level)])
        programme.want(("kind", kind), count)
    for level, count in enumerate(margin):
        programme.want(("level", level), count)
    counts = programme.solve(what)
    found = np.full(len(may), -1)
    for kind in kinds:
        here = np.flatnonzero((may == kind).all(axis=1))
        found[here] = spread([counts.get((kind, level), 0) for level in range(len(margin))], rng)
    return found


def _classes() -> list[Class]:
    found = []
    for s in range(len(COLUMNS)):
        found += [(s, -1, OLD, True), (s, -1, OLD, False)]
        found += [(s, column, kind, False) for column in (NIEO if s in NIEO else [s]) for kind in (NEW, ENDED)]
    return found


def _add_needs_by_ethnicity(published: Published, programme: Programme) -> None:
    """How many plans by class, need and ethnicity; as few ended as can be."""
    needs = MEASURES[0][2]
    need, need_new = (published.margin(file, "placement", PLACEMENTS, needs) for file in NEED_FILES)
    of, of_new = (published.margin(file, "ethnicity", LABELS, needs) for file in NEED_FILES)
    here, here_new = (
        published.margin("caseload", "ethnicity", LABELS, COLUMNS),
        new_plans(published, "ethnicity", LABELS),
    )
    for one in _classes():
        s, column, kind, is_expected = one
        programme.want(("class", one), 0)
        for v, e in np.ndindex(len(NEEDS), len(LABELS)):
            sums: list[tuple[Any, ...]] = [("class", one)]
            if kind != ENDED:
                if not (need[s, v] and here[e, s] and of[e, v]):
                    continue
                sums += [
                    ("need", s, v),
                    ("here", e, s),
                    ("of", e, v),
                    ("expected of", is_expected, e),
                    ("expected need", is_expected, v),
                ]
            if kind != OLD:
                if not (need_new[column, v] and here_new[e, column] and of_new[e, v]):
                    continue
                sums += [("new need", column, v), ("new here", e, column), ("new of", e, v)]
            programme.variable(("need", one, v, e), sums, cost=float(kind == ENDED))
    for name, margin in (
        ("need", need),
        ("new need", need_new),
        ("here", here),
        ("new here", here_new),
        ("of", of),
        ("new of", of_new),
    ):
        for cell in np.ndindex(margin.shape):
            programme.want((name, *cell), margin[cell])
    # In the files on needs, "less than a year" are those of whom no review is expected.
    for v, young in enumerate(published.margin("sen_needs_all_plans", "years", IN_PLACE[:1], needs)[0]):
        programme.want(("expected need", False, v), young)
    if published.says("annual_reviews", "review_expected"):
        for e, label in enumerate(LABELS):
            expected = published.number("annual_reviews", "ethnicity", label, "review_expected")
            programme.want(("expected of", True, e), expected)


def _needs_by_sex(published: Published, by_need: Counter[tuple[Class, int]]) -> dict[tuple[Any, ...], int]:
    """How many plans by class, need and sex, with the classes and needs that there are. Raises Impossible."""
    needs = MEASURES[0][2]
    of, of_new = (published.margin(file, "sex", SEXES, needs) for file in NEED_FILES)
    here, here_new = published.margin("caseload", "sex", SEXES, COLUMNS), new_plans(published, "sex", SEXES)
    programme = Programme()
    for (one, v), count in by_need.items():
        s, column, kind, is_expected = one
        for x in range(len(SEXES)):
            sums: list[tuple[Any, ...]] = [("those", one, v)]
            if kind != ENDED:
                sums += [("here", x, s), ("of", x, v), ("expected of", is_expected, x)]
            if kind != OLD:
                sums += [("new here", x, column), ("new of", x, v)]
            programme.variable((one, v, x), sums)
        programme.want(("those", one, v), count)
    for name, margin in (("here", here), ("new here", here_new), ("of", of), ("new of", of_new)):
        for cell in np.ndindex(margin.shape):
            programme.want((name, *cell), margin[cell])
    if published.says("annual_reviews", "review_expected"):
        for x, label in enumerate(SEXES):
            expected = published.number("annual_reviews", "sex", label, "review_expected")
            programme.want(("expected of", True, x), expected)
    return programme.solve("needs by setting and sex")


def _shake(
    stratum: np.ndarray, age: np.ndarray, years: np.ndarray, start_age: np.ndarray, rng: np.random.Generator
) -> None:
    """Swap ages between people of one class where both can be: the programme's own answer has them bunched."""
    can = np.zeros((len(TO_25), BEFORE_2013 + 1, len(AT_START)), bool)
    for a, y, g in np.ndindex(can.shape):
        can[a, y, g] = bool(births(a, y, g))
    for _ in range(300):
        order = rng.permutation(len(stratum))
        order = order[np.argsort(stratum[order], kind="stable")]
        one, other = order[: len(order) // 2 * 2 : 2], order[1::2]
        kept = (stratum[one] == stratum[other]) & can[age[other], years[one], start_age[one]]
        kept &= can[age[one], years[other], start_age[other]]
        one, other = one[kept], other[kept]
        age[one], age[other] = age[other], age[one]


def _add_ages(published: Published, programme: Programme) -> None:
    """How many plans by class, age, years and age at start, as many of each class as there are by need."""
    by_age = published.margin("caseload", "age", TO_25, COLUMNS)
    by_years = published.margin("caseload", "years", IN_PLACE, COLUMNS)
    by_start = published.margin("caseload", "age at start", AT_START, COLUMNS)
    new = new_plans(published, "age at start", TO_20)
    for one in _classes():
        s, column, kind, is_expected = one
        for a, y, g in np.ndindex(len(TO_25), BEFORE_2013 + 1, len(AT_START)):
            in_stock = kind == ENDED or (by_age[a, s] and by_years[min(y, 12), s] and by_start[g, s])
            if not in_stock or is_expected != (y > 1) or not births(a, y, g):
                continue
            sums: list[tuple[Any, ...]] = []
            if kind != ENDED:
                sums += [("age", a, s), ("years", min(y, 12), s), ("start", g, s)]
                sums += [("2013", y == 12), ("expected", y > 1, to_20(a + 2))]
            if kind != OLD:
                if y != 1 or g == UNKNOWN or not new[g, column] or new_column(s, g) != column:
                    continue
                sums += [("new", g, column), ("new at", to_20(a + 1))]
            programme.less(("class", one), programme.variable(("life", one, a, y, g), sums))
    for name, margin in (("age", by_age), ("years", by_years), ("start", by_start), ("new", new)):
        for cell in np.ndindex(margin.shape):
            programme.want((name, *cell), margin[cell])
    programme.want(("2013", True), published.number("sen_needs_all_plans", "years", "11", "ehc_plans"))
    for level, label in enumerate(TO_20):
        programme.want(("new at", level), published.number("sen_need_newplans", "age", label, "ehc_plans"))
        if published.says("annual_reviews", "review_expected"):
            programme.want(
                ("expected", True, level), published.number("annual_reviews", "age", label, "review_expected")
            )


def new_plans(published: Published, topic: str, labels: Sequence[str]) -> np.ndarray:
    """New plans, labels × settings. Three rare settings are printed as x: what the others leave is theirs."""
    margin = published.margin("newplans", topic, labels, COLUMNS)
    margin[:, UNLISTED] = published.margin("newplans", topic, labels, ["new_ehc_plans"])[:, 0] - margin.sum(axis=1)
    said = published.number("sen_need_newplans", "placement", PLACEMENTS[UNLISTED], "ehc_plans")
    if (margin < 0).any() or margin[:, UNLISTED].sum() != said:
        raise Impossible(f"newplans by {topic}: the settings printed as x do not add up")
    return margin
