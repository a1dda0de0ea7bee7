"""High needs money: an amount on every row, and a child on every row that is about one."""

from expectations.demand import Demand, filled, known_codes, volume


def commitment() -> tuple[Demand, ...]:
    return (*volume(), filled("person_id", 0.50), filled("vendor", 0.90))


def top_up() -> tuple[Demand, ...]:
    return (*volume(), filled("upn", 0.80), filled("funding_band", 0.90))


def high_needs_spend() -> tuple[Demand, ...]:
    return (*volume(), known_codes("budget_line", 0.5))
