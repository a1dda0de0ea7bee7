"""What health sends outside the national data set: weekly waiting lists, health visiting, section 23, equipment."""

from __future__ import annotations

from datetime import timedelta

from warehouse.synthetic.extract_table import make
from warehouse.synthetic.world import World, share

LISTS = 8  # weekly lists that are kept, the last on the as-at date
SERVICES = {"31": "SLT", "26": "OT", "17": "PAED", "25": "PHYSIO"}
SERIAL_DATES = "OT"  # the service whose spreadsheet turns dates into numbers
SPACED_NUMBERS = "SLT"  # the service that writes NHS numbers as people read them


def build(world: World) -> None:
    """The extracts waiting_list, health_visiting, notification and equipment."""
    _waiting_lists(world)
    _health_visiting(world)
    _notifications(world)
    _equipment(world)


def _waiting_lists(world: World) -> None:
    """A row stands on each list from receipt to the first list after the child is seen or discharged; some are lost."""
    days = ", ".join(f"({week}, date '{world.as_at - timedelta(days=7 * week)}')" for week in range(LISTS))
    services = ", ".join(f"('{team}', '{service}')" for team, service in SERVICES.items())
    world.sql(
        """
        create table waiting_week as
        select
            r.referral, r.n,
            -- Community paediatrics keeps lists of their own for autism and for attention deficit.
            case when s.service <> 'PAED' or u(r.referral, 'own list') < 0.3 then s.service
                when u(r.referral, 'own list') < 0.75 then 'AUTISM' else 'ADHD' end as service,
            r.received_date, r.first_contact, w.week, w.list_date,
            case r.provider when 'Z9C' then i.patient_id_first else i.patient_id_second end as patient_id,
            coalesce(least(r.first_contact, r.closed_date), date '2099-01-01') as left_date,
            s.service = 'SLT' and u(r.referral, 'two clinics') < 0.15 as is_split
        from referral_life as r
        inner join identity as i on i.n = r.n
        inner join (values {services}) as s(team, service) on s.team = r.team
        inner join (values {days}) as w(week, list_date) on r.received_date <= w.list_date
        where left_date > w.list_date - 7;
        -- Still waiting on one list and on no later one, though nothing happened.
        create table waiting_lost as
        select referral, week
        from waiting_week
        where u(referral, 'lost from the list') < {lost} and not is_split and left_date > list_date
            and week = draw(referral, 'lost after', 1, {last});
        delete from waiting_week as w using waiting_lost as l where l.referral = w.referral and w.week < l.week;
        """,
        services=services,
        days=days,
        lost=share("waiting_row_lost"),
        last=LISTS - 1,
    )
    make(
        world,
        "waiting_list",
        "waiting",
        """
        select
            w.service, w.list_date, w.patient_id,
            case when u(p.n, 'list has NHS number') < 0.96 then case when w.service = '{spaced}'
                then substr(p.nhs_number, 1, 3) || ' ' || substr(p.nhs_number, 4, 3) || ' ' || substr(p.nhs_number, 7)
                else p.nhs_number end end as nhs_number,
            p.surname, p.forename, strftime(p.birth_date, '%d/%m/%Y') as birth_date, p.postcode,
            case when w.service = '{serial}' then (w.received_date - date '1899-12-30')::varchar
                else strftime(w.received_date, '%d/%m/%Y') end as referral_date,
            case when w.service = '{serial}' then (accepted - date '1899-12-30')::varchar
                else strftime(accepted, '%d/%m/%Y') end as accepted_date,
            case when w.is_split then 'Clinic ' || clinic else 'Main' end as clinic,
            case when u(w.referral, 'urgent') < 0.05 then 'Urgent' else 'Routine' end as priority,
            case when w.list_date - accepted > 84 then '12+ wks' else ((w.list_date - accepted) // 7) || ' wks' end
                as stated_wait,
            case when w.left_date > w.list_date
                then case when w.first_contact - w.list_date <= 21 then 'booked' else 'waiting' end
                when w.first_contact <= w.list_date then 'seen' else 'discharged' end as status,
            case when w.left_date > w.list_date and w.first_contact - w.list_date <= 21
                then strftime(w.first_contact, '%d/%m/%Y') end as next_appointment_date,
            'waiting_list_' || w.service || '_' || w.list_date || '.csv' as _file,
            w.referral || clinic as _sort, w.n as _n
        from (
            select *, least(received_date + draw(referral, 'accepted', 1, 12), list_date)::date as accepted
            from waiting_week
        ) as w
        inner join person as p on p.n = w.n
        inner join (values ('A'), ('B')) as c(clinic) on clinic = 'A' or w.is_split
        """,
        serial=SERIAL_DATES,
        spaced=SPACED_NUMBERS,
    )


