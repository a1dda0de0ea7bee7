"""How each planted fault is made: which rows may take it, and what becomes of them.

The rates, and the checks that are expected to find each fault,
    are rows of `fault.csv`. Rows here are SQL over the extract
(`t`) and over pools of people whose records are otherwise sound, so that each fault stands alone:

steady      one plan, in force on both census days and begun before either year; one request
alone       steady, and known to no other source, so that nobody fills the gap
refused, noplan, issued, assessing, open_request: people with one request, received last year, in that state
decided_and_issued, issued_at_last: both, or the issue alone, last year, whenever they asked

The order is that of planting: what few rows can take comes before what many can.
"""

from __future__ import annotations

from dataclasses import dataclass, field

STEADY = "t._n in (select n from steady)"
CURRENT = f"t.kind = 'attended' and t.rank = '1' and t.leaving_date is null and t.urn is not null and {STEADY}"
ALONE = "t._n in (select n from alone)"
REFUSED = "t._n in (select n from refused)"
NOPLAN = "t._n in (select n from noplan)"
ISSUED = "t._n in (select n from issued)"
DECIDED_AND_ISSUED = "t._n in (select n from decided_and_issued)"
ISSUED_AT_LAST = "t._n in (select n from issued_at_last)"
ASSESSING = "t._n in (select n from assessing)"
DECIDED = f"({REFUSED} or {NOPLAN} or {ISSUED})"
OPEN = "t._n in (select n from open_request)"
# Two letters in the middle change places; of a name in which that can be seen.
LONG_NAME = "length(t.{0}) > 4 and substr(t.{0}, 3, 1) <> substr(t.{0}, 4, 1)"
TYPED = "substr(t.{0}, 1, 2) || substr(t.{0}, 4, 1) || substr(t.{0}, 3, 1) || substr(t.{0}, 5)"
# The surname, or the home, of somebody else.
SURNAME_ELSEWHERE = "(select p.surname from person as p where p.n = 1 + (t._n * 7919) % (select count(*) from person))"
HOME_ELSEWHERE = "(select p.postcode from person as p where p.n = 1 + (t._n * 6007) % (select count(*) from person))"

# A second number of the same child in care, from before anybody asked for the numbers of others.
ENTERED_AGAIN = {"la_child_id": "'5' || substr(t.la_child_id, 2)", "upn": "null", "nhs_number": "null"}


@dataclass(frozen=True)
class Change:
    """One fault: rows that may take it, new values by column, rows copied with other values, and anything further.

    `shared` names columns that all picked rows take from the first of them. `also` is SQL over the table `picked` (n).
    """

    eligible: str
    values: dict[str, str] = field(default_factory=dict)
    copy: dict[str, str] | None = None
    shared: tuple[str, ...] = ()
    also: str = ""
    whole_person: bool = False


def _without_number(reason: str | None) -> dict[str, str]:
    return {"upn": "null", "uln": "null", "upn_unknown_reason": f"'{reason}'" if reason else "null"}


