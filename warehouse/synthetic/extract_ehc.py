"""The case system: person, request, advice, assessment, plan, need, placement, review, appeal, personal budget."""

from __future__ import annotations

from warehouse.synthetic.extract_table import make
from warehouse.synthetic.world import World, choose, margin, share

TEAM = "'Team ' || lpad({district}::varchar, 2, '0')"


def build(world: World) -> None:
    world.sql(
        """
        create table ehc_person as
        select distinct n from (
            select n from request_fact
            union all select n from plan_life where start_date <= {as_at}
        );
        create table plan_key as
        select l.*, 'PLN-' || i.ehc_number || '-' || l.seq as plan_id, i.ehc_number as person_id,
            case when r.n is not null then 'REQ-' || i.ehc_number || '-' || lpad(l.seq::varchar, 2, '0') end
                as request_id
        from plan_life as l
        inner join identity as i on i.n = l.n
        left join request_fact as r on r.n = l.n and r.seq = l.seq and r.kind = 'plan'
        where l.start_date <= {as_at};
        create table request_state as
        select
            -- A mediation is marked once it was held, an appeal once it was registered.
            f.* replace (
                f.refusal_mediated and f.decided_date <= {as_at} - 97 as refusal_mediated,
                f.refusal_appealed and f.decided_date <= {as_at} - 57 as refusal_appealed
            ),
            i.ehc_number as person_id, 'REQ-' || i.ehc_number || '-' || lpad(f.seq::varchar, 2, '0') as request_id,
            case when kind = 'exported' and issued_date <= {as_at} then issued_date end as exported_date,
            case
                when kind = 'withdrawn' then case when decided_date <= {as_at} then 'W' else 'A' end
                when decided_date > {as_at} then 'A'
                when kind = 'exported' and decided_date >= issued_date then 'A'
                when kind = 'refused' or was_put_right then 'N'
                else 'Y' end as outcome
        from request_fact as f inner join identity as i on i.n = f.n;
        create table assessment_state as
        select
            s.*,
            case
                when kind = 'plan' and issued_date <= {as_at} then 'Y'
                when kind = 'plan' and issued_date - 24 <= {as_at} then 'Y'
                when kind = 'no_plan' and issued_date <= {as_at} then 'N'
                when kind = 'assessment_withdrawn' and issued_date <= {as_at} then 'W'
                else 'A' end as assessment_outcome,
            case
                when kind in ('plan', 'no_plan', 'assessment_withdrawn') and issued_date <= {as_at} then issued_date
            end as assessment_date,
            case when kind = 'plan' and issued_date - 24 <= {as_at}
                then weekday_before(issued_date - draw(r, 'draft', 24, 38)) end as draft_date,
            kind = 'no_plan' and issued_date <= {as_at} - 97 and u(r, 'issue mediation') < {mediated} as issue_mediated,
            kind = 'no_plan' and issued_date <= {as_at} - 57 and u(r, 'issue appeal') < {appealed} as issue_appealed,
            kind = 'plan' and issued_date <= {as_at} - 97 and u(r, 'other mediation') < {other_mediated}
                as other_mediated,
            kind = 'plan' and issued_date <= {as_at} - 57 and u(r, 'other appeal') < {other_appealed} as other_appealed
        from request_state as s
        where (outcome = 'Y' or was_put_right) and decided_date <= {as_at} and kind not in ('refused', 'withdrawn');
        """,
        mediated=share("assessment_mediation"),
        appealed=share("assessment_appeal"),
        other_mediated=share("other_mediation"),
        other_appealed=share("other_appeal"),
    )
    make(
        world,
        "ehc",
        "person",
        """
        select
            i.ehc_number as person_id, p.surname, p.forename, p.birth_date, p.sex, p.ethnicity, p.postcode, i.upn,
            i.uln,
            case when i.upn is null and i.uln is null
                then case when p.age < 6 then 'UN1' else 'UN2' end end as upn_unknown_reason,
            case when u(p.n, 'NHS number held') < 0.75 then i.nhs_number end as nhs_number,
            p.language as first_language,
            'Officer ' || lpad(p.district::varchar, 2, '0')
                || substr('ABCDEFGH', draw(p.n, 'officer', 1, 8), 1) as case_officer,
            'ehc_person.csv' as _file, i.ehc_number as _sort, p.n as _n
        from ehc_person as e
        inner join person as p on p.n = e.n
        inner join identity as i on i.n = e.n
        """,
    )
    make(
        world,
        "ehc",
        "request",
        """
        select
            s.request_id, s.person_id, s.received_date, {source} as request_source,
            u(s.r, 'youth accommodation') < {rya} as in_youth_accommodation,
            s.outcome,
            case when s.outcome <> 'A' then s.decided_date end as outcome_date,
            case when s.outcome in ('Y', 'N') then s.refusal_mediated
                or (s.was_put_right and u(s.r, 'mediated') < 0.7) end
                as mediation_held,
            case when s.outcome in ('Y', 'N')
                then s.refusal_appealed or (s.was_put_right and u(s.r, 'mediated') >= 0.7) end as appeal_made,
            case when s.exported_date is not null then s.exported_to end as exported_la_code,
            s.exported_date,
            m.urn as school_urn,
            {team} as team,
            'ehc_request.csv' as _file, s.request_id as _sort, s.n as _n
        from request_state as s
        left join mainstream as m
            on m.n = s.n and m.kind = case
                when s.received_date < reception_start(s.birth_date) + interval 7 year then 'primary'
                    else 'secondary' end
        """,
        source=choose("request_source", "u(s.r, 'source')"),
        rya=share("request_rya"),
        team=TEAM.format(district="s.district"),
    )
    make(
        world,
        "ehc",
        "assessment",
        """
        select
            'ASM' || substr(request_id, 4) as assessment_id, request_id, person_id,
            assessment_outcome as outcome, assessment_date as outcome_date, draft_date as draft_issued_date,
            case when assessment_outcome in ('Y', 'N') then issue_mediated end as mediation_held,
            case when assessment_outcome in ('Y', 'N') then issue_appealed end as appeal_made,
            case when assessment_outcome in ('Y', 'N') then other_mediated end as other_mediation_held,
            case when assessment_outcome in ('Y', 'N') then other_appealed end as other_appeal_made,
            case when assessment_outcome in ('Y', 'N') then has_exception end as exception_applies,
            case when assessment_outcome in ('Y', 'N') and has_exception
                then list_extract(['SETTING_CLOSED', 'PERSONAL', 'AWAY', 'MISSED'],
                    draw(r, 'exception reason', 1, 4)) end
                as exception_reason,
            'ehc_assessment.csv' as _file, request_id as _sort, n as _n
        from assessment_state
        """,
    )
    make(
        world,
        "ehc",
        "advice",
        """
        with asked as (
            select s.*, t.advice_type, t.provider, concat(s.r, t.advice_type) as a, t.days,
                weekday_after(s.decided_date + draw(concat(s.r, t.advice_type), 'asked', 1, 5)) as requested_date
            from assessment_state as s
            inner join (values
                ('EP', 'Educational psychology service', 1.0, 62),
                ('SCH', 'School or setting', 1.0, 34),
                ('PAED', 'Community paediatrics', 0.8, 48),
                ('SC', 'Social care front door', 0.9, 30),
                ('SLT', 'Community therapy service', 0.5, 58),
                ('OT', 'Community therapy service', 0.3, 55),
                ('CAMHS', 'Mental health support service', 0.15, 60)
            ) as t(advice_type, provider, chance, days) on u(concat(s.r, t.advice_type), 'asked?') < t.chance
            where s.received_date >= date '2023-01-01'
        ),
        answered as (
            select *,
                weekday_before(least(
                    requested_date + (days * (0.35 + 1.1 * u(a, 'delay')))::integer,
                        coalesce(draft_date, {as_at} + 99) - 1
                )) as answer_date
            from asked
        )
        select
            'ADV' || substr(request_id, 4) || '-' || advice_type
                as advice_id, request_id, person_id, advice_type, provider,
            requested_date,
            case when answer_date <= {as_at} and answer_date >= requested_date and assessment_outcome <> 'W'
                then answer_date end
                as received_date,
            'ehc_advice.csv' as _file, request_id || advice_type as _sort, n as _n
        from answered
        where requested_date <= {as_at}
        """,
    )
    world.sql(
        """
        create table plan_now as
        select n, seq, residential_weeks, work_based_activity
        from segment
        qualify row_number() over (partition by n, seq order by entry_date desc, phase) = 1
        """
    )
    make(
        world,
        "ehc",
        "plan",
        """
        select
            k.plan_id, k.person_id, k.request_id, k.start_date,
            k.transferred_from as transferred_from_la_code, k.transferred_in_date,
            now.residential_weeks, now.work_based_activity, k.cease_date, k.cease_reason,
            'ehc_plan.csv' as _file, k.plan_id as _sort, k.n as _n
        from plan_key as k left join plan_now as now on now.n = k.n and now.seq = k.seq
        """,
    )
    payments = margin("direct_payments")
    make(
        world,
        "ehc",
        "personal_budget",
        """
        with drawn as (
            select *, u(plan_id, 'budget') < {budget} as taken_up,
                case when u(plan_id, 'payment') < {paid} then {payment} end as payment
            from plan_key
        )
        select
            plan_id, person_id, taken_up,
            case when taken_up then payment is null or u(plan_id, 'arranged') < {arranged} end
                as organised_arrangements,
            case when taken_up then payment end as direct_payments,
            'ehc_personal_budget.csv' as _file, plan_id as _sort, n as _n
        from drawn
        """,
        budget=share("personal_budget"),
        paid=round(sum(payments.values()), 6),
        payment=choose(payments, "u(plan_id, 'which payment')"),
        arranged=round(
            max(0.0, share("organised_arrangements") - (1 - sum(payments.values()))) / sum(payments.values()), 6
        ),
    )
    make(
        world,
        "ehc",
        "need",
        """
        select k.plan_id, k.person_id, w.rank, w.sen_type, w.from_date,
            'ehc_need.csv' as _file, k.plan_id || w.rank as _sort, k.n as _n
        from plan_need as w inner join plan_key as k on k.n = w.n and k.seq = w.seq
        where u(k.plan_id, 'need unknown') >= {unknown}
        """,
        unknown=share("need_unknown"),
    )
    _placements(world)
    make(
        world,
        "ehc",
        "review",
        """
        select
            'REV-' || k.person_id || '-' || k.seq || '-' || lpad(v.k::varchar, 2, '0')
                || case when v.review_type = 'phase_transfer' then 'P' else '' end as review_id,
            k.plan_id, k.person_id, v.review_type, v.due_date, v.meeting_date, v.decision_date, v.outcome,
            v.draft_issued_date, v.final_issued_date, v.phase_transfer_due_date, v.phase_transfer_final_date,
            case when v.meeting_date is not null then u(v.r, 'child heard') < 0.72 end as child_contributed,
            case when v.meeting_date is not null then true end as attended_education,
            case when v.meeting_date is not null then u(v.r, 'health there') < 0.18 end as attended_health,
            case when v.meeting_date is not null then u(v.r, 'care there') < 0.12 end as attended_care,
            'ehc_review.csv' as _file, k.plan_id || lpad(v.k::varchar, 2, '0') as _sort, k.n as _n
        from review_life as v inner join plan_key as k on k.n = v.n and k.seq = v.seq
        """,
    )
    make(
        world,
        "ehc",
        "appeal",
        """
        with events as (
            select
                n, person_id, request_id, r,
                'mediation' as kind,
                'refuse_assess' as about,
                decided_date as about_date
            from request_state where outcome = 'N' and (refusal_mediated or (was_put_right and u(r, 'mediated') < 0.7))
            union all
            select n, person_id, request_id, r, 'appeal', 'refuse_assess', decided_date
            from request_state where outcome = 'N' and (refusal_appealed or (was_put_right and u(r, 'mediated') >= 0.7))
            union all
            select n, person_id, request_id, r, 'mediation', 'refuse_issue', assessment_date
            from assessment_state where issue_mediated
            union all
            select n, person_id, request_id, r, 'appeal', 'refuse_issue', assessment_date
            from assessment_state where issue_appealed
            union all
            select n, person_id, request_id, r, 'mediation', 'content', assessment_date
            from assessment_state where other_mediated
            union all
            select n, person_id, request_id, r, 'appeal', 'placement', assessment_date
            from assessment_state where other_appealed
        ),
        dated as (
            select *, concat(r, kind, about) as a,
                weekday_after(about_date + draw(concat(r, kind, about), 'registered', 10, 55)) as registered_date
            from events
        ),
        heard as (
            select *, weekday_after(registered_date + case kind when 'mediation' then draw(a, 'held', 14, 40)
                else draw(a, 'held', 90, 330) end) as held_date
            from dated
        )
        select
            'APL' || substr(request_id, 4) || '-' || substr(kind, 1, 1) || '-' || about as appeal_id,
            person_id, request_id,
            kind, about, least(registered_date, {as_at}) as registered_date,
            case when held_date <= {as_at} then held_date end as held_date,
            case when held_date > {as_at} then 'open'
                when kind = 'mediation' then case when u(a, 'settled') < 0.45 then 'settled' else 'not_settled' end
                else list_extract(['upheld', 'upheld', 'upheld', 'part_upheld', 'conceded', 'dismissed'],
                    draw(a, 'result', 1, 6)) end as outcome,
            case when held_date <= {as_at} then held_date end as outcome_date,
            'ehc_appeal.xlsx' as _file, request_id || kind || about as _sort, n as _n
        from heard
        where about_date is not null
        """,
    )


