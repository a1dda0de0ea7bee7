"""CIN census: one return a year; the unborn and the very young have no UPN yet, so a good part has none."""

from expectations.demand import Demand, filled, known_codes, not_future, volume


def child() -> tuple[Demand, ...]:
    return (*volume(), *not_future("birth_date", "death_date"), filled("upn", 0.70), known_codes("ethnicity", 0.5))


def disability() -> tuple[Demand, ...]:
    return known_codes("disability", 0.5), *volume(0.6, 1.7)


def cin_details() -> tuple[Demand, ...]:
    return (*volume(), *not_future("referral_date", "closure_date"))


def child_protection_plan() -> tuple[Demand, ...]:
    return (*volume(0.6, 1.7), *not_future("plan_start", "plan_end"))


def assessment() -> tuple[Demand, ...]:
    return (*volume(0.6, 1.7), *not_future("start_date", "authorised_date"))


def assessment_factor() -> tuple[Demand, ...]:
    return volume(0.6, 1.7)


def cin_plan() -> tuple[Demand, ...]:
    return (*volume(0.6, 1.7), *not_future("start_date", "end_date"))


def section_47() -> tuple[Demand, ...]:
    return (*volume(0.6, 1.7), *not_future("start_date", "conference_date"))


def protection_review() -> tuple[Demand, ...]:
    return (*volume(0.6, 1.7), *not_future("review_date"))


def pre_proceedings() -> tuple[Demand, ...]:
    return (*volume(0.5, 2.0), *not_future("start_date", "letter_date", "decision_date"))