CHANGES: dict[str, Change] = {
    "received_before_birth": Change(
        ISSUED, {"received_date": "(select p.birth_date - 20 from person as p where p.n = t._n)::varchar"}
    ),
    "plan_request_undated": Change(ISSUED, {"received_date": "null"}),
    "issue_before_decision": Change(
        DECIDED_AND_ISSUED,
        {"outcome_date": "(select max(r.decided_date) - 10 from request_fact as r where r.n = t._n)::varchar"},
    ),
    "withdrawn_with_marks": Change(
        DECIDED_AND_ISSUED,
        {"outcome": "'W'"},
        also="update x_ehc_assessment as a set other_mediation_held = 'true' from picked where picked.n = a._n",
    ),
    "withdrawn_with_plan": Change(DECIDED_AND_ISSUED, {"outcome": "'W'"}),
    "refused_with_plan": Change(
        DECIDED_AND_ISSUED, {"outcome": "'N'", "mediation_held": "'false'", "appeal_made": "'false'"}
    ),
    "upn_former": Change(
        f"t.upn is not null and {STEADY}"
        " and t._n in (select n from roll where census_day = (select max(census_day) from roll))",
        also="""
            update x_school_census_pupil_on_roll as c
            set former_upn = c.upn, upn = upn_from('330' || substr(c.upn, 5, 9))
            from picked where picked.n = c._n and c.upn is not null
        """,
    ),
    "upn_temporary": Change(
        f"t.upn is not null and {STEADY}",
        {"upn": "upn_from(substr(t.upn, 2, 11) || substr('ABCDEFGHJK', 1 + substr(t.upn, 13, 1)::integer, 1))"},
    ),
    "upn_wrong_letter": Change(
        f"t.upn is not null and {STEADY}",
        {"upn": "case when t.upn like 'Q%' then 'W' else 'Q' end || substr(t.upn, 2)"},
    ),
    "upn_short": Change(f"t.upn is not null and {STEADY}", {"upn": "substr(t.upn, 1, 12)"}),
    "upn_council": Change(f"t.upn is not null and {STEADY}", {"upn": "upn_from('899' || substr(t.upn, 5, 9))"}),
    "upn_twice": Change(f"t.upn is not null and {STEADY}", shared=("upn",)),
    "uln_wrong_digit": Change(
        f"t.uln is not null and {STEADY}",
        {"uln": "substr(t.uln, 1, 9) || ((substr(t.uln, 10, 1)::integer + 1) % 10)::varchar"},
    ),
    "uln_twice": Change(f"t.uln is not null and {STEADY}", shared=("uln",)),
    "uln_young": Change(
        f"t.uln is null and t.birth_date > '2017-01-01' and {STEADY}",
        {"uln": "uln_from(700000000 + 2 * (t._n % 49999991))"},
    ),
    "no_identifier": Change(ALONE, _without_number(None)),
    "reason_of_other_census": Change(ALONE, _without_number("UN7")),
    "un1_old": Change(f"{ALONE} and t.birth_date < '2018-12-01'", _without_number("UN1")),
    "un8_old": Change(ALONE, _without_number("UN8")),
    "un9_young": Change(f"{ALONE} and t.birth_date > '2011-02-01'", _without_number("UN9")),
    "un10_plan": Change(ALONE, _without_number("UN10")),
    "surname_missing": Change(ALONE, {"surname": "null"}),
    "forename_missing": Change(ALONE, {"forename": "null"}),
    "birth_date_unreadable": Change(ALONE, {"birth_date": "'not known'"}),
    "birth_date_1900": Change(ALONE, {"birth_date": "'1900-01-01'"}),
    "birth_date_after": Change(f"{ALONE} and t.uln is null and t.upn is not null", {"birth_date": "'2027-06-15'"}),
    "too_old": Change(f"{ALONE} and t.upn is not null", {"birth_date": "'2000-02-02'"}),
    "requested_after_25": Change(f"{REFUSED} and t.upn is not null", {"birth_date": "'2000-03-03'"}),
    "sex_missing": Change(ALONE, {"sex": "null"}),
    "ethnicity_no_code": Change(STEADY, {"ethnicity": "'WXYZ'"}),
    "ethnicity_wales": Change(STEADY, {"ethnicity": "'ABRI'"}),
    "ethnicity_extended": Change(f"{STEADY} and t.ethnicity = 'WBRI'", {"ethnicity": "'WENG'"}),
    "ethnicity_unknown": Change("true", {"ethnicity": "case when t._n % 3 = 0 then 'REFU' else 'NOBT' end"}),
    "postcode_missing": Change(ALONE, {"postcode": "null"}),
    "postcode_garbled": Change(STEADY, {"postcode": "'ZC4 ABC'"}),
    "postcode_terminated": Change(
        STEADY,
        {
            "postcode": """(
                select min(gone.pcds) from postcode as gone
                inner join person as p on p.n = t._n and gone.is_own and gone.lsoa = p.lsoa
                where gone.terminated is not null
            )"""
        },
    ),
    "same_name_and_birth_date": Change(STEADY, shared=("surname", "forename", "birth_date")),
    "request_outcome_missing": Change(REFUSED, {"outcome": "null"}),
    "received_missing": Change(REFUSED, {"received_date": "null"}),
    "decision_undated": Change(REFUSED, {"outcome_date": "null"}),
    "decision_before_request": Change(REFUSED, {"outcome_date": "(t.received_date::date - 5)::varchar"}),
    "exported_to_no_council": Change(ASSESSING, {"exported_la_code": "'899'", "exported_date": "'2026-12-01'"}),
    "exported_to_itself": Change(ASSESSING, {"exported_la_code": "'{la_code}'", "exported_date": "'2026-12-01'"}),
    "exported_with_plan": Change(ISSUED_AT_LAST, {"exported_la_code": "'873'", "exported_date": "'2026-12-15'"}),
    "assessment_missing": Change(
        ASSESSING,
        also="""
            delete from x_ehc_assessment where _n in (select n from picked);
            delete from x_ehc_advice where _n in (select n from picked)
        """,
    ),
    "request_twice": Change(REFUSED, copy={"request_id": "t.request_id || 'B'"}),
    "two_live_requests": Change(
        OPEN, copy={"request_id": "t.request_id || 'C'", "received_date": "(t.received_date::date - 11)::varchar"}
    ),
    "assessment_outcome_missing": Change(ISSUED_AT_LAST, {"outcome": "null"}),
    "refusal_to_issue_undated": Change(NOPLAN, {"outcome_date": "null"}),
    "issue_undated": Change(ISSUED_AT_LAST, {"outcome_date": "null"}),
    "exception_missing": Change(ISSUED_AT_LAST, {"exception_applies": "null", "exception_reason": "null"}),
    "assessment_withdrawn_with_plan": Change(ISSUED_AT_LAST, {"outcome": "'W'"}),
    "not_issued_with_plan": Change(
        ISSUED_AT_LAST, {"outcome": "'N'", "mediation_held": "'false'", "appeal_made": "'false'"}
    ),
    "plan_missing": Change(
        ISSUED_AT_LAST,
        also="; ".join(
            f"delete from x_ehc_{entity} where _n in (select n from picked)"
            for entity in ("plan", "personal_budget", "need", "placement", "review")
        ),
    ),
    "appeal_against_issue": Change(ISSUED_AT_LAST, {"appeal_made": "'true'"}),
    "youth_accommodation_missing": Change(DECIDED, {"in_youth_accommodation": "null"}),
    "request_source_missing": Change(DECIDED, {"request_source": "null"}),
    "request_source_no_code": Change(DECIDED, {"request_source": "'7'"}),
    "council_abolished": Change(
        "t.transferred_from_la_code is not null and t.transferred_in_date >= '2026-02-01' and t.cease_date is null",
        {"transferred_from_la_code": "'928'"},
    ),
    "rank_one_twice": Change(
        CURRENT,
        copy={
            "placement_id": "t.placement_id || 'X'",
            "urn": "(select min(urn) from school where kind = 'special' and is_own and is_open"
            " and urn <> t.urn::bigint)::varchar",
            "sen_unit": "'false'",
            "resourced_provision": "'false'",
        },
    ),
    "urn_closed": Change(
        f"{CURRENT} and t.urn::bigint in (select new_urn from school_link where converted < t.entry_date::date)",
        {"urn": "(select old_urn from school_link where new_urn = t.urn::bigint)::varchar"},
    ),
    "urn_unknown": Change(CURRENT, {"urn": "'799999'"}),
    "two_primary_needs": Change(
        f"t.rank = '2' and {STEADY}", {"rank": "'1'", "from_date": "(t.from_date::date + 30)::varchar"}
    ),
    "review_before_plan": Change(
        f"t.meeting_date is not null and t.review_type = 'annual' and {STEADY}",
        {
            "meeting_date": """(
                select not_sunday((min(l.start_date) - 40)::date) from plan_life as l where l.n = t._n
            )::varchar"""
        },
    ),
    "meeting_on_sunday": Change(
        f"t.meeting_date is not null and t.review_type = 'annual' and {STEADY}",
        {"meeting_date": "(t.meeting_date::date - isodow(t.meeting_date::date)::integer)::varchar"},
    ),
    "meeting_unreadable": Change(
        f"t.meeting_date is not null and t.review_type = 'annual' and {STEADY}", {"meeting_date": "'31/02/2026'"}
    ),
    "due_date_1900": Change(STEADY, {"due_date": "'1900-01-01'"}),
    "advice_row_twice": Change("true", copy={}),
    "care_episode_twice": Change("true", copy={}),
    "exclusion_differs": Change(
        """t.category = 'SUSP' and exists (
            select 1 from x_school_census_exclusion as c
            where c._n = t._n and c.category = 'SUSP'
                and strptime(c.start_date, '%Y-%b-%d %H:%M:%S') = t.start_date::date
        )""",
        {"sessions": "(t.sessions::integer + 3)::varchar"},
    ),
    "attendance_code_none": Change("t.session_date = '2026-11-02'", {"attendance_code": "'ZZ'"}),
    "session_twice": Change("t.session_date = '2026-11-03'", copy={}),
    "exclusion_reason_none": Change("true", {"reason_1": "'XX'"}),
    "early_birth_date_unreadable": Change("true", {"birth_date": "'not known'"}),
    "goal_not_assessed": Change("true", {"goal_number": "'A'"}),
    "former_upn_in_transfer": Change("true", {"former_upn": "upn_from('873' || substr(t.upn, 5, 9))"}),
    "activity_none": Change("true", {"activity_code": "'999'"}),
    "birth_date_swapped": Change(
        """t._n in (select n from ehc_person) and day(t.birth_date::date) <= 12
            and day(t.birth_date::date) <> month(t.birth_date::date)""",
        {"birth_date": "strftime(t.birth_date::date, '%Y-%d-%m')"},
        whole_person=True,
    ),
    "asq_wrong_area": Change("true", {"tool_type": "'953990000000101'"}),
    "version_ends_early": Change(
        f"t.valid_to is not null and t.valid_to > t.valid_from and {STEADY}",
        {"valid_to": "(t.valid_from::date - 30)::varchar"},
    ),
    "final_before_notice": Change(
        f"t.amendment_notice_date is not null and t.valid_to is null and {STEADY}",
        {"amendment_notice_date": "(t.issued_date::date + 3)::varchar"},
    ),
    "version_date_unreadable": Change(f"t.valid_to is null and {STEADY}", {"issued_date": "'31/02/2026'"}),
    "provision_section_no_code": Change(STEADY, {"section": "'Z'"}),
    "audit_grade_no_code": Change("true", {"overall_grade": "'Silver'"}),
    "attendance_row_twice": Change("true", copy={}),
    "answered_before_asked": Change(
        "t.response_date is not null", {"response_date": "(t.consulted_date::date - 4)::varchar"}
    ),
    "transport_upn_wrong": Change(
        "t.upn is not null",
        {"upn": "case when t.upn like 'Q%' then 'W' else 'Q' end || substr(t.upn, 2)", "person_id": "null"},
    ),
    "transport_cost_words": Change("true", {"cost_per_day": "t.cost_per_day || ' per trip'"}),
    "run_ends_early": Change("t.to_date is not null", {"to_date": "(t.from_date::date - 7)::varchar"}),
    "ap_reason_no_code": Change("true", {"placement_reason": "'ZZZ'"}),
    "sessions_all_nines": Change("true", {"sessions_present": "'999999'"}),
    "equipment_nhs_wrong_digit": Change(
        "t.nhs_number is not null",
        {"nhs_number": "substr(t.nhs_number, 1, 9) || ((substr(t.nhs_number, 10, 1)::integer + 1) % 10)::varchar"},
    ),
    "early_review_unreadable": Change("t.held_date is not null", {"held_date": "'31/02/2026'"}),
    "notified_need_no_code": Change("true", {"need": "'ZZZ'"}),
    "short_break_twice": Change("true", copy={}),
    "places_in_words": Change("t.places_filled is not null", {"places_filled": "'not told'"}),
    "term_day_twice": Change("true", copy={}),
    "transition_decision_no_code": Change("t.decision is not null", {"decision": "'Perhaps'"}),
    "learner_uln_wrong_digit": Change(
        "t.uln is not null", {"uln": "substr(t.uln, 1, 9) || ((substr(t.uln, 10, 1)::integer + 1) % 10)::varchar"}
    ),
    "split_differs": Change(
        "t.amount is not null", {"amount_education": "(t.amount_education::bigint - 500)::varchar"}
    ),
    "commitment_of_nobody": Change("true", {"person_id": "null", "upn": "null"}),
    # What makes one child look like two: the truth is in linkage_truth.parquet, the figures in docs/linkage.md.
    "forename_typed": Change(LONG_NAME.format("forename"), {"forename": TYPED.format("forename")}, whole_person=True),
    "forename_short": Change("length(t.forename) > 4", {"forename": "substr(t.forename, 1, 3)"}, whole_person=True),
    "surname_typed": Change(LONG_NAME.format("surname"), {"surname": TYPED.format("surname")}, whole_person=True),
    "surname_former": Change("true", {"surname": SURNAME_ELSEWHERE}, whole_person=True),
    "birth_date_digit": Change(
        "day(t.birth_date::date) <= 18", {"birth_date": "(t.birth_date::date + 10)::varchar"}, whole_person=True
    ),
    "postcode_never_told": Change("t._n in (select n from person)", {"postcode": HOME_ELSEWHERE}, whole_person=True),
    "pupil_forename_typed": Change(
        LONG_NAME.format("forename"), {"forename": TYPED.format("forename")}, whole_person=True
    ),
    "pupil_surname_former": Change("true", {"surname": SURNAME_ELSEWHERE}, whole_person=True),
    "adopted": Change(
        "t.upn is not null and (t._n in (select n from ehc_person) or t._n in (select n from patient))",
        {"surname": SURNAME_ELSEWHERE, "upn": "upn_from('{la_code}' || '9' || substr(t.upn, 6, 8))"},
        whole_person=True,
    ),
    "care_merged": Change(
        "true", copy={**ENTERED_AGAIN, "merged_into_id": "t.la_child_id", "postcode": HOME_ELSEWHERE}
    ),
    "care_entered_twice": Change(
        LONG_NAME.format("surname"), copy={**ENTERED_AGAIN, "surname": TYPED.format("surname")}
    ),
    "care_surname_changed": Change(
        "true", {"surname": SURNAME_ELSEWHERE, "former_surname": "t.surname"}, whole_person=True
    ),
    "care_surname_other": Change("true", {"surname": SURNAME_ELSEWHERE}, whole_person=True),
    "care_forename_typed": Change(
        LONG_NAME.format("forename"), {"forename": TYPED.format("forename")}, whole_person=True
    ),
    "care_forename_short": Change(
        "length(t.forename) > 4", {"forename": "substr(t.forename, 1, 3)"}, whole_person=True
    ),
    "care_surname_typed": Change(LONG_NAME.format("surname"), {"surname": TYPED.format("surname")}, whole_person=True),
    "care_birth_date_swapped": Change(
        "substr(t.birth_date, 1, 2) <= '12' and substr(t.birth_date, 1, 2) <> substr(t.birth_date, 4, 2)",
        {"birth_date": "substr(t.birth_date, 4, 3) || substr(t.birth_date, 1, 3) || substr(t.birth_date, 7)"},
        whole_person=True,
    ),
    "care_birth_date_digit": Change(
        "substr(t.birth_date, 1, 2) <= '18'",
        {"birth_date": "strftime(strptime(t.birth_date, '%d/%m/%Y') + interval 10 day, '%d/%m/%Y')"},
        whole_person=True,
    ),
    "care_postcode_never_told": Change("true", {"postcode": HOME_ELSEWHERE}, whole_person=True),
}

