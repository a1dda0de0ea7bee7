"""Twenty rules of the return as an analyst writes them in pandas: the XML into frames once, then a line or two a rule.

Written to be fast and plain, as somebody who knows both libraries would: one pass of lxml, a list of dictionaries for
each module, dates and joins by pandas and never row by row. The rules are those of models/marts/sen2, for 2026.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from lxml import etree

from warehouse import specification

CENSUS = pd.Timestamp(2026, 1, 15)
REVIEWED_SINCE = CENSUS - pd.DateOffset(months=12)
DATES = ("PersonBirthDate", "ReceivedDate", "RequestOutcomeDate", "AssessmentOutcomeDate", "StartDate", "CeaseDate")
DATES += ("EntryDate", "LeavingDate", "ReviewMeeting", "LastReview")
NUMBERS = ("UPN", "UniqueLearnerNumber", "UPNunknown")
MODULES = {
    "Person": ("Surname", "Forename", "PersonBirthDate", "Ethnicity", "PostCode", *NUMBERS),
    "Requests": ("ReceivedDate", "RequestOutcome", "RequestOutcomeDate"),
    "Assessment": ("AssessmentOutcome", "AssessmentOutcomeDate", "Week20"),
    "NamedPlan": ("StartDate", "CeaseDate"),
    "PlanDetail": ("URN", "UKPRN", "SENSetting"),
    "ActivePlans": ("ReviewMeeting",),
    "PlacementDetail": ("PlacementRank", "EntryDate", "LeavingDate"),
    "SENneed": ("SENtypeRank",),
}  # fmt: skip


def frames(file: Path) -> dict[str, pd.DataFrame]:
    """A frame for each module, with the numbers of the person and the request that each record belongs to."""
    records: dict[str, list[dict]] = {tag: [] for tag in MODULES}
    number = 0
    for person, (_, element) in enumerate(etree.iterparse(str(file), tag="Person"), start=1):
        records["Person"].append({"person": person} | values(element))
        for request in element.iterchildren("Requests"):
            number += 1
            keys = {"person": person, "request": number}
            records["Requests"].append(keys | values(request))
            for module in request.iter(*list(MODULES)[2:]):
                records[module.tag].append(keys | values(module))
        element.clear()
        while element.getprevious() is not None:
            del element.getparent()[0]
    found = {}
    for tag, columns in MODULES.items():
        frame = pd.DataFrame(records[tag]).reindex(columns=["person", "request", *columns])
        empty = frame.columns[frame.isna().all()]
        frame[empty] = frame[empty].astype(object)  # pandas takes them for numbers
        for column in frame.columns.intersection(DATES):
            frame[column] = pd.to_datetime(frame[column], format="%Y-%m-%d", errors="coerce")
        found[tag] = frame
    return found


def values(element: etree._Element) -> dict[str, str]:
    return {child.tag: child.text.strip() for child in element if len(child) == 0 and child.text and child.text.strip()}


def judge(frame: dict[str, pd.DataFrame]) -> dict[str, int]:
    """How often each of twenty rules is broken, by flag."""
    person, request, assessment, plan, detail, active, placement, need = (frame[tag] for tag in MODULES)
    codes = {row["code"] for row in specification.rows("code_ethnicity") if specification.in_force(row, 2026)}
    request = request.merge(person[["person", "PersonBirthDate"]], on="person")
    assessment = assessment.merge(request[["request", "ReceivedDate"]], on="request")
    plan = plan.merge(person[["person", "PersonBirthDate"]], on="person")
    active = active.merge(plan[["request", "StartDate"]], on="request", how="left")
    birth = person["PersonBirthDate"]
    age = CENSUS.year - birth.dt.year - ((birth.dt.month * 100 + birth.dt.day) > CENSUS.month * 100 + CENSUS.day)
    names = pd.DataFrame({"s": person["Surname"].str.upper(), "f": person["Forename"].str.upper(), "b": birth})
    historical = request["RequestOutcome"] == "H"
    days_of_request = (request["RequestOutcomeDate"] - request["ReceivedDate"]).dt.days
    days_of_assessment = (assessment["AssessmentOutcomeDate"] - assessment["ReceivedDate"]).dt.days
    needs = active["request"].map(need.groupby("request").size()).fillna(0)
    ranks = need.assign(first=need["SENtypeRank"] == "1", second=need["SENtypeRank"] == "2").groupby("request")
    wrong_ranks = (ranks["first"].transform("sum") != 1) | (ranks["second"].transform("sum") > 1)
    rules = {
        "p02": person["Forename"].isna(),
        "p03": birth.isna(),
        "p08": ~person["Ethnicity"].isin(codes),
        "p11": person["PostCode"].isna(),
        "p13": person[list(NUMBERS)].isna().all(axis=1),
        "p15": person["UPN"].notna() & ~person["UPN"].str.fullmatch(r"[A-Z][0-9]{11}[0-9A-HJ-NP-RT-Z]", na=False),
        "p18": person["UPN"].notna() & person["UPN"].duplicated(keep=False),
        "p22": person["UniqueLearnerNumber"].notna() & (age < 13),
        "p29": names.notna().all(axis=1) & names.duplicated(keep=False),
        "r02": ~historical & request["ReceivedDate"].isna(),
        "r05": request["ReceivedDate"] < request["PersonBirthDate"],
        "r15": request["RequestOutcome"].isin(["Y", "N"]) & (days_of_request > 42),
        "a17": (assessment["AssessmentOutcome"] == "Y") & (assessment["Week20"] == "0") & (days_of_assessment > 140),
        "a18": (assessment["AssessmentOutcome"] == "N") & (days_of_assessment > 112),
        "n04": plan["StartDate"] < plan["PersonBirthDate"],
        "d01": detail[["URN", "UKPRN", "SENSetting"]].isna().all(axis=1),
        "t04": ~active["request"].isin(placement["request"]),
        "t05": ~needs.isin([1, 2]),
        "t08": active["ReviewMeeting"] < REVIEWED_SINCE,
        "s02": ~need["SENtypeRank"].isin(["1", "2"]) | wrong_ranks,
    }
    return {flag: int(found.sum()) for flag, found in rules.items()}
