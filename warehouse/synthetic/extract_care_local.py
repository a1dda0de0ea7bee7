"""What social care keeps outside its returns: who its children are, short breaks, and the way into adult services."""

from __future__ import annotations

from warehouse.synthetic.extract_table import make
from warehouse.synthetic.world import World, share


def build(world: World) -> None:
    """The extracts care_system, short_break and transition."""
    _children(world)
    _short_breaks(world)
    _transitions(world)


def _children(world: World) -> None:
    """Children in need or looked after and some of their siblings, twins among them: a row for each home they had.

    A UPN that the list lacks may stand in the census, never the other way round.
    """
    make(
        world,
        "care_system",
        "person",
        """
        with listed as (
            select distinct p.*
            from person as p
            left join cin_life as own on own.n = p.n
            where own.n is not null or (p.age < 18 and u(p.n, 'known beside') < {siblings}
                and p.family in (select q.family from person as q inner join cin_life as c on c.n = q.n))
        ),
        home as (
            select n, postcode, coalesce(moved_date, birth_date) as home_from, null::date as home_to from listed
            union all
            select n, old_postcode, birth_date, moved_date from listed where moved_date is not null
        )
        select
            i.care_id as la_child_id, l.surname, l.forename, strftime(l.birth_date, '%d/%m/%Y') as birth_date, l.sex,
            l.ethnicity, case when u(l.n, 'care holds NHS number') >= {without_nhs} then l.nhs_number end as nhs_number,
            case when u(l.n, 'care holds UPN') >= {without_upn} then i.upn end as upn, h.postcode,
            strftime(h.home_from, '%d/%m/%Y') as home_from_date, strftime(h.home_to, '%d/%m/%Y') as home_to_date,
            'care_persons.csv' as _file, i.care_id || h.home_from as _sort, l.n as _n
        from listed as l
        inner join identity as i on i.n = l.n
        inner join home as h on h.n = l.n
        """,
        siblings=share("care_siblings"),
        without_nhs=share("care_without_nhs_number"),
        without_upn=share("care_without_upn"),
    )


def _short_breaks(world: World) -> None:
    """Disabled children in need: a service each, for some a direct payment beside or in its place."""
    make(
        world,
        "short_break",
        "short_break",
        """
        select
            i.care_id as la_child_id,
            case when is_payment then 'Direct payment' else list_extract(['After-school club', 'Overnight stay',
                'Home care'], kind) end as service,
            case when is_payment then 'Y' else 'N' end as is_direct_payment,
            case when is_payment then 'pounds' else list_extract(['sessions', 'nights', 'hours'], kind) end as unit,
            case when is_payment then draw(c.n, 'payment', 8, 30) * 5 else draw(c.n, 'amount', 6, 60) end as quantity,
            strftime(began, '%d/%m/%Y') as from_date,
            case when u(c.n, 'break ended') < 0.3 then strftime(began + 180, '%d/%m/%Y') end as to_date,
            case when is_payment then draw(c.n, 'payment', 8, 30) * 260
                else draw(c.n, 'amount', 6, 60) * list_extract([35, 320, 24], kind) end as cost,
            case when is_payment then null else 'Provider ' || draw(c.n, 'break provider', 1, 9) end as provider,
            'short_breaks.csv' as _file, i.care_id || is_payment as _sort, c.n as _n
        from (
            select *, draw(n, 'break kind', 1, 3) as kind,
                greatest(referral_date + 30, {as_at} - draw(n, 'break began', 20, 600))::date as began
            from cin_life
            where (has_plan or primary_need = 'N2') and not no_further_action
        ) as c
        inner join identity as i on i.n = c.n
        inner join (values (false), (true)) as v(is_payment) on case when is_payment
            then u(c.n, 'direct payment') < 0.25 else u(c.n, 'short break') < 0.7 end
        """,
    )


def _transitions(world: World) -> None:
    """Young people in need nearest to 18, those with a plan first."""
    make(
        world,
        "transition",
        "assessment",
        """
        select
            'A' || lpad(scrambled(n + 41)::varchar, 8, '0') as client_id, nhs_number, surname, forename,
            strftime(birth_date, '%d/%m/%Y') as birth_date, postcode,
            list_extract(['Learning disability support', 'Physical support', 'Mental health support',
                'Sensory support'], draw(n, 'support reason', 1, 4)) as primary_support_reason,
            strftime(asked, '%d/%m/%Y') as requested_date, strftime(asked + 60, '%d/%m/%Y') as assessed_date,
            case when asked + 100 > as_at then 'open' when u(n, 'eligible') < 0.6 then 'eligible'
                when u(n, 'eligible') < 0.85 then 'not_eligible' else 'other_service' end as decision,
            case when asked + 100 <= as_at then strftime(asked + 100, '%d/%m/%Y') end as decision_date,
            'transition_assessments.csv' as _file, n::varchar as _sort, n as _n
        from (
            select p.*, {as_at} as as_at,
                ({as_at} - 60 - draw(p.n, 'transition asked for', 1, 300))::date as asked
            from person as p
            inner join cin_life as c on c.n = p.n
            where p.age >= 16
            order by c.has_plan desc, p.birth_date, p.n
            limit greatest(3, (select count(*) // 30 from cin_life))
        )
        """,
    )
