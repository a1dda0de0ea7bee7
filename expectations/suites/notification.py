"""Section 23 notifications: a log that only grows."""

from expectations.demand import Demand, filled, not_future, volume


def notification() -> tuple[Demand, ...]:
    return (*volume(0.95, 1.5), *not_future("received_date"), filled("nhs_number", 0.90), filled("received_date", 0.95))
