"""Places: published look-ups, whole every time."""

from expectations.demand import Demand, filled, volume


def postcode() -> tuple[Demand, ...]:
    return (*volume(0.95, 1.1), filled("district_code", 0.95), filled("lsoa21_code", 0.90))


def deprivation() -> tuple[Demand, ...]:
    return volume(0.99, 1.01)


def deprivation_2019() -> tuple[Demand, ...]:
    return volume(0.99, 1.01)


def population() -> tuple[Demand, ...]:
    return volume(0.95, 1.05)


def lsoa_ward() -> tuple[Demand, ...]:
    return volume(0.95, 1.05)


def lsoa_msoa() -> tuple[Demand, ...]:
    return volume(0.95, 1.05)


def msoa_name() -> tuple[Demand, ...]:
    return volume(0.95, 1.05)


def lsoa_change() -> tuple[Demand, ...]:
    return volume(0.99, 1.01)


def district_county() -> tuple[Demand, ...]:
    return volume(0.9, 1.1)


def local_authority() -> tuple[Demand, ...]:
    return volume(0.9, 1.1)
