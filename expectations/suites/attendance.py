"""Attendance: every pupil a summary, some of them every session."""

from expectations.demand import Demand, filled, known_codes, not_future, volume


def session() -> tuple[Demand, ...]:
    return (*volume(), *not_future("session_date"), known_codes("attendance_code", 0.9), filled("urn", 0.99))


def termly_summary() -> tuple[Demand, ...]:
    return (*volume(), filled("sessions_possible", 0.99), filled("urn", 0.99))
