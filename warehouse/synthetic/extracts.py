"""From lives to extracts: one table `x_<source>_<entity>` per declared extract, all text, in the declared columns.

Beside the declared columns each table has `_file` (which file a row goes to), `_sort` (its place there), `_n` (the person,
where there is one) and `_fault` (what was planted in it, null until then).
"""

from __future__ import annotations

from warehouse import specification
from warehouse.synthetic.care import return_years
from warehouse.synthetic.health import months
from warehouse.synthetic.world import World, by_value, choose, share

CENSUS_FORMAT = "%Y-%b-%d 00:00:00"
TEAM = "'Team ' || lpad({district}::varchar, 2, '0')"


def table(source: str, entity: str) -> str:
    """The name of the table that holds an extract."""
    return f"x_{source}_{entity}"


def build(world: World) -> None:
    """Every declared extract."""
    for step in (_ehc, _school_census, _csds, _ssda903, _cin, _gias, _geography):
        step(world)


def _make(world: World, source: str, entity: str, query: str, /, **values: object) -> None:
    """Store a query as an extract: declared columns as text, in declared order; columns not given are blank."""
    world.sql(f"create or replace temporary view given as {query}", **values)
    given = {row[0] for row in world.con.execute("describe given").fetchall()}
    declared = [column for column in specification.extract(source, entity).columns if not column.many]
    unknown = given - {column.name for column in declared} - {"_file", "_sort", "_n"}
    if unknown:
        raise KeyError(f"{source}.{entity}: not declared: {', '.join(sorted(unknown))}")
    columns = ", ".join(
        f"{column.name}::varchar as {column.name}" if column.name in given else f"null::varchar as {column.name}"
        for column in declared
    )
    extra = ", ".join(
        f"{name}::{kind} as {name}" if name in given else f"null::{kind} as {name}"
        for name, kind in (("_file", "varchar"), ("_sort", "varchar"), ("_n", "bigint"))
    )
    world.con.execute(
        f"create table {table(source, entity)} as select {columns}, {extra}, null::varchar as _fault from given"
    )


