"""SEN admissions: a child is found by the number of the case system or the UPN."""

from expectations.demand import Demand, filled, known_codes, not_future, volume


def consultation() -> tuple[Demand, ...]:
    return (
        *volume(),
        *not_future("consulted_date", "response_date", "named_date"),
        filled("person_id", 0.50),
        filled("consulted_date", 0.95),
        known_codes("kind", 0.5),
    )
