"""The rest of the case system: versions, provision, audits, views, who came to reviews, complaints, participation."""

from __future__ import annotations

from warehouse.synthetic.extract_table import make
from warehouse.synthetic.world import World, choose

# type, section, share of plans, provider, hours each time, times a year
PROVISION = (
    ("TA", "F", 0.88, "School", 15.0, 38),
    ("TEACH", "F", 0.30, "Specialist teaching service", 1.0, 38),
    ("SLT", "F", 0.28, "Community therapy service", 0.75, 12),
    ("OT", "F", 0.20, "Community therapy service", 0.75, 6),
    ("EP", "F", 0.08, "Educational psychology service", 1.0, 3),
    ("EMOTION", "F", 0.18, "School", 1.0, 38),
    ("PHYSIO", "G", 0.07, "Community therapy service", 0.5, 12),
    ("NURSING", "G", 0.05, "Community nursing", 0.25, 190),
    ("CARE", "H1", 0.05, "Short breaks service", 3.0, 40),
)
NEEDS_OF_THERAPY = {"SLT": ("SLCN", "ASD", "HI"), "OT": ("PD", "ASD"), "PHYSIO": ("PD", "PMLD")}
AUDITED = 0.2  # of plans, in two years
COMPLAINTS = 0.02  # of plans, in two years
OCCASIONS = 24  # of participation, in two years


def build(world: World) -> None:
    _versions(world)
    _provision(world)
    _audits(world)
    _views(world)
    _attendance(world)
    _complaints(world)
    _participation(world)


def _versions(world: World) -> None:
    """A version is stated when it is recorded, and again, with its end, when the next one is: in days, or late."""
    make(
        world,
        "ehc",
        "plan_version",
        """
        with issued as (
            select plan_id, person_id, n, cease_date, null::date as notice,
                case when transferred_in_date is null then 'final' else 'transferred' end as kind,
                coalesce(transferred_in_date, start_date) as valid_from
            from plan_key
            union all
            select k.plan_id, k.person_id, k.n, k.cease_date, r.draft_issued_date, 'amended_final', r.final_issued_date
            from plan_key as k
            inner join review_life as r on r.n = k.n and r.seq = k.seq
                and r.final_issued_date > coalesce(k.transferred_in_date, k.start_date)
                and r.final_issued_date <= coalesce(k.cease_date, {as_at})
            qualify row_number() over (partition by k.plan_id, r.final_issued_date order by r.k) = 1
        ),
        numbered as (
            select *,
                row_number() over (partition by plan_id order by valid_from) as version,
                coalesce(lead(valid_from) over (partition by plan_id order by valid_from) - 1, cease_date) as valid_to
            from issued
        ),
        noted as (
            select *, valid_from + case when u(concat(plan_id, version), 'recorded late') < 0.06
                then draw(concat(plan_id, version), 'recorded', 30, 120)
                else draw(concat(plan_id, version), 'recorded', 0, 9) end as recorded
            from numbered
        ),
        ended as (
            select *, greatest(
                coalesce(lead(recorded) over (partition by plan_id order by version), valid_to + 7), recorded + 1
            ) as end_recorded
            from noted
        ),
        stated as (
            select *, null::date as known_end, recorded as recorded_date from ended
            union all
            select *, valid_to, end_recorded from ended where valid_to is not null
        )
        select
            plan_id, person_id, version, kind, notice as amendment_notice_date, valid_from as issued_date, valid_from,
            known_end as valid_to, recorded_date,
            'ehc_plan_version.csv' as _file,
            plan_id || '-' || lpad(version::varchar, 2, '0') || recorded_date as _sort, n as _n
        from stated
        where recorded_date <= {as_at}
        """,
    )


