"""Early years census: no UPN, so name, birth date and postcode are what links."""

from expectations.demand import Demand, filled, not_future, volume


def child() -> tuple[Demand, ...]:
    return (*volume(), *not_future("birth_date", "start_date"), filled("postcode", 0.95))
