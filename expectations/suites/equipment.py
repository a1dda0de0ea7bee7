"""Audiology, wheelchairs and equipment: episodes, of which the open ones change."""

from expectations.demand import Demand, filled, known_codes, not_future, volume


def episode() -> tuple[Demand, ...]:
    return (
        *volume(),
        *not_future("referral_date", "assessed_date", "issued_date"),
        filled("nhs_number", 0.90),
        known_codes("service", 0.5),
    )
