"""Places commissioned in special schools, a year at a time."""

from expectations.demand import Demand, filled, known_codes, volume


def place() -> tuple[Demand, ...]:
    return (*volume(), known_codes("need", 0.5), filled("places_filled", 0.50))
