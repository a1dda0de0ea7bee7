"""Exports in layouts that nobody described to the drafter: invented after source-extracts 4, 11 and 15, and laid down
in two lots before it was improved. It was improved on the first three. The last three were drafted after that, 30 of
88 lines of the drafts had to be mended, and what that taught went into the drafter too: now none is unseen.

Every file is of invented children. How each is mended lies in mended/.
"""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from openpyxl import Workbook

UPNS = ("A950000178301", "H243278544154")  # valid by their letters: source-extracts 1
NHS = ("943 476 5919", "401 023 2137")  # valid by mod 11
SURNAMES = ("Quillfeather", "Ashenhurst", "Marlowick", "Tamberlane", "Orrinsmith")
FORENAMES = ("Zebedee", "Ottoline", "Peregrine", "Isolde")
SCHOOLS = ((900001, "Larkrise Primary"), (900002, "Ferncombe Academy"), (900003, "The Mount School"))


def _day(draw: random.Random, first: date, last: date) -> date:
    return first + timedelta(days=draw.randint(0, (last - first).days))


def _born(draw: random.Random) -> date:
    return _day(draw, date(2009, 1, 1), date(2020, 12, 31))


def _book(title: str, rows: list[list[Any]]) -> bytes:
    book = Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _lines(rows: list[list[Any]], mark: str = ",") -> str:
    return "".join(mark.join("" if cell is None else str(cell) for cell in row) + "\r\n" for row in rows)


def caseload() -> bytes:
    """A case system's Excel report: header on line 4, needs in one cell, true dates, a total at the end."""
    draw = random.Random(1)  # noqa: S311
    rows: list[list[Any]] = [
        ["Active EHCP Caseload"],
        ["Run by SEND Service on 04/01/2027"],
        [],
        [
            *("Case ID", "Surname", "Forename", "DOB", "Gender", "UPN", "Ethnicity", "Post Code", "Current School"),
            *("Date EHCP Finalised", "Needs", "Case Worker", "Next AR Due", "Last AR Date"),
        ],
    ]
    for number in range(60):
        issued = _day(draw, date(2021, 9, 1), date(2025, 12, 1))
        last = _day(draw, date(2026, 1, 5), date(2026, 12, 11))
        rows.append(
            [
                *(f"{40210 + number}", SURNAMES[number % 5], FORENAMES[number % 4], _born(draw), "MF"[number % 2]),
                *(
                    UPNS[number % 2],
                    ("WBRI", "AIND", "MWBC")[number % 3],
                    f"ZZ{number % 9} 1AB",
                    SCHOOLS[number % 3][1],
                ),
                *(issued, ("ASD; SLCN", "SEMH", "Moderate Learning Difficulty", "SLCN; SpLD; HI")[number % 4]),
                *("A Caseworker", last + timedelta(days=365), last if number % 6 else None),
            ]
        )
    return _book("Report", [*rows, [], ["Total", 60]])


def assessments() -> str:
    """An in-house CSV: odd names, 04-Jan-26, words for decisions, one line from request to plan."""
    draw = random.Random(2)  # noqa: S311
    rows: list[list[Any]] = [
        [
            *("PersonID", "Legal Family Name", "Legal Given Name", "DoB", "Legal Sex", "NHS_Number", "Assmt Ref"),
            *("Req Recvd", "Requestor", "Panel Decision", "Dt Panel Notified", "Draft Plan Sent", "Dt Final Plan"),
            *("Reason for Delay", "Keyworker"),
        ]
    ]
    for number in range(80):
        asked = _day(draw, date(2025, 1, 6), date(2026, 11, 20))
        agreed = number % 4 != 3
        final = asked + timedelta(days=draw.randint(120, 190))
        is_done = agreed and final < date(2027, 1, 4)
        rows.append(
            [
                *(7000 + number, SURNAMES[number % 5], FORENAMES[number % 4], f"{_born(draw):%d-%b-%y}"),
                *(("Male", "Female")[number % 2], NHS[number % 2], f"A{number:05}", f"{asked:%d-%b-%y}"),
                ("Parent", "School", "Health")[number % 3],
                ("Agreed" if agreed else "Refused"),
                f"{asked + timedelta(days=40):%d-%b-%y}",
                f"{final - timedelta(days=30):%d-%b-%y}" if agreed else "",
                f"{final:%d-%b-%y}" if is_done else "",
                *(f"chased {number} times" if number % 7 == 0 else "", "K Worker"),
            ]
        )
    return _lines(rows)


