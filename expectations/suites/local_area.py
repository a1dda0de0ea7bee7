"""Areas that the council draws itself: short lists that seldom change."""

from expectations.demand import Demand, filled, known_codes, volume


def locality() -> tuple[Demand, ...]:
    return (*volume(0.95, 1.05), filled("locality_name", 0.99))


def planning_area() -> tuple[Demand, ...]:
    return (*volume(0.9, 1.1), filled("planning_area_name", 0.99), known_codes("phase", 0.5))
