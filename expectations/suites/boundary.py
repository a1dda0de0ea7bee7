"""Boundaries: an area without a shape draws nothing."""

from expectations.demand import Demand, filled, volume


def area() -> tuple[Demand, ...]:
    return (*volume(), filled("geometry", 0.99))