def speech_waits() -> bytes:
    """A health provider's weekly workbook: two title rows, spaces in NHS numbers, waits in words, a total."""
    draw = random.Random(3)  # noqa: S311
    rows: list[list[Any]] = [
        ["Children's Speech and Language Therapy"],
        ["Waiting list at 15/01/2027"],
        [
            *("NHS Number", "Hospital No", "Last Name", "First Name", "DOB", "Postcode", "Date Referral Received"),
            *("Date Accepted", "Pathway", "Weeks Waiting", "Status", "Next Appt", "School Attended"),
        ],
    ]
    for number in range(50):
        referred = _day(draw, date(2026, 1, 5), date(2027, 1, 8))
        rows.append(
            [
                *(NHS[number % 2], f"RX{number:06}", SURNAMES[number % 5], FORENAMES[number % 4], _born(draw)),
                *(
                    f"ZZ{number % 9} 1AB",
                    referred,
                    referred + timedelta(days=5),
                    ("Early language", "Dysfluency")[number % 2],
                ),
                *("18+ wks" if number % 5 == 0 else str((date(2027, 1, 15) - referred).days // 7), "Waiting"),
                *(date(2027, 2, 1) if number % 9 == 0 else None, SCHOOLS[number % 3][1]),
            ]
        )
    return _book("SLT", [*rows, ["Total waiting", 50]])


def placements() -> str:
    """A placements report: three settings side by side with their days, semicolons, US-like short headers."""
    draw = random.Random(4)  # noqa: S311
    rows: list[list[Any]] = [["SEND Placements Register"], []]
    rows.append(
        [
            *("YP Ref", "Surname", "Forename", "Date of Birth", "EHCP Ref", "Setting URN 1", "Start 1", "End 1"),
            *("Setting URN 2", "Start 2", "End 2", "Setting URN 3", "Start 3", "End 3", "Funding Band"),
        ]
    )
    for number in range(70):
        row: list[Any] = [f"YP{number:04}", SURNAMES[number % 5], FORENAMES[number % 4], f"{_born(draw):%d/%m/%Y}"]
        row.append(f"PL-{number:04}")
        start = _day(draw, date(2021, 9, 1), date(2022, 3, 1))
        for place in range(3):
            if place > number % 3:
                row += ["", "", ""]
                continue
            end = start + timedelta(days=500)
            row += [
                SCHOOLS[(number + place) % 3][0],
                f"{start:%d/%m/%Y}",
                f"{end:%d/%m/%Y}" if place < number % 3 else "",
            ]
            start = end + timedelta(days=1)
        rows.append([*row, "ABC"[number % 3]])
    return _lines(rows, ";")


def complaints() -> str:
    """A customer-care log: a reference, stages in words, and what was said in the complainant's own words."""
    draw = random.Random(5)  # noqa: S311
    rows: list[list[Any]] = [
        [
            *("Complaint Ref", "Stage", "Client ID", "Date Received", "Date Closed", "Subject", "Decision"),
            *("Description of complaint", "Learning"),
        ]
    ]
    for number in range(60):
        came = _day(draw, date(2025, 9, 1), date(2026, 12, 1))
        rows.append(
            [
                *(f"CC/{2600 + number}", ("Stage 1", "Stage 2", "LGSCO")[number % 3], f"C{number % 40:04}"),
                *(f"{came:%d/%m/%Y}", f"{came + timedelta(days=20):%d/%m/%Y}" if number % 5 else ""),
                ("Delay in assessment", "Provision not delivered", "Communication")[number % 3],
                ("Upheld", "Not upheld", "Partly upheld", "")[number % 4],
                f'"Family {number} say {SURNAMES[number % 5]} has waited, and nobody rang"',
                "Reply sooner" if number % 3 == 0 else "",
            ]
        )
    return _lines(rows)


def therapy_waits() -> str:
    """Another provider's list of another service: tabs, no title, ISO days, one line more for a second clinic."""
    draw = random.Random(6)  # noqa: S311
    rows: list[list[Any]] = [
        [
            *("MRN", "NHS No.", "Surname", "Forename", "Date of Birth", "Home Post Code", "Ref Date", "Accept Date"),
            *("Clinic Name", "Wait (wks)", "Urgency", "WL Status", "Appointment Date", "GP Practice"),
        ]
    ]
    for number in range(45):
        referred = _day(draw, date(2026, 3, 2), date(2027, 1, 8))
        for clinic in ("East", "West")[: 1 + (number % 15 == 0)]:
            rows.append(
                [
                    *(
                        f"{80000 + number}",
                        NHS[number % 2].replace(" ", ""),
                        SURNAMES[number % 5],
                        FORENAMES[number % 4],
                    ),
                    *(_born(draw), f"ZZ{number % 9}1AB", referred, referred + timedelta(days=7), clinic),
                    *((date(2027, 1, 14) - referred).days // 7,),
                    *(("Routine", "Urgent")[number % 8 == 0], ("Waiting", "Booked")[number % 4 == 0], "", "E81001"),
                ]
            )
    return _lines(rows, "\t")


# Name of the delivery → what writes it; mended/ has a profile of the writer's name for each.
FILES: dict[str, Callable[[], bytes | str]] = {
    "EHCP Caseload 2027-01-04.xlsx": caseload,
    "ehc_needs_assessments_20270104.csv": assessments,
    "SLT waiting list 2027-01-15.xlsx": speech_waits,
    "placements_register_2027-01-04.csv": placements,
    "Complaints log 2027-01-04.csv": complaints,
    "OT_WL_2027-01-14.txt.csv": therapy_waits,
}
