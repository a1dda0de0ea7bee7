"""Transfer files: the pupil has to be named, and a spell has to begin."""

from expectations.demand import Demand, filled, not_future, volume


def pupil() -> tuple[Demand, ...]:
    return (*volume(0.5, 2.0), *not_future("birth_date"), filled("upn", 0.9), filled("birth_date", 0.99))


def sen_history() -> tuple[Demand, ...]:
    return (*volume(0.5, 2.0), *not_future("start_date"))


def school_history() -> tuple[Demand, ...]:
    return (*volume(0.5, 2.0), *not_future("entry_date", "leaving_date"))
