"""Transfer files: the pupil has to be named, and a spell has to begin."""

from expectations.demand import Demand, filled, not_future


def pupil() -> tuple[Demand, ...]:
    return (*not_future("birth_date"), filled("upn", 0.9), filled("birth_date", 0.99))


def sen_history() -> tuple[Demand, ...]:
    return not_future("start_date")
