"""The register of bases: few rows, so each counts; places are planned ahead, so dates may be."""

from expectations.demand import Demand, filled, known_codes, volume


def base() -> tuple[Demand, ...]:
    return (*volume(), known_codes("designated_need", 0.5), filled("opened_date", 0.80))


def commissioned_place() -> tuple[Demand, ...]:
    return (*volume(), known_codes("need", 0.5), filled("places_filled", 0.50))


def proposal() -> tuple[Demand, ...]:
    return (*volume(), known_codes("need", 0.5))