def _placements(world: World) -> None:
    codes = (
        "case setting when 'ehe' then 'EHE' when 'ola' then 'OLA' when 'opa' then 'OPA' when 'oth' then 'OTH'"
        " when 'neet' then 'NEET' when 'niec' then 'NIEC' when 'nieo' then 'NIEO' when 'eyp' then 'EYP' end"
    )
    make(
        world,
        "ehc",
        "placement",
        """
        with keyed as (
            select
                s.*, k.plan_id, k.person_id, concat(k.plan_id, '-', s.phase) as sp,
                u(concat(k.plan_id, s.phase), 'named differs') < 0.06 as differs,
                row_number() over (partition by k.plan_id order by s.entry_date, s.phase) as part,
                college.urn as college_urn, special.urn as special_urn
            from segment as s
            inner join plan_key as k on k.n = s.n and k.seq = s.seq
            left join setting_pool as college
                on college.kind = 'college' and college.is_own
                and college.place = floor(u(s.n, 'college named') * college.places)
            left join near_school as special
                on special.lsoa = s.lsoa and special.kind = 'special' and special.place = 1
        ),
        attended as (
            select
                plan_id, person_id, n, 'attended' as kind, 1 as rank, part, urn::varchar as urn, ukprn,
                {codes} as sen_setting,
                case setting when 'oth' then 'Tuition arranged by the council'
                    when 'nieo' then 'Moved in and waiting for a place' end as sen_setting_other,
                entry_date, leaving_date, sen_unit, resourced_provision, residential_weeks, work_based_activity
            from keyed
            where setting <> 'unk' and entry_date <= {as_at}
        ),
        named as (
            select
                plan_id, person_id, n, 'named', 1, part,
                case when setting in ('neet', 'niec', 'nieo', 'unk')
                        then case when phase in ('post16', 'adult') then college_urn else special_urn end
                    when differs and setting = 'main' then special_urn
                    when differs then null
                    else urn end::varchar,
                case when differs and setting in ('uk') then null when setting in ('neet', 'niec', 'nieo', 'unk')
                    then null
                    else ukprn end,
                case when setting in ('neet', 'niec', 'nieo', 'unk') then null
                    when differs and setting <> 'main' then 'OTH' else {codes} end,
                case when differs and setting not in ('main', 'neet', 'niec', 'nieo', 'unk')
                        then 'Type of setting named, no particular setting'
                    when setting = 'oth' then 'Tuition arranged by the council' end,
                entry_date, leaving_date,
                sen_unit and not differs, resourced_provision and not differs, residential_weeks, work_based_activity
            from keyed
            where entry_date <= {as_at}
        ),
        second as (
            select plan_id, person_id, n, 'attended', 2, part,
                list_extract([college_urn, special_urn], 1 + n % 2)::varchar,
                null, null, null, greatest(entry_date, date '2025-09-01'), null, false, false, null, null
            from keyed
            where setting = 'main' and phase in ('secondary', 'post16') and leaving_date is null
                and u(n, 'two places') < 0.02
                and entry_date <= {as_at} and cease_date is null
        ),
        every_one as (
            select * from attended union all select * from named union all select * from second
        )
        select
            'PLC' || substr(plan_id, 4) || '-' || part || upper(substr(kind, 1, 1)) || rank as placement_id,
            plan_id, person_id, kind, rank, urn, ukprn, sen_setting, sen_setting_other, entry_date, leaving_date,
            sen_unit, resourced_provision, residential_weeks, work_based_activity,
            'ehc_placement.csv' as _file, plan_id || part || kind || rank as _sort, n as _n
        from every_one
        """,
        codes=codes,
    )
