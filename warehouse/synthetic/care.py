"""Social care: children in need, child protection plans, disabilities, and children looked after."""

from __future__ import annotations

from datetime import date

from warehouse.synthetic.world import World, share


def return_years(world: World) -> list[int]:
    """Years ending 31 March that have been returned by the as-at date: the last two."""
    last = world.as_at.year if world.as_at > date(world.as_at.year, 7, 31) else world.as_at.year - 1
    return [last - 1, last]


def build(world: World) -> None:
    """Tables cin_life, disability_life, protection_life, looked_after and care_episode."""
    years = return_years(world)
    began = date(years[0] - 2, 4, 1)
    ended = date(years[-1], 3, 31)
    children = world.number("select count(*) from person where age < 18")
    weight = (
        "(case idaci_quintile when 1 then 3.0 when 2 then 2.0 when 3 then 1.4 when 4 then 1.0 else 0.7 end"
        " * case when c.n is not null then 4.0 when k.n is not null then 1.8 else 1.0 end)"
    )
    world.sql(
        """
        create table cin_life as
        with chosen as (
            select p.n, p.birth_date, c.n is not null as has_plan
            from person as p
            left join plan_class as c on c.n = p.n
            left join sen_support as k on k.n = p.n
            where p.birth_date between date '{ended}' - 6500 and date '{ended}' - 30
            order by race(p.n, 'in need', {weight}), p.n
            limit {size}
        ),
        dated as (
            select *, greatest(birth_date + 7, date '{began}' + draw(n, 'referral', 0, {days}))::date as referral_date
            from chosen
        )
        select
            *,
            case when u(n, 'closed') < 0.55 and referral_date + draw(n, 'open days', 30, 700) <= date '{ended}'
                then referral_date + draw(n, 'open days', 30, 700) end as closure_date,
            case when has_plan and u(n, 'need code') < 0.35 then 'N2' when u(n, 'need code') < 0.60 then 'N1'
                when u(n, 'need code') < 0.72 then 'N5' when u(n, 'need code') < 0.84 then 'N4'
                when u(n, 'need code') < 0.92 then 'N3' else 'N6' end as primary_need,
            u(n, 'protected') < 0.13 as is_protected,
            u(n, 'no further action') < 0.08 as no_further_action
        from dated
        """,
        ended=ended,
        began=began,
        days=(ended - began).days,
        weight=weight,
        size=max(8, round(children * share("cin_per_child") * 1.9)),
    )
    world.sql(
        """
        create table disability_life as
        select distinct n, disability
        from (
            select n, case when has_plan then list_extract(['AUT', 'LD', 'COMM', 'BEH', 'MOB', 'AUT', 'LD', 'HEAR',
                'VIS', 'PC'],
                    draw(n, 'disability', 1, 10)) else 'NONE' end as disability
            from cin_life where has_plan or u(n, 'none recorded') < 0.8
            union all
            select n, list_extract(['LD', 'BEH', 'COMM', 'INC', 'CON', 'DDA'], draw(n, 'second disability', 1, 6))
            from cin_life where has_plan and u(n, 'has second disability') < 0.4
        );
        create table protection_life as
        select
            n,
            (referral_date + draw(n, 'conference', 14, 40))::date as plan_start,
            case when closure_date is not null then least(closure_date, referral_date + draw(n, 'plan end', 120, 500))
                end::date as plan_end,
            list_extract(['NEG', 'NEG', 'EMO', 'EMO', 'PHY', 'SAB', 'MUL'], draw(n, 'category', 1, 7)) as category,
            draw(n, 'previous plans', 0, 3) // 2 as previous_plans
        from cin_life
        where is_protected and not no_further_action and coalesce(closure_date, date '{ended}') > referral_date + 60;
        create table looked_after as
        select
            c.n,
            (greatest(c.birth_date + 14, c.referral_date - draw(c.n, 'looked after since', -60, 1100)))::date
                as from_date,
            u(c.n, 'placed out') < {placed_out} as is_placed_out
        from cin_life as c
        where not c.no_further_action
        order by race(c.n, 'looked after', case when c.has_plan then 2.5 else 1.0 end), c.n
        limit {size};
        create table care_episode as
        with spells as (
            select l.*, k, from_date + (k * draw(n, 'months', 120, 500))::integer as episode_start,
                from_date + ((k + 1) * draw(n, 'months', 120, 500))::integer as next_start,
                draw(n, 'episodes', 1, 3) as episodes,
                case when u(n, 'left care') < 0.22 then from_date + 3 * draw(n, 'months', 120, 500) end as left_care
            from looked_after as l, lateral (select unnest(range(3)) as k)
        )
        select
            n, k, is_placed_out,
            episode_start::date as episode_start,
            case when k + 1 < episodes then next_start
                when left_care is not null and left_care <= date '{ended}' then greatest(left_care, episode_start + 20)
            end::date as episode_end,
            k + 1 = episodes as is_last,
            concat(n, '-', k) as e
        from spells
        where k < episodes and episode_start <= date '{ended}';
        update care_episode set episode_end = null where episode_end > date '{ended}';
        """,
        ended=ended,
        placed_out=share("cla_placed_out"),
        size=max(6, round(children * share("cla_per_child") * 1.15)),
    )
    world.count("children in need", "cin_life")
    world.count("children looked after", "looked_after")
