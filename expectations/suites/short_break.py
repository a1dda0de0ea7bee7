"""Short breaks: services and direct payments, in units that are not to be added up."""

from expectations.demand import Demand, filled, known_codes, volume


def short_break() -> tuple[Demand, ...]:
    return (*volume(0.6, 1.7), filled("quantity", 0.80), filled("unit", 0.90), known_codes("unit", 0.5))
