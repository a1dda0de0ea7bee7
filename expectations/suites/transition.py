"""Transition assessments: young people on their way to adult social care."""

from expectations.demand import Demand, filled, known_codes, not_future, volume


def assessment() -> tuple[Demand, ...]:
    return (
        *volume(0.6, 1.7),
        *not_future("requested_date", "decision_date"),
        filled("nhs_number", 0.80),
        known_codes("decision", 0.5),
    )
