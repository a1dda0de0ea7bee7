"""The EHC case system: a live register, so volumes move slowly and children are identified."""

from expectations.demand import Demand, filled, known_codes, not_future, volume


def person() -> tuple[Demand, ...]:
    return (
        *volume(),
        *not_future("birth_date"),
        filled("upn", 0.85),
        filled("postcode", 0.95),
        filled("sex", 0.98),
        filled("ethnicity", 0.90),
        known_codes("sex", 0.5),
        known_codes("ethnicity", 0.5),
    )


def request() -> tuple[Demand, ...]:
    # A request without the day it came has no statutory clock.
    return (*volume(), *not_future("received_date", "outcome_date"), filled("received_date", 0.99))


def advice() -> tuple[Demand, ...]:
    return (*volume(), *not_future("requested_date", "received_date"), known_codes("advice_type", 0.5))


def assessment() -> tuple[Demand, ...]:
    return (*volume(), *not_future("outcome_date"))


def plan() -> tuple[Demand, ...]:
    # A plan that came from another council has no request here; most were asked for here.
    return (*volume(), *not_future("start_date"), filled("request_id", 0.70))


def need() -> tuple[Demand, ...]:
    return (*volume(), known_codes("sen_type", 0.5))


def placement() -> tuple[Demand, ...]:
    return (*volume(), filled("urn", 0.75), known_codes("kind", 0.5))


def personal_budget() -> tuple[Demand, ...]:
    return volume()


def review() -> tuple[Demand, ...]:
    return (*volume(), *not_future("meeting_date", "decision_date"))


def appeal() -> tuple[Demand, ...]:
    return (*volume(), *not_future("registered_date"))
