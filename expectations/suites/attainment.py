"""Attainment: a cohort a year, named by UPN."""

from expectations.demand import Demand, filled, volume


def eyfsp() -> tuple[Demand, ...]:
    return (*volume(), filled("urn", 0.95), filled("good_level_of_development", 0.9))


def phonics() -> tuple[Demand, ...]:
    return (*volume(), filled("urn", 0.95), filled("phonics_outcome", 0.9))


def mtc() -> tuple[Demand, ...]:
    return (*volume(), filled("urn", 0.95))


def ks2() -> tuple[Demand, ...]:
    return (*volume(), filled("urn", 0.95), filled("reading_outcome", 0.9), filled("maths_outcome", 0.9))


def ks4() -> tuple[Demand, ...]:
    return (*volume(), filled("urn", 0.95), filled("attainment_8", 0.9))
