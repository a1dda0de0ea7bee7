"""GIAS: the whole register every time, so it hardly moves between downloads."""

from expectations.demand import Demand, filled, known_codes, volume


def establishment() -> tuple[Demand, ...]:
    return (*volume(0.95, 1.1), filled("ukprn", 0.30), filled("lsoa_code", 0.80), known_codes("type_code", 0.9))


def link() -> tuple[Demand, ...]:
    return volume(0.95, 1.1)
