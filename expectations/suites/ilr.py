"""Learner record: no name is certain there, so the ULN with the birth date is what links."""

from expectations.demand import Demand, filled, not_future, volume


def learner() -> tuple[Demand, ...]:
    return (*volume(0.5, 2.0), *not_future("birth_date"), filled("uln", 0.9), filled("birth_date", 0.99))


def learning_delivery() -> tuple[Demand, ...]:
    return (*volume(0.5, 2.0), filled("start_date", 0.99))


def lldd() -> tuple[Demand, ...]:
    return volume(0.5, 2.0)


def funding_monitoring() -> tuple[Demand, ...]:
    return volume(0.5, 2.0)