# What is there without being planted, and is to be found all the same: SQL giving n, source, entity, and the row's key.
NATURAL: dict[str, str] = {
    "need_unknown": """
        select t._n as n, 'ehc' as source, 'plan' as entity, t._sort as sort from x_ehc_plan as t
        where t._fault is null and t._n in (select n from steady)
            and t.plan_id not in (select plan_id from x_ehc_need)
    """,
    "twins": """
        select t._n as n, 'ehc' as source, 'person' as entity, t._sort as sort
        from x_ehc_person as t inner join person as p on p.n = t._n
        where p.birth in (
            select p2.birth from person as p2 where p2.n in (select n from ehc_person)
            group by p2.birth having count(*) = 2
        )
    """,
    "out_of_county": """
        select t._n as n, 'csds' as source, 'patient_index' as entity, t._sort as sort, t._file as file
        from x_csds_patient_index as t where t._n in (select n from visitor)
    """,
    "waiting_row_lost": """
        select t._n as n, 'waiting_list' as source, 'waiting' as entity, t._sort as sort, t._file as file
        from x_waiting_list_waiting as t
        inner join waiting_lost as l on t._sort = l.referral || 'A'
        inner join waiting_week as w on w.referral = l.referral and w.week = l.week
            and t._file like '%' || w.list_date || '.csv'
    """,
    "nccis_lapsed": """
        select t._n as n, 'nccis' as source, 'young_person' as entity, t._sort as sort, t._file as file
        from x_nccis_young_person as t
        where t._fault is null
            and t.verified_date::date + 366 < last_day(strptime(replace(t.month, '-', '') || '01', '%Y%m%d')::date)
    """,
    "base_overfilled": """
        select null as n, 'resource_base' as source, 'commissioned_place' as entity, t._sort as sort
        from x_resource_base_commissioned_place as t
        where t._fault is null and t.places_filled::integer > t.places_commissioned::integer
    """,
    "locality_of_no_area": """
        select null as n, 'local_area' as source, 'locality' as entity, t._sort as sort
        from x_local_area_locality as t where t.lsoa21_code not in (select code from lsoa)
    """,
    "planning_school_unknown": """
        select null as n, 'local_area' as source, 'planning_area' as entity, t._sort as sort
        from x_local_area_planning_area as t where t.urn not in (select urn::varchar from school)
    """,
    "planning_phase_no_code": """
        select null as n, 'local_area' as source, 'planning_area' as entity, t._sort as sort
        from x_local_area_planning_area as t where t.phase = 'Middle'
    """,
    "late_decision": """
        select t._n as n, 'ehc' as source, 'request' as entity, t._sort as sort from x_ehc_request as t
        where t._fault is null and t._n in (select n from refused)
            and t.outcome_date::date - t.received_date::date > 42
    """,
    "overdue_decision": """
        select t._n as n, 'ehc' as source, 'request' as entity, t._sort as sort from x_ehc_request as t
        where t._fault is null and t._n in (select n from open_request)
            and t.received_date::date < date '{year_end}' - 42
    """,
    "late_plan": """
        select t._n as n, 'ehc' as source, 'assessment' as entity, t._sort as sort from x_ehc_assessment as t
        inner join request_fact as r on r.n = t._n
        where t._fault is null and t._n in (select n from issued) and t._n not in (select n from fault_person)
            and t.exception_applies = 'false' and r.issued_date - r.received_date > 140
    """,
    "late_refusal": """
        select t._n as n, 'ehc' as source, 'assessment' as entity, t._sort as sort from x_ehc_assessment as t
        inner join request_fact as r on r.n = t._n
        where t._fault is null and t._n in (select n from noplan) and t._n not in (select n from fault_person)
            and r.issued_date - r.received_date > 112
    """,
    "overdue_plan": """
        select t._n as n, 'ehc' as source, 'assessment' as entity, t._sort as sort from x_ehc_assessment as t
        inner join request_fact as r on r.n = t._n
        where t._fault is null and t._n not in (select n from fault_person) and t.outcome = 'Y'
            and t.outcome_date is null and t.draft_issued_date <= '{year_end}'
            and r.kind = 'plan' and r.received_date < date '{year_end}' - 140
            and (select count(*) from request_fact as x where x.n = r.n) = 1
    """,
}
