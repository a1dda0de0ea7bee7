"""Weekly waiting lists: each list is whole by itself, and a service's lists are much alike."""

from expectations.demand import Demand, filled, known_codes, not_future, volume


def waiting() -> tuple[Demand, ...]:
    return (
        *volume(0.7, 1.4),
        *not_future("referral_date", "accepted_date"),
        filled("nhs_number", 0.90),
        filled("referral_date", 0.95),
        filled("status", 0.90),
        known_codes("status", 0.5),
        Demand(
            "weeks_alike",
            "smallest_period",
            "warning",
            "One list has far fewer rows than the others: ask the service whether rows were lost.",
            minimum=0.3,
        ),
    )
