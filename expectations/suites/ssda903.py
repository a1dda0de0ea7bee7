"""SSDA903: one return a year, delivered again as it is corrected."""

from expectations.demand import Demand, filled, known_codes, not_future, volume


def header() -> tuple[Demand, ...]:
    return (*volume(), *not_future("birth_date"), filled("upn", 0.90), known_codes("sex", 0.5))


def episodes() -> tuple[Demand, ...]:
    return (*volume(), *not_future("episode_start", "episode_end"))


def review() -> tuple[Demand, ...]:
    return (*volume(0.6, 1.7), *not_future("review_date"), known_codes("participation", 0.5))


def outcome() -> tuple[Demand, ...]:
    return volume(0.6, 1.7)


def leaver() -> tuple[Demand, ...]:
    return (*volume(0.6, 1.7), filled("in_touch", 0.95))


def unaccompanied() -> tuple[Demand, ...]:
    return volume(0.5, 2.0)


def previous_permanence() -> tuple[Demand, ...]:
    return (*volume(0.6, 1.7), filled("permanence", 0.90))


def missing() -> tuple[Demand, ...]:
    return (*volume(0.5, 2.0), *not_future("start_date", "end_date"), known_codes("kind", 0.5))


def social_worker() -> tuple[Demand, ...]:
    return (*volume(0.6, 1.7), *not_future("start_date", "end_date"))


def adoption() -> tuple[Demand, ...]:
    return (*volume(0.5, 2.0), *not_future("decided_date", "matched_date"))


def adoption_placement() -> tuple[Demand, ...]:
    return (*volume(0.5, 2.0), *not_future("placed_date", "ceased_date"))


def deprivation_of_liberty() -> tuple[Demand, ...]:
    return (*volume(0.5, 2.0), *not_future("start_date"))
