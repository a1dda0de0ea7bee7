"""The care system's list of children: what tells its children apart has to be there."""

from expectations.demand import Demand, filled, known_codes, volume


def person() -> tuple[Demand, ...]:
    return (
        *volume(0.6, 1.7),
        filled("surname", 0.95),
        filled("forename", 0.95),
        filled("birth_date", 0.95),
        known_codes("sex", 0.5),
    )