def _health_visiting(world: World) -> None:
    """Every child whose 2 to 2.5 year review fell due in the last year; a child known to a therapy scores lower."""
    areas = ("communication", "gross_motor", "fine_motor", "problem_solving", "personal_social")
    scores = ", ".join(
        f"case when held is not null then case when u(n, '{area} low') < weakness then draw(n, '{area}', 0, 3) * 5"
        f" else draw(n, '{area}', 8, 12) * 5 end end as asq_{area}"
        for area in areas
    )
    world.sql(
        """
        create table hv_life as
        select
            *, case when is_held then least(due + draw(n, 'review held', -60, 70), {as_at} - 1)::date end as held
        from (
            select p.*, (birth_date + 914)::date as due, u(n, 'review held at all') < 0.8 as is_held,
                case when n in (select n from referral_life) then 0.45 else 0.08 end as weakness
            from person as p
            where birth_date + 914 between {as_at} - 365 and {as_at}
        )
        """
    )
    make(
        world,
        "health_visiting",
        "review",
        """
        select
            'H' || lpad(scrambled(n + 23)::varchar, 8, '0') as patient_id, nhs_number, surname, forename,
            strftime(birth_date, '%d/%m/%Y') as birth_date, postcode, '2_years' as review_type,
            strftime(due, '%d/%m/%Y') as due_date, strftime(held, '%d/%m/%Y') as held_date,
            case when held - birth_date < 790 then 24 when held - birth_date < 866 then 27
                when held - birth_date < 958 then 30 when held is not null then 33 end as questionnaire_month,
            {scores}, 'health_visiting_reviews.csv' as _file, n::varchar as _sort, n as _n
        from hv_life
        """,
        scores=scores,
    )


def _notifications(world: World) -> None:
    """Some of the children under school age who are referred to paediatrics or speech therapy."""
    make(
        world,
        "notification",
        "notification",
        """
        select
            'S23-' || lpad((row_number() over (order by r.received_date, r.referral))::varchar, 5, '0')
                as notification_id,
            p.nhs_number, p.surname, p.forename, strftime(p.birth_date, '%d/%m/%Y') as birth_date, p.postcode,
            strftime(r.received_date + draw(r.referral, 'notified', 10, 60), '%d/%m/%Y') as received_date,
            r.provider as notifier,
            list_extract(['SLCN', 'ASD', 'PD', 'HI', 'SLD', 'DS'], draw(r.referral, 'suspected', 1, 6)) as need,
            strftime(r.received_date + draw(r.referral, 'told', 1, 9), '%d/%m/%Y') as parent_informed_date,
            'section_23_notifications.csv' as _file, r.referral as _sort, r.n as _n
        from referral_life as r
        inner join person as p on p.n = r.n
        where r.team in ('17', '31') and r.received_date - p.birth_date < 1650 and u(r.referral, 'notified') < 0.3
            and r.received_date < {as_at} - 70
        """,
    )


def _equipment(world: World) -> None:
    """One child in eight of those known to a therapy has something fitted, issued or ordered."""
    make(
        world,
        "equipment",
        "episode",
        """
        select
            'EQ' || lpad(scrambled(n + 31)::varchar, 8, '0') as episode_id, nhs_number, surname, forename,
            strftime(birth_date, '%d/%m/%Y') as birth_date, postcode, service,
            case service when 'AUD' then 'Hearing aid' when 'WHEEL' then 'Wheelchair' else 'Seating' end as item,
            strftime(referred, '%d/%m/%Y') as referral_date, strftime(assessed, '%d/%m/%Y') as assessed_date,
            strftime(issued, '%d/%m/%Y') as issued_date, strftime(issued + 365, '%d/%m/%Y') as review_due_date,
            'equipment_episodes.csv' as _file, n::varchar as _sort, n as _n
        from (
            select *, case when assessed + wait <= as_at then (assessed + wait)::date end as issued
            from (
                select *, case when referred + 56 <= as_at then (referred + draw(n, 'fitting', 7, 56))::date end
                    as assessed, draw(n, 'issue', 5, 160) as wait
                from (
                    select p.*, {as_at} as as_at,
                        list_extract(['AUD', 'WHEEL', 'EQUIP'], draw(p.n, 'equipment', 1, 3)) as service,
                        ({as_at} - draw(p.n, 'equipment asked for', 10, 600))::date as referred
                    from person as p
                    where p.n in (select n from referral_life) and u(p.n, 'has equipment') < 0.12
                )
                where referred >= birth_date
            )
        )
        """,
    )
