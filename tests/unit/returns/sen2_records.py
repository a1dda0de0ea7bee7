"""Record tables by hand, for the writer: a database with the mart's tables and the rows of a few people, or of many."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

from tests.unit.returns.sen2_mart import insert
from warehouse.returns import layout

SMALL: tuple[tuple[str, dict[str, Any]], ...] = (
    (
        "header",
        {
            "Collection": "SEN2",
            "Year": "2026",
            "ReferenceDate": "2026-01-15",
            "SourceLevel": "L",
            "LEA": "999",
            "SoftwareCode": "countywide",
            "Release": "1.0",
            "SerialNo": "001",
            "DateTime": "2026-02-02T09:30:00",
            "DMO": "Y",
            "DCO": "N",
            "DSCO": "R",
        },
    ),
    # One with everything, twice where it may repeat; an accent, an apostrophe and characters that XML escapes.
    (
        "person",
        {
            "person_record_id": "1",
            "Surname": "O'Brien-Ngũgĩ & <Sons>",
            "Forename": "Zoë",
            "PersonBirthDate": "2016-02-29",
            "Sex": "F",
            "Ethnicity": "MOTH",
            "PostCode": "AB1 2CD",
            "UPN": "C201200126001",
        },
    ),
    (
        "requests",
        {
            "person_record_id": "1",
            "request_record_id": "1a",
            "ReceivedDate": "2025-02-01",
            "RequestSource": "2",
            "RYA": "0",
            "RequestOutcomeDate": "2025-03-10",
            "RequestOutcome": "Y",
            "RequestMediation": "0",
            "RequestTribunal": "0",
        },
    ),
    (
        "assessment",
        {
            "person_record_id": "1",
            "request_record_id": "1a",
            "AssessmentOutcome": "Y",
            "AssessmentOutcomeDate": "2025-06-15",
            "AssessmentMediation": "0",
            "AssessmentTribunal": "0",
            "OtherMediation": "0",
            "OtherTribunal": "0",
            "Week20": "0",
        },
    ),
    (
        "named_plan",
        {
            "person_record_id": "1",
            "request_record_id": "1a",
            "StartDate": "2025-06-15",
            "PlanRes": "A",
            "PB": "1",
            "OA": "0",
            "DP": "E",
        },
    ),
    (
        "plan_detail",
        {
            "person_record_id": "1",
            "request_record_id": "1a",
            "plan_detail_record_id": "d1",
            "URN": "100001",
            "PlacementRank": "1",
            "SENunitIndicator": "1",
            "ResourcedProvisionIndicator": "0",
        },
    ),
    (
        "plan_detail",
        {
            "person_record_id": "1",
            "request_record_id": "1a",
            "plan_detail_record_id": "d2",
            "SENSetting": "OTH",
            "SENSettingOther": "farm school",
            "PlacementRank": "2",
            "SENunitIndicator": "0",
            "ResourcedProvisionIndicator": "0",
        },
    ),
    (
        "active_plans",
        {
            "person_record_id": "1",
            "request_record_id": "1a",
            "ReviewMeeting": "2025-12-01",
            "ReviewOutcome": "A",
            "ReviewDraft": "2025-12-20",
            "PhaseTransferDueDate": "2026-02-15",
            "LastReview": "2025-12-19",
        },
    ),
    (
        "placement_detail",
        {
            "person_record_id": "1",
            "request_record_id": "1a",
            "placement_record_id": "l1",
            "URN": "100001",
            "PlacementRank": "1",
            "EntryDate": "2025-09-01",
            "SENunitIndicator": "1",
            "ResourcedProvisionIndicator": "0",
            "Res": "A",
        },
    ),
    (
        "sen_need",
        {
            "person_record_id": "1",
            "request_record_id": "1a",
            "need_record_id": "n1",
            "SENtype": "ASD",
            "SENtypeRank": "1",
        },
    ),
    (
        "sen_need",
        {
            "person_record_id": "1",
            "request_record_id": "1a",
            "need_record_id": "n2",
            "SENtype": "DS",
            "SENtypeRank": "2",
        },
    ),
    # One with as little as may be: an open request, and an earlier one that was refused.
    (
        "person",
        {
            "person_record_id": "2",
            "Surname": "Hill",
            "Forename": "Ada",
            "PersonBirthDate": "2021-07-04",
            "Sex": "M",
            "Ethnicity": "REFU",
            "UPNunknown": "UN1",
        },
    ),
    (
        "requests",
        {
            "person_record_id": "2",
            "request_record_id": "2a",
            "ReceivedDate": "2025-01-20",
            "RequestSource": "1",
            "RYA": "0",
            "RequestOutcomeDate": "2025-02-20",
            "RequestOutcome": "N",
            "RequestMediation": "1",
            "RequestTribunal": "0",
        },
    ),
    (
        "requests",
        {
            "person_record_id": "2",
            "request_record_id": "2b",
            "ReceivedDate": "2025-12-20",
            "RequestSource": "1",
            "RYA": "0",
            "RequestOutcome": "A",
        },
    ),
)


def database(file: Path, rows: tuple[tuple[str, dict[str, Any]], ...] = SMALL, year: int = 2026) -> Path:
    """A file with the nine record tables of a year, each item text or date, and nothing else."""
    with duckdb.connect(str(file)) as connection:
        connection.execute("create schema sen2")
        for table, columns in tables(year).items():
            connection.execute(f"create table sen2.{table} ({', '.join(columns)})")
        for table, row in rows:
            insert(connection, f"sen2.sen2__{table}", [{"collection_year": year} | row])
    return file


def tables(year: int) -> dict[str, list[str]]:
    """The record tables and their columns with types, from the layout."""
    found: dict[str, list[str]] = {}
    for module in layout.message(year).walk():
        if module.table:
            columns = found.setdefault(
                module.table, ["collection_year integer", *(f"{name} varchar" for name in module.key)]
            )
            columns += [
                f'"{item.element}" {"date" if item.data_type == "date" else "varchar"}' for item in module.items
            ]
    return found
