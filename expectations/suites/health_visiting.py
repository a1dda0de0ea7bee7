"""Health visiting reviews: every review that fell due, held or not."""

from expectations.demand import Demand, filled, known_codes, not_future, volume


def review() -> tuple[Demand, ...]:
    return (
        *volume(),
        *not_future("held_date"),
        filled("nhs_number", 0.95),
        filled("held_date", 0.50),
        known_codes("review_type", 0.5),
    )