def _provision(world: World) -> None:
    lines = ", ".join(str(line) for line in PROVISION)
    more = " or ".join(
        f"(l.provision_type = '{kind}' and w.sen_type in ({', '.join(map(repr, needs))}))"
        for kind, needs in NEEDS_OF_THERAPY.items()
    )
    make(
        world,
        "ehc",
        "provision",
        """
        with line as (
            select
                k.plan_id, k.person_id, k.n, coalesce(k.transferred_in_date, k.start_date) as from_date, l.*,
                concat(k.plan_id, l.provision_type) as p
            from plan_key as k
            inner join plan_need as w on w.n = k.n and w.seq = k.seq and w.rank = 1
            inner join (values {lines}) as l(provision_type, section, chance, provider, hours, times)
                on u(concat(k.plan_id, l.provision_type), 'specified') < l.chance * case when {more} then 2 else 1 end
            where k.cease_date is null
        )
        select
            'PRV' || substr(plan_id, 4) || '-' || provision_type as provision_id, plan_id, person_id, 1 as version,
            section, provision_type, provider, from_date,
            round(hours * (0.5 + u(p, 'hours')), 2) as hours_specified, times as times_a_year_specified,
            case when u(p, 'delivery known') < 0.7 then round(hours * (0.5 + u(p, 'hours')), 2) end as hours_delivered,
            case when u(p, 'delivery known') < 0.7 then case
                when u(p, 'delivered in full') < case when provider like 'Community%' then 0.25 else 0.5 end then times
                else round(times * (case when provider like 'Community%' then 0.35 else 0.7 end
                    + u(p, 'delivered') * 0.4))::integer end end as times_a_year_delivered,
            'ehc_provision.csv' as _file, plan_id || provision_type as _sort, n as _n
        from line
        """,
        lines=lines,
        more=more,
    )


def _audits(world: World) -> None:
    grade = choose({"outstanding": 0.05, "good": 0.5, "requires_improvement": 0.35, "inadequate": 0.1}, "{}")
    make(
        world,
        "ehc",
        "quality_audit",
        """
        with audit as (
            select *, greatest(start_date + 20, {as_at} - draw(plan_id, 'audited', 5, 700)) as audited_date
            from plan_key
            where u(plan_id, 'audit') < {audited} and start_date < {as_at} - 30 and cease_date is null
        )
        select
            'AUD' || substr(plan_id, 4) as audit_id, plan_id, person_id, 1 as version, audited_date,
            u(plan_id, 'multi agency') < 0.4 as is_multi_agency, u(plan_id, 'moderated') < 0.2 as is_moderated,
            {overall} as overall_grade, {views} as views_grade, {outcomes} as outcomes_grade,
            {provision} as provision_grade,
            'ehc_quality_audit.csv' as _file, plan_id as _sort, n as _n
        from audit
        """,
        audited=AUDITED,
        **{
            part: grade.replace("{}", f"u(plan_id, '{part} grade')")
            for part in ("overall", "views", "outcomes", "provision")
        },
    )


def _views(world: World) -> None:
    """At each assessment and each review since 2024, of most parents and fewer children."""
    make(
        world,
        "ehc",
        "recorded_view",
        """
        with asked as (
            select a.person_id, a.n, null as plan_id, a.request_id, v.given_by, v.chance,
                a.decided_date + draw(concat(a.r, v.given_by), 'view day', 5, 40) as recorded_date
            from assessment_state as a
            cross join (values ('CHILD', 0.76), ('PARENT', 0.93)) as v(given_by, chance)
            where a.received_date >= date '2024-01-01'
            union all
            select r.person_id, r._n, r.plan_id, null, v.given_by,
                case when v.given_by = 'PARENT' then 0.85 when r.child_contributed = 'true' then 1 else 0 end,
                r.meeting_date::date
            from x_ehc_review as r
            cross join (values ('CHILD'), ('PARENT')) as v(given_by)
            where r.meeting_date::date >= date '2024-01-01'
        ),
        given as (
            select *, concat(coalesce(request_id, plan_id), '-', given_by, '-', strftime(recorded_date, '%Y%m%d')) as v
            from asked
        )
        select
            'VIEW-' || v as view_id, person_id, plan_id, request_id, given_by, recorded_date,
            list_extract(case when given_by = 'CHILD' then ['conversation', 'drawing', 'written', 'observed']
                else ['written', 'conversation', 'written', 'advocate'] end, draw(v, 'method', 1, 4)) as method,
            'ehc_recorded_view.csv' as _file, v as _sort, n as _n
        from given
        where u(v, 'given') < chance and recorded_date <= {as_at}
        qualify row_number() over (partition by v) = 1
        """,
    )


