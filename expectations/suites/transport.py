"""Transport runs: what they cost and whom they carry."""

from expectations.demand import Demand, filled, known_codes, volume


def run() -> tuple[Demand, ...]:
    return (*volume(), filled("upn", 0.80), filled("cost_per_day", 0.90), known_codes("mode", 0.5))
