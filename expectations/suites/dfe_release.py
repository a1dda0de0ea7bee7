"""DfE's release: a file has all years that DfE publishes, so it grows from year to year and does not shrink."""

from expectations.demand import Demand, volume


def figure() -> tuple[Demand, ...]:
    return volume(0.95, 2.0)


def statistical_neighbour() -> tuple[Demand, ...]:
    return volume(0.95, 1.05)


def lait_value() -> tuple[Demand, ...]:
    return volume(0.95, 2.0)


def attendance_gap() -> tuple[Demand, ...]:
    return volume(0.95, 2.0)
