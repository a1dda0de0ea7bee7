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


def plan_version() -> tuple[Demand, ...]:
    return (*volume(), *not_future("issued_date", "recorded_date"), known_codes("kind", 0.5))


def provision() -> tuple[Demand, ...]:
    return (*volume(), *not_future("from_date"), known_codes("section", 0.5), known_codes("provision_type", 0.5))


def quality_audit() -> tuple[Demand, ...]:
    return (*volume(), *not_future("audited_date"), known_codes("overall_grade", 0.5))


def recorded_view() -> tuple[Demand, ...]:
    return (*volume(), *not_future("recorded_date"), known_codes("given_by", 0.5))


def review_attendance() -> tuple[Demand, ...]:
    return (*volume(), filled("attended", 0.90), known_codes("participant_role", 0.5))


def complaint() -> tuple[Demand, ...]:
    return (*volume(), *not_future("received_date", "closed_date"), known_codes("stage", 0.5))


def participation() -> tuple[Demand, ...]:
    return (*volume(), *not_future("held_date"))
