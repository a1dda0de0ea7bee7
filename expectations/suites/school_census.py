"""School census: three terms of much the same pupils."""

from expectations.demand import Demand, filled, known_codes, not_future, volume


def pupil_on_roll() -> tuple[Demand, ...]:
    return (
        *volume(),
        *not_future("birth_date", "entry_date"),
        filled("upn", 0.98),
        filled("sen_provision", 0.98),
        known_codes("sex", 0.5),
        known_codes("sen_provision", 0.5),
        Demand(
            "terms_alike",
            "smallest_period",
            "warning",
            "One term has far fewer pupils than the others: ask whether every school's return is in it.",
            minimum=0.8,
        ),
    )


def sen_need() -> tuple[Demand, ...]:
    return (*volume(), known_codes("sen_type", 0.5))


def address_on_roll() -> tuple[Demand, ...]:
    return (*volume(), filled("postcode", 0.95))


def fsm_period() -> tuple[Demand, ...]:
    return (*volume(), *not_future("fsm_start_date"))


def pupil_off_roll() -> tuple[Demand, ...]:
    return (
        *volume(0.5, 2.0),
        *not_future("birth_date", "leaving_date"),
        filled("upn", 0.98),
        filled("leaving_date", 0.95),
    )


def session_detail() -> tuple[Demand, ...]:
    return (*volume(), known_codes("attendance_reason", 0.9), filled("sessions", 0.99))


def exclusion() -> tuple[Demand, ...]:
    return (*volume(0.5, 2.0), *not_future("start_date"), known_codes("category", 0.5), filled("reason_1", 0.9))


def ap_placement() -> tuple[Demand, ...]:
    return (*volume(0.5, 2.0), *not_future("entry_date"), filled("placement_reason", 0.9))
