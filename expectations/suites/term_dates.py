"""Term dates: a calendar of the year before and of the one ahead."""

from expectations.demand import Demand, known_codes, volume


def day_range() -> tuple[Demand, ...]:
    return (*volume(), known_codes("day_kind", 0.5))
