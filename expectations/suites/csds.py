"""Community Services Data Set: months replace each other; the NHS number is what links."""

from expectations.demand import Demand, filled, not_future, volume

_MONTHS_ALIKE = Demand(
    "months_alike",
    "smallest_period",
    "warning",
    "One month has far fewer rows than the others: ask the provider whether the submission was whole.",
    minimum=0.5,
)


def patient_index() -> tuple[Demand, ...]:
    return (*volume(), *not_future("birth_date"), filled("nhs_number", 0.95), filled("postcode", 0.95), _MONTHS_ALIKE)


def referral() -> tuple[Demand, ...]:
    return (*volume(), *not_future("received_date", "discharge_date"), _MONTHS_ALIKE)


def service_type() -> tuple[Demand, ...]:
    return volume()


def care_contact() -> tuple[Demand, ...]:
    return (*volume(), *not_future("contact_date"), filled("attendance_status", 0.90), _MONTHS_ALIKE)


def practice() -> tuple[Demand, ...]:
    return (*volume(), *not_future("start_date"), filled("practice_code", 0.95))


def other_reason() -> tuple[Demand, ...]:
    return volume(0.5, 2.0)


def rtt() -> tuple[Demand, ...]:
    return (*volume(0.6, 1.7), *not_future("start_date", "end_date"), filled("status", 0.95))


def onward_referral() -> tuple[Demand, ...]:
    return (*volume(0.5, 2.0), *not_future("onward_date"))


def care_activity() -> tuple[Demand, ...]:
    return (*volume(), filled("activity_type", 0.90), _MONTHS_ALIKE)


def special_need() -> tuple[Demand, ...]:
    return volume(0.6, 1.7)


def coded_assessment() -> tuple[Demand, ...]:
    return (*volume(0.6, 1.7), filled("score", 0.95))


def referral_assessment() -> tuple[Demand, ...]:
    return (*volume(0.5, 2.0), *not_future("completed_date"), filled("score", 0.95))
