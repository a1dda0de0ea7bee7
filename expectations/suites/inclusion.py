"""Inclusion registers: small, kept by hand, and without a number for the child."""

from expectations.demand import Demand, filled, known_codes, not_future, volume


def exclusion() -> tuple[Demand, ...]:
    return (*volume(0.5, 2.0), *not_future("start_date"), known_codes("category", 0.5), filled("upn", 0.9))


def part_time_timetable() -> tuple[Demand, ...]:
    return (*volume(0.5, 2.0), *not_future("start_date"), filled("upn", 0.9))


def elective_home_education() -> tuple[Demand, ...]:
    return (*volume(0.5, 2.0), *not_future("start_date"), filled("postcode", 0.9))


def missing_education() -> tuple[Demand, ...]:
    return (*volume(0.5, 2.0), *not_future("notified_date"))