def _attendance(world: World) -> None:
    """Who was asked to the reviews of the last year; what the review itself says of a service is repeated here."""
    make(
        world,
        "ehc",
        "review_attendance",
        """
        with asked as (
            select r.review_id, r.person_id, r._n as n, v.participant_role,
                concat(r.review_id, v.participant_role) as a,
                case v.participant_role
                    when 'CHILD' then u(concat(r.review_id, 'CHILD'), 'came') < 0.55
                    when 'PARENT' then u(concat(r.review_id, 'PARENT'), 'came') < 0.9
                    when 'SCHOOL' then r.attended_education = 'true'
                    when 'HEALTH' then r.attended_health = 'true'
                    when 'CARE' then r.attended_care = 'true'
                    else u(concat(r.review_id, 'OFFICER'), 'came') < 0.15 end as came,
                v.participant_role = 'CHILD' and r.child_contributed = 'true' as heard
            from x_ehc_review as r
            cross join (values ('CHILD'), ('PARENT'), ('SCHOOL'), ('OFFICER'), ('HEALTH'), ('CARE'))
                as v(participant_role)
            where r.meeting_date::date > {as_at} - 365
        )
        select
            review_id, person_id, participant_role,
            came or participant_role in ('CHILD', 'PARENT', 'SCHOOL') or u(a, 'asked') < 0.4 as invited,
            came as attended,
            case when participant_role = 'CHILD' then heard
                else came or (participant_role in ('PARENT', 'HEALTH') and u(a, 'wrote') < 0.35) end as contributed,
            'ehc_review_attendance.csv' as _file, a as _sort, n as _n
        from asked
        """,
    )


def _complaints(world: World) -> None:
    make(
        world,
        "ehc",
        "complaint",
        """
        with first_stage as (
            select
                plan_id, person_id, n, concat('CMP', substr(plan_id, 4)) as complaint_id,
                greatest(start_date + 10, weekday_before({as_at} - draw(plan_id, 'complained', 20, 700)))
                    as received_date,
                draw(plan_id, 'answered', 8, 70) as days
            from plan_key
            where u(plan_id, 'complaint') < {complaints} and start_date < {as_at} - 40 and cease_date is null
        ),
        stages as (
            select *, '1' as stage from first_stage
            union all
            select * replace (received_date + days + 15 as received_date, days + 12 as days), '2'
            from first_stage where u(plan_id, 'second stage') < 0.25
            union all
            select * replace (received_date + 2 * days + 60 as received_date, days + 90 as days), 'LGSCO'
            from first_stage where u(plan_id, 'second stage') < 0.06
        )
        select
            complaint_id, stage, person_id,
            list_extract(['delay', 'provision', 'communication', 'placement', 'transport', 'content'],
                draw(plan_id, 'about', 1, 6)) as about,
            received_date,
            case when received_date + days <= {as_at} then received_date + days end as closed_date,
            case when received_date + days > {as_at} then 'open' else list_extract(
                ['upheld', 'upheld', 'part_upheld', 'not_upheld'], draw(concat(complaint_id, stage), 'outcome', 1, 4)
            ) end as outcome,
            'ehc_complaint.csv' as _file, complaint_id || stage as _sort, n as _n
        from stages
        where received_date <= {as_at}
        """,
        complaints=COMPLAINTS,
    )


def _participation(world: World) -> None:
    make(
        world,
        "ehc",
        "participation",
        """
        select
            'COP-' || lpad(i::varchar, 3, '0') as participation_id,
            weekday_before({as_at} - 700 + (i * 700 // {occasions})::integer) as held_date,
            list_extract(['forum', 'young_people', 'survey', 'workshop', 'board', 'panel'], 1 + i % 6) as activity,
            list_extract(['Local offer', 'Annual reviews', 'Short breaks', 'Therapy waits', 'Preparing for adulthood'],
                1 + i % 5) as about,
            draw(i, 'people', 4, 40) * case when i % 6 = 2 then 12 else 1 end as people_count,
            u(i, 'changed') < 0.4 as led_to_change,
            'ehc_participation.csv' as _file, lpad(i::varchar, 3, '0') as _sort
        from range({occasions}) as r(i)
        """,
        occasions=OCCASIONS,
    )
