"""Alternative provision census: few pupils, whose setting has to be known."""

from expectations.demand import Demand, filled, not_future, volume


def pupil() -> tuple[Demand, ...]:
    return (*volume(0.5, 2.0), *not_future("birth_date", "entry_date"), filled("upn", 0.5))
