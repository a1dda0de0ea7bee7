"""SSDA903: one return a year, delivered again as it is corrected."""

from expectations.demand import Demand, filled, known_codes, not_future, volume


def header() -> tuple[Demand, ...]:
    return (*volume(), *not_future("birth_date"), filled("upn", 0.90), known_codes("sex", 0.5))


def episodes() -> tuple[Demand, ...]:
    return (*volume(), *not_future("episode_start", "episode_end"))
