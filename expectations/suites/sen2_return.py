"""SEN2 returns that were sent: people in them, one header, and about as many records as the version before had.

That the year is known and the council ours is seen to when a return is read. What is wrong with its records is not the
door's business: the rules of the return say it, record by record.
"""

from expectations.demand import Demand, not_future, volume


def header() -> tuple[Demand, ...]:
    return (
        *volume(),
        Demand(
            "one_header",
            "duplicate_key",
            "error",
            "Two returns of one year count at once; take one of them out of the inbox.",
            maximum=0.0,
        ),
    )


def person() -> tuple[Demand, ...]:
    return (*volume(), *not_future("PersonBirthDate"))


def requests() -> tuple[Demand, ...]:
    return (*volume(), *not_future("ReceivedDate"))


def assessment() -> tuple[Demand, ...]:
    return volume()


def named_plan() -> tuple[Demand, ...]:
    return (*volume(), *not_future("StartDate"))


def plan_detail() -> tuple[Demand, ...]:
    return volume()


def active_plans() -> tuple[Demand, ...]:
    return volume()


def placement_detail() -> tuple[Demand, ...]:
    return (*volume(), *not_future("EntryDate"))


def sen_need() -> tuple[Demand, ...]:
    return volume()