def _ehc(world: World) -> None:
    world.sql(
        """
        create table ehc_person as
        select distinct n from (
            select n from request_fact
            union all select n from plan_life where start_date <= {as_at}
        );
        create table plan_key as
        select l.*, 'PLN-' || i.ehc_number || '-' || l.seq as plan_id, i.ehc_number as person_id,
            case when r.n is not null then 'REQ-' || i.ehc_number || '-' || lpad(l.seq::varchar, 2, '0') end as request_id
        from plan_life as l
        inner join identity as i on i.n = l.n
        left join request_fact as r on r.n = l.n and r.seq = l.seq and r.kind = 'plan'
        where l.start_date <= {as_at};
        create table request_state as
        select
            f.*, i.ehc_number as person_id, 'REQ-' || i.ehc_number || '-' || lpad(f.seq::varchar, 2, '0') as request_id,
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
            case when kind in ('plan', 'no_plan', 'assessment_withdrawn') and issued_date <= {as_at} then issued_date end
                as assessment_date,
            case when kind = 'plan' and issued_date - 24 <= {as_at}
                then weekday_before(issued_date - draw(r, 'draft', 24, 38)) end as draft_date,
            kind = 'no_plan' and issued_date <= {as_at} and u(r, 'issue mediation') < {mediated} as issue_mediated,
            kind = 'no_plan' and issued_date <= {as_at} and u(r, 'issue appeal') < {appealed} as issue_appealed,
            kind = 'plan' and issued_date <= {as_at} and u(r, 'other mediation') < {other_mediated} as other_mediated,
            kind = 'plan' and issued_date <= {as_at} and u(r, 'other appeal') < {other_appealed} as other_appealed
        from request_state as s
        where (outcome = 'Y' or was_put_right) and decided_date <= {as_at} and kind not in ('refused', 'withdrawn');
        """,
        mediated=share("assessment_mediation"),
        appealed=share("assessment_appeal"),
        other_mediated=share("other_mediation"),
        other_appealed=share("other_appeal"),
    )
    _make(
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
    _make(
        world,
        "ehc",
        "request",
        """
        select
            s.request_id, s.person_id, s.received_date, {source} as request_source,
            u(s.r, 'youth accommodation') < {rya} as in_youth_accommodation,
            s.outcome,
            case when s.outcome <> 'A' then s.decided_date end as outcome_date,
            case when s.outcome in ('Y', 'N') then s.refusal_mediated or (s.was_put_right and u(s.r, 'mediated') < 0.7) end
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
                when s.received_date < reception_start(s.birth_date) + interval 7 year then 'primary' else 'secondary' end
        """,
        source=choose("request_source", "u(s.r, 'source')"),
        rya=share("request_rya"),
        team=TEAM.format(district="s.district"),
    )
    _make(
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
                then list_extract(['SETTING_CLOSED', 'PERSONAL', 'AWAY', 'MISSED'], draw(r, 'exception reason', 1, 4)) end
                as exception_reason,
            'ehc_assessment.csv' as _file, request_id as _sort, n as _n
        from assessment_state
        """,
    )
    _make(
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
                    requested_date + (days * (0.35 + 1.1 * u(a, 'delay')))::integer, coalesce(draft_date, {as_at} + 99) - 1
                )) as answer_date
            from asked
        )
        select
            'ADV' || substr(request_id, 4) || '-' || advice_type as advice_id, request_id, person_id, advice_type, provider,
            requested_date,
            case when answer_date <= {as_at} and answer_date >= requested_date and assessment_outcome <> 'W' then answer_date end
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
    _make(
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
    payments = {code: part for code, part in _direct_payments().items()}
    _make(
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
            case when taken_up then payment is null or u(plan_id, 'arranged') < {arranged} end as organised_arrangements,
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
    _make(
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
    _make(
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
    _make(
        world,
        "ehc",
        "appeal",
        """
        with events as (
            select n, person_id, request_id, r, 'mediation' as kind, 'refuse_assess' as about, decided_date as about_date
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
            'APL' || substr(request_id, 4) || '-' || substr(kind, 1, 1) || '-' || about as appeal_id, person_id, request_id,
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


def _direct_payments() -> dict[str, float]:
    from warehouse.synthetic.world import margin

    return margin("direct_payments")


def _placements(world: World) -> None:
    codes = (
        "case setting when 'ehe' then 'EHE' when 'ola' then 'OLA' when 'opa' then 'OPA' when 'oth' then 'OTH'"
        " when 'neet' then 'NEET' when 'niec' then 'NIEC' when 'nieo' then 'NIEO' when 'eyp' then 'EYP' end"
    )
    _make(
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
                case when differs and setting in ('uk') then null when setting in ('neet', 'niec', 'nieo', 'unk') then null
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
            select plan_id, person_id, n, 'attended', 2, part, list_extract([college_urn, special_urn], 1 + n % 2)::varchar,
                null, null, null, greatest(entry_date, date '2025-09-01'), null, false, false, null, null
            from keyed
            where setting = 'main' and phase in ('secondary', 'post16') and leaving_date is null and u(n, 'two places') < 0.02
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


def _school_census(world: World) -> None:
    world.sql(
        """
        create table roll_key as
        select
            r.*, s.la_code || s.establishment_number as native_id,
            substr(md5(concat('{seed}', r.census_year, r.census_term, r.urn, '|', r.n)), 1, 16) as row_id,
            case when p.moved_date is not null and p.moved_date > r.census_day then p.old_postcode else p.postcode end
                as postcode_then
        from roll as r
        inner join school as s on s.urn = r.urn
        inner join person as p on p.n = r.n
        """,
        seed=world.seed,
    )
    name = "census_year || '_' || census_term || '_{}.csv'"
    year_group = "case r.year_group when -2 then 'N1' when -1 then 'N2' when 0 then 'R' else r.year_group::varchar end"
    true_false = "case when {} then 'True' else 'False' end"
    _make(
        world,
        "school_census",
        "pupil_on_roll",
        """
        select
            r.census_year, r.census_term, r.row_id as pupil_on_roll_table_id, r.native_id,
            strftime(p.birth_date, '{fmt}') as birth_date, p.surname, p.forename, i.upn,
            case when r.year_group >= 9 then i.uln end as uln, p.sex,
            strftime(r.entry_date, '{fmt}') as entry_date, r.enrolment_status, {year_group} as nc_year_actual,
            r.sen_provision,
            {unit} as sen_unit_indicator, {rp} as resourced_provision_indicator, {top_up} as top_up_funding,
            case when r.census_term = 'spring' then p.ethnicity end as ethnicity,
            case when r.census_term = 'spring' then p.language end as language,
            {part_time} as part_time,
            'N' as boarder,
            case when u(p.family, 'service') < 0.009 then 'Y' else 'N' end as service_child,
            case when u(p.n, 'carer') < 0.007 then 'Y' else 'N' end as young_carer,
            case when r.year_group >= 1 then '120.0' end as sessions_possible,
            case when r.year_group >= 1 then draw(r.row_id, 'authorised', 0, 14)::varchar || '.0' end as sessions_authorised,
            case when r.year_group >= 1 then draw(r.row_id, 'unauthorised', 0, 4)::varchar || '.0' end
                as sessions_unauthorised,
            {file} as _file, r.native_id || r.row_id as _sort, r.n as _n
        from roll_key as r
        inner join person as p on p.n = r.n
        inner join identity as i on i.n = r.n
        """,
        fmt=CENSUS_FORMAT,
        year_group=year_group,
        unit=true_false.format("r.sen_unit"),
        rp=true_false.format("r.resourced_provision"),
        top_up=true_false.format("r.sen_provision = 'E'"),
        part_time=true_false.format("r.year_group < 0"),
        file="r." + name.format("pupilonroll").replace("|| census_term", "|| r.census_term"),
    )
    _make(
        world,
        "school_census",
        "sen_need",
        """
        with needs as (
            select r.*, w.rank, w.sen_type
            from roll_key as r
            inner join plan_life as l
                on l.n = r.n and l.start_date <= r.census_day and coalesce(l.cease_date, r.census_day) >= r.census_day
            inner join plan_need as w on w.n = l.n and w.seq = l.seq
            where r.sen_provision = 'E'
            union all
            select r.*, 1, k.sen_type
            from roll_key as r inner join sen_support as k on k.n = r.n
            where r.sen_provision = 'K'
        )
        select
            census_year, census_term, row_id as pupil_on_roll_table_id, native_id, rank::varchar || '.0' as sen_type_rank,
            sen_type, {file} as _file, native_id || row_id || rank as _sort, n as _n
        from needs
        where census_term = 'spring' or rank = 1
        """,
        file=name.format("senneeds"),
    )
    _make(
        world,
        "school_census",
        "address_on_roll",
        """
        select census_year, census_term, row_id as pupil_on_roll_table_id, native_id, postcode_then as postcode,
            {file} as _file, native_id || row_id as _sort, n as _n
        from roll_key
        """,
        file=name.format("addressesonroll"),
    )
    _make(
        world,
        "school_census",
        "fsm_period",
        """
        select
            r.census_year, r.census_term, substr(md5(r.row_id), 1, 16) as fsm_period_table_id,
            r.row_id as pupil_on_roll_table_id, r.native_id,
            strftime(greatest(r.entry_date, (r.census_day - draw(r.n, 'fsm since', 30, 1500))::date), '{fmt}') as fsm_start_date,
            case when u(r.n, 'fsm ended') < 0.05 then strftime(r.census_day - 20, '{fmt}') end as fsm_end_date,
            'ENG' as uk_country,
            r.{file} as _file, r.native_id || r.row_id as _sort, r.n as _n
        from roll_key as r inner join person as p on p.n = r.n
        where p.is_fsm
        """,
        fmt=CENSUS_FORMAT,
        file=name.format("fsmperiod").replace("|| census_term", "|| r.census_term"),
    )


def _csds(world: World) -> None:
    values = ", ".join(f"('{month}', date '{first}', date '{last}')" for month, first, last in months(world))
    world.sql(
        """
        create table patient as
        select n, forename, surname, birth_date, sex, ethnicity, nhs_number, postcode, old_postcode, moved_date, lsoa
        from (
            select p.n, p.forename, p.surname, p.birth_date, p.sex, p.ethnicity, p.nhs_number, p.postcode,
                p.old_postcode, p.moved_date, p.lsoa
            from person as p where p.n in (select n from referral_life)
            union all
            select n, forename, surname, birth_date, sex, 'WBRI', nhs_number, postcode, postcode, null, null from visitor
        );
        create table month_referral as
        select r.*, m.month, m.first_day, m.last_day,
            coalesce(
                case r.provider when 'Z9C' then i.patient_id_first else i.patient_id_second end,
                'V' || lpad((r.n % 900000000)::varchar, 8, '0')
            ) as patient_id,
            upper(substr(md5(concat('referral', r.referral)), 1, 14)) as referral_id
        from referral_life as r
        inner join (values {values}) as m(month, first_day, last_day)
            on r.received_date <= m.last_day and coalesce(r.closed_date, m.last_day) >= m.first_day
        left join identity as i on i.n = r.n;
        create table nhs_ethnic as
        select unnest(list_extract(x, 1)::varchar[]) as code, unnest(list_extract(x, 2)::varchar[]) as ours
        from (select [{codes}, {ours}] as x);
        """,
        values=values,
        codes=[row["code"] for row in specification.rows("code_nhs_ethnic_category")],
        ours=[row["parent_code"] for row in specification.rows("code_nhs_ethnic_category")],
    )
    file = "provider || '_' || month || '_{}.csv'"
    _make(
        world,
        "csds",
        "patient_index",
        """
        with patients as (select distinct provider, month, last_day, patient_id, n from month_referral)
        select
            x.provider, x.month as reporting_period, x.patient_id as local_patient_id,
            x.provider as local_patient_id_organisation,
            case when u(p.n, 'NHS number traced') < 0.985 then p.nhs_number end as nhs_number,
            case when u(p.n, 'NHS number traced') < 0.985 then '01' else '04' end as nhs_number_status,
            p.birth_date,
            case when p.moved_date > x.last_day - 45 then p.old_postcode else p.postcode end as postcode,
            case p.sex when 'M' then '1' else '2' end as gender,
            coalesce(e.code, 'Z') as ethnic_category,
            case when p.lsoa is null then 'QZX' else 'QZC' end as residence_responsibility,
            p.surname, p.forename,
            x.{file} as _file, x.patient_id as _sort, p.n as _n
        from patients as x
        inner join patient as p on p.n = x.n
        left join nhs_ethnic as e on e.ours = p.ethnicity
        """,
        file=file.format("CYP001MPI").replace("|| month", "|| x.month"),
    )
    _make(
        world,
        "csds",
        "referral",
        """
        select
            provider, month as reporting_period, referral_id as service_request_id, patient_id as local_patient_id,
            received_date, list_extract(['01', '02', '03', '06'], draw(referral, 'referrer', 1, 4)) as source_of_referral,
            case when u(referral, 'urgent') < 0.05 then '2' else '1' end as priority_type,
            case when closed_date <= last_day then closed_date end as discharge_date,
            {file} as _file, referral_id as _sort, n as _n
        from month_referral
        """,
        file=file.format("CYP101Referral"),
    )
    _make(
        world,
        "csds",
        "service_type",
        """
        select
            provider, month as reporting_period, referral_id as service_request_id, team as team_type,
            case when closed_date <= last_day then closed_date end as closure_date,
            case when closed_date <= last_day then '01' end as closure_reason,
            {file} as _file, referral_id as _sort, n as _n
        from month_referral
        """,
        file=file.format("CYP102ServiceTypeReferredTo"),
    )
    _make(
        world,
        "csds",
        "care_contact",
        """
        select
            m.provider, m.month as reporting_period, upper(substr(md5(concat('contact', c.contact)), 1, 14)) as care_contact_id,
            m.referral_id as service_request_id, c.contact_date, c.attendance as attendance_status,
            case when c.attendance in ('5', '6') then c.minutes end as duration_minutes,
            list_extract(['01', '01', '01', '02', '11'], draw(c.contact, 'how', 1, 5)) as consultation_mechanism,
            m.{file} as _file, m.referral_id || c.contact as _sort, m.n as _n
        from month_referral as m
        inner join contact_life as c
            on c.referral = m.referral and c.contact_date <= m.last_day
            -- A first delivery brings the contacts so far of the referrals it holds; a later one those of its month.
            and (c.contact_date >= m.first_day or m.month = '{first_month}')
        """,
        first_month=months(world)[0][0],
        file=file.format("CYP201CareContact").replace("|| month", "|| m.month"),
    )


def _ssda903(world: World) -> None:
    years = ", ".join(f"({year}, date '{year - 1}-04-01', date '{year}-03-31')" for year in return_years(world))
    world.sql(
        """
        create table returned_episode as
        select e.*, y.year, y.first_day, y.last_day
        from care_episode as e
        inner join (values {years}) as y(year, first_day, last_day)
            on e.episode_start <= y.last_day and coalesce(e.episode_end, y.last_day) >= y.first_day
        """,
        years=years,
    )
    _make(
        world,
        "ssda903",
        "header",
        """
        with children as (select distinct year, n from returned_episode)
        select
            c.year as return_year, i.care_id as child_id, case p.sex when 'M' then '1' else '2' end as sex,
            strftime(p.birth_date, '%d/%m/%Y') as birth_date, p.ethnicity, coalesce(i.upn, 'UN1') as upn,
            '0' as is_mother, c.year || '-header.csv' as _file, i.care_id as _sort, p.n as _n
        from children as c
        inner join person as p on p.n = c.n
        inner join identity as i on i.n = c.n
        """,
    )
    _make(
        world,
        "ssda903",
        "episodes",
        """
        select
            e.year as return_year, i.care_id as child_id, strftime(e.episode_start, '%d/%m/%Y') as episode_start,
            case e.k when 0 then 'S' else 'P' end as reason_new_episode,
            list_extract(['C2', 'C1', 'V2', 'E1'], draw(e.n, 'status', 1, 4)) as legal_status,
            'N1' as category_of_need,
            list_extract(['U1', 'U4', 'U6', 'K2', 'P1'], draw(e.e, 'placement', 1, 5)) as placement_type,
            list_extract(['PR1', 'PR4', 'PR4', 'PR1', 'PR0'], draw(e.e, 'placement', 1, 5)) as placement_provider,
            case when e.episode_end <= e.last_day then strftime(e.episode_end, '%d/%m/%Y') end as episode_end,
            case when e.episode_end <= e.last_day then case when e.is_last then 'E4' else 'X1' end end as reason_ceased,
            case when e.episode_end <= e.last_day and not e.is_last then 'CARPL' end as reason_place_change,
            p.postcode as home_postcode,
            case when e.is_placed_out then away.pcds else near.pcds end as placement_postcode,
            e.year || '-episodes.csv' as _file, i.care_id || e.k as _sort, e.n as _n
        from returned_episode as e
        inner join person as p on p.n = e.n
        inner join identity as i on i.n = e.n
        left join (select pcds, row_number() over (order by pcds) - 1 as place, count(*) over () as places
                   from postcode where not is_own and terminated is null) as away
            on away.place = floor(u(e.e, 'placed at') * away.places)
        left join postcode as near
            on near.is_own and near.lsoa = (p.lsoa + draw(e.e, 'lsoa', 0, 20)) % {lsoas} + 1
            and near.place = draw(e.e, 'home', 0, 25)
        """,
        lsoas=world.number("select count(*) from lsoa where is_own"),
    )


def _cin(world: World) -> None:
    years = ", ".join(f"({year}, date '{year - 1}-04-01', date '{year}-03-31')" for year in return_years(world))
    world.sql(
        """
        create table returned_need as
        select c.*, y.year, y.first_day, y.last_day, i.care_id, i.upn
        from cin_life as c
        inner join identity as i on i.n = c.n
        inner join (values {years}) as y(year, first_day, last_day)
            on c.referral_date <= y.last_day and coalesce(c.closure_date, y.last_day) >= y.first_day
        """,
        years=years,
    )
    file = "'CIN_Census_' || r.year || '.xml' as _file, r.care_id as _sort, r.n as _n"
    _make(
        world,
        "cin",
        "child",
        """
        select
            r.year as collection_year, r.care_id as la_child_id,
            case when u(r.n, 'care holds UPN') >= {without} then r.upn end as upn,
            case when r.upn is null or u(r.n, 'care holds UPN') < {without}
                then case when age_on(r.birth_date, r.last_day) < 5 then 'UN1' else 'UN7' end end as upn_unknown_reason,
            r.birth_date, p.sex, p.ethnicity, {file}
        from returned_need as r inner join person as p on p.n = r.n
        """,
        without=share("cin_without_upn"),
        file=file,
    )
    _make(
        world,
        "cin",
        "disability",
        "select r.year as collection_year, r.care_id as la_child_id, d.disability, {file}"
        " from returned_need as r inner join disability_life as d on d.n = r.n",
        file=file.replace("r.care_id as _sort", "r.care_id || d.disability as _sort"),
    )
    _make(
        world,
        "cin",
        "cin_details",
        """
        select
            r.year as collection_year, r.care_id as la_child_id, 'D' || r.care_id as cin_details_id, r.referral_date,
            list_extract(['1A', '1B', '2A', '2B', '3A', '5A', '6'], draw(r.n, 'referrer', 1, 7)) as referral_source,
            r.primary_need as primary_need_code,
            case when r.closure_date <= r.last_day then r.closure_date end as closure_date,
            case when r.closure_date <= r.last_day then 'RC' || draw(r.n, 'closed why', 1, 4) end as reason_for_closure,
            case when x.plan_start <= r.last_day then x.plan_start end as initial_conference_date,
            case when r.no_further_action then '1' else '0' end as referral_no_further_action,
            {file}
        from returned_need as r left join protection_life as x on x.n = r.n
        """,
        file=file,
    )
    _make(
        world,
        "cin",
        "child_protection_plan",
        """
        select
            r.year as collection_year, r.care_id as la_child_id, x.plan_start,
            case when x.plan_end <= r.last_day then x.plan_end end as plan_end,
            x.category as initial_category, x.category as latest_category, x.previous_plans, {file}
        from returned_need as r inner join protection_life as x on x.n = r.n
        where x.plan_start <= r.last_day and coalesce(x.plan_end, r.last_day) >= r.first_day
        """,
        file=file,
    )


def _gias(world: World) -> None:
    day = world.as_at.toordinal() - 1
    stamp = type(world.as_at).fromordinal(day).strftime("%Y%m%d")
    types = by_value(
        "s.type_code",
        {row["code"]: "'" + row["label"].replace("'", "''") + "'" for row in specification.rows("code_gias_type")},
        "null",
    )
    _make(
        world,
        "gias",
        "establishment",
        """
        with roll_now as (
            select urn, count(*) as pupils, count_if(sen_unit) as in_unit, count_if(resourced_provision) as in_rp
            from roll
            where census_day = (select max(census_day) from roll where census_day < {as_at})
            group by urn
        )
        select
            s.urn, s.la_code, case when s.is_own then '{council}' else s.county_name end as la_name,
            s.establishment_number, s.name as establishment_name, s.type_code,
            {types} as type_name,
            case
                when s.type_code in (1, 2, 3, 5, 15) then 'Local authority maintained schools'
                when s.type_code in (7, 8, 12) then 'Special schools'
                when s.type_code in (10, 11) then 'Independent schools'
                when s.type_code in (18) then 'Colleges'
                when s.type_code in (35, 36, 38) then 'Free Schools'
                when s.type_code in (14) then 'Local authority maintained schools'
                when s.type_code = 32 then 'Other types'
                else 'Academies' end as type_group_name,
            case when s.is_open then '1' else '2' end as status_code,
            case when s.is_open then 'Open' else 'Closed' end as status_name,
            strftime(s.open_date, '%d-%m-%Y') as open_date, strftime(s.close_date, '%d-%m-%Y') as close_date,
            s.phase_code, s.phase_name, s.low_age as statutory_low_age, s.high_age as statutory_high_age,
            case when s.kind = 'special' and u(s.s, 'capacity') < 0.2 then null
                else greatest(s.capacity, coalesce(r.pupils, 0) + 15) end as school_capacity,
            coalesce(r.pupils, (s.capacity * 0.9)::integer) as number_of_pupils,
            s.ukprn,
            near.pcds as postcode,
            case when s.kind in ('independent_special', 'special_college')
                then case when u(s.s, 'section 41') < 0.6 then 'Approved' else 'Not approved' end
                else 'Not applicable' end as section_41_approved,
            case when s.kind like '%special' then
                list_extract(['ASD - Autistic Spectrum Disorder', 'SEMH - Social, Emotional and Mental Health',
                    'SLD - Severe Learning Difficulty', 'MLD - Moderate Learning Difficulty'], draw(s.s, 'sen1', 1, 4))
                when s.base <> 'not a base' then list_extract(['ASD - Autistic Spectrum Disorder',
                    'SLCN - Speech, language and Communication', 'HI - Hearing Impairment'], draw(s.s, 'sen1', 1, 3)) end as sen1,
            case when s.kind like '%special' and u(s.s, 'sen2') < 0.5 then 'SLCN - Speech, language and Communication' end as sen2,
            case when s.base = 'not a base' then case when s.kind in ('primary', 'secondary', 'nursery') then 'Not applicable' end
                else s.base end as resourced_provision_type,
            case when s.base like 'Resourced%' then coalesce(r.in_rp, 0) end as resourced_provision_on_roll,
            case when s.base like 'Resourced%' then s.base_places end as resourced_provision_capacity,
            case when s.base like '%SEN unit' then coalesce(r.in_unit, 0) end as sen_unit_on_roll,
            case when s.base like '%SEN unit' then s.base_places end as sen_unit_capacity,
            s.district_code, s.district_name, s.ward_code, s.easting, s.northing, s.lsoa_code,
            'E02' || substr(s.lsoa_code, 4, 6) as msoa_code,
            'edubasealldata{stamp}.csv' as _file, lpad(s.urn::varchar, 8, '0') as _sort
        from school as s
        left join roll_now as r on r.urn = s.urn
        left join postcode as near on near.lsoa_code = s.lsoa_code and near.place = s.s % 25
        """,
        stamp=stamp,
        types=types,
        council=world.settings.council_name,
    )
    _make(
        world,
        "gias",
        "link",
        """
        with ways as (
            select old_urn as urn, new_urn as link_urn, 'Successor' as link_type, converted from school_link
            union all
            select new_urn, old_urn, 'Predecessor', converted from school_link
        )
        select b.urn, b.link_urn, s.name as link_name, b.link_type, strftime(b.converted, '%d-%m-%Y') as link_date,
            'links_edubasealldata{stamp}.csv' as _file, lpad(b.urn::varchar, 8, '0') || b.link_type as _sort
        from ways as b inner join school as s on s.urn = b.link_urn
        """,
        stamp=stamp,
    )


def _geography(world: World) -> None:
    _make(
        world,
        "geography",
        "postcode",
        """
        select
            pcds as postcode, introduced, terminated, district_code, ward_code, easting, northing, lsoa11_code,
            lsoa_code as lsoa21_code,
            -- Near enough for a plot: a plane through the middle of the county, in degrees.
            round(53.45 + (northing - 400000) / 111200.0 - (easting - 620000) * 0.0000005, 6) as latitude,
            round(1.32 + (easting - 620000) / 66250.0, 6) as longitude,
            'ONSPD_NOV_{year}_UK.csv' as _file, pcds as _sort
        from postcode
        """,
        year=world.as_at.year - 1,
    )
    _make(
        world,
        "geography",
        "deprivation",
        """
        select
            code as lsoa21_code, district_code, imd_rank, (1 + (imd_rank - 1) * 10 // 33755) as imd_decile,
            idaci_rank, (1 + (idaci_rank - 1) * 10 // 33755) as idaci_decile,
            'File_7_IoD2025_All_Ranks_Scores_Deciles_Population_Denominators.csv' as _file, code as _sort
        from lsoa
        """,
    )
    _population(world)
    _make(
        world,
        "geography",
        "lsoa_ward",
        """
        select code as lsoa21_code, name as lsoa21_name, ward_code, ward_name, district_code, district_name,
            'lookup_lsoa21_ward24_ltla24.csv' as _file, code as _sort
        from lsoa
        """,
    )
    _make(
        world,
        "geography",
        "lsoa_change",
        """
        with changes as (
            select lsoa11_code, code as lsoa21_code, case when lsoa11_code <> code then 'S' when is_merged then 'M' else 'U' end
                as change_code
            from lsoa
            union all
            select 'E01' || (870000 + n), code, 'M' from lsoa where is_merged
        )
        select *, 'lookup_lsoa11_lsoa21_ltla22.csv' as _file, lsoa11_code || lsoa21_code as _sort from changes
        """,
    )
    _make(
        world,
        "geography",
        "district_county",
        """
        select code as district_code, name as district_name, county_code, county_name,
            'lookup_ltla23_utla23.csv' as _file, code as _sort
        from district
        """,
    )
    _make(
        world,
        "geography",
        "local_authority",
        """
        select distinct la_code, county_code, county_name as la_name, 'E12999999' as region_code,
            'Demonstration region' as region_name, '2017' as first_year, '{year}' as last_year,
            'la_codes_old_to_gss.csv' as _file, la_code as _sort
        from district
        """,
        year=world.as_at.year,
    )


def _population(world: World) -> None:
    """Mid-year population by single year of age: the people themselves to 25, a smooth tail of adults after."""
    ages = (
        ", ".join(f'coalesce(max(case when p.age = {age} then p.people end), 0) as "{age}"' for age in range(26))
        + ", "
        + ", ".join(
            f"(draw(l.code, 'aged {age}', 15, 24) * {max(0.15, 1 - max(0, age - 60) / 36):.3f})::integer as \"{age}\""
            for age in range(26, 90)
        )
        + ", draw(l.code, 'aged 90', 4, 18) as \"90\""
    )
    world.sql(
        """
        create table population as
        with people as (
            select lsoa, age, count(*) as people from person group by lsoa, age
        )
        select l.code, l.name, {ages}
        from lsoa as l left join people as p on l.is_own and p.lsoa = l.n
        group by l.code, l.name
        """,
        ages=ages,
    )
    total = " + ".join(f'"{age}"' for age in range(91))
    persons = ", ".join(f'"{age}"::varchar as persons_{age}' for age in range(91))
    world.con.execute(
        f"create table {table('geography', 'population')} as select code as lsoa_code, ({total})::varchar as total_population,"
        f" {persons}, 'population25_lsoa21.csv' as _file, code as _sort, null::bigint as _n, null::varchar as _fault,"
        " name as _lsoa_name from population"
    )
