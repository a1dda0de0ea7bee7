"""Client caseload: months replace each other; what is not verified counts for nothing."""

from expectations.demand import Demand, filled, known_codes, not_future, volume


def young_person() -> tuple[Demand, ...]:
    return (
        *volume(),
        *not_future("birth_date", "verified_date", "activity_start_date"),
        known_codes("activity_code", 0.5),
        filled("verified_date", 0.7),
        Demand(
            "months_alike",
            "smallest_period",
            "warning",
            "One month has far fewer young people than the others: ask whether the extract was whole.",
            minimum=0.8,
        ),
    )
