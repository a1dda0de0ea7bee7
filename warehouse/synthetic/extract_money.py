"""What it costs: transport to school, commitments for placements, top-up, and the lines of the high needs block."""

from __future__ import annotations

from warehouse.synthetic.extract_table import make
from warehouse.synthetic.world import World, choose

# Pounds a year for each plan of the county, by line of the block; the second is spent, the first was planned.
HIGH_NEEDS = {
    "place_special": (900, 900),
    "place_base": (110, 110),
    "top_up_mainstream": (1_700, 1_900),
    "top_up_special": (2_900, 3_000),
    "independent": (3_300, 4_100),
    "post16": (800, 900),
    "alternative": (500, 600),
    "therapy": (200, 220),
    "support": (400, 380),
}
# weeks x pounds a week
WEEKLY = {"si": 1_450, "nm": 1_250, "mi": 620, "sp16": 1_100, "uk": 700}


def build(world: World) -> None:
    _transport(world)
    _commitments(world)
    _top_up(world)
    _block(world)


def _transport(world: World) -> None:
    """Runs of this school year and the last, to special schools above all."""
    mode = choose({"taxi": 0.55, "minibus": 0.27, "coach": 0.03, "pass": 0.06, "mileage": 0.06, "budget": 0.03}, "{}")
    make(
        world,
        "transport",
        "run",
        """
        with carried as (
            select
                g.n, g.urn, y.first_day, y.last_day, concat(g.n, y.first_day) as t, k.person_id,
                greatest(g.entry_date, k.start_date, y.first_day) as from_date,
                case when y.last_day < {as_at} or g.leaving_date < {as_at} then least(y.last_day, g.leaving_date) end
                    as to_date
            from segment as g
            inner join plan_key as k on k.n = g.n and k.seq = g.seq
            inner join (values (make_date({year} - 2, 9, 2), make_date({year} - 1, 7, 21)),
                (make_date({year} - 1, 9, 2), make_date({year}, 7, 21))) as y(first_day, last_day)
                on greatest(g.entry_date, k.start_date, g.held_from) < least(y.last_day, {as_at})
                and coalesce(g.leaving_date, y.last_day) > y.first_day
            where g.urn is not null and u(concat(g.n, g.phase), 'carried') < case
                when g.setting in ('ss', 'si', 'nm') then 0.72 when g.setting in ('rp', 'unit') then 0.4
                when g.setting in ('fe', 'sp16', 'ap') then 0.2 else 0.05 end
            qualify row_number() over (partition by g.n, y.first_day order by g.entry_date desc, g.phase) = 1
        ),
        moved as (
            select *, {mode} as mode, u(n, 'alone in the taxi') < 0.3 as is_alone from carried
        )
        select
            'R' || urn || '-' || case when mode = 'taxi' and is_alone then 'S' || m.n % 100000
                else draw(m.n, 'route', 1, 9)::varchar end || '-' || year(first_day) as run_id,
            'T' || lpad((m.n * 7919 % 10000000)::varchar, 7, '0') as pupil_id,
            case when u(m.n, 'case number with transport') < 0.4 or i.upn is null then m.person_id end as person_id,
            i.upn, urn as school_urn, mode,
            case when mode = 'taxi' then is_alone else false end as is_single_occupancy,
            mode in ('taxi', 'minibus') and u(m.n, 'assistant') < 0.35 as has_passenger_assistant,
            round(case mode when 'taxi' then case when is_alone then 90 else 38 end when 'minibus' then 26
                when 'coach' then 9 when 'pass' then 4 when 'mileage' then 8 else 14 end
                * (0.7 + 0.6 * u(t, 'cost')), 2)
                as cost_per_day,
            from_date, to_date,
            'transport_runs.csv' as _file, m.t as _sort, m.n as _n
        from moved as m inner join identity as i on i.n = m.n
        where to_date is null or to_date > from_date
        """,
        mode=mode.replace("{}", "u(n, 'mode')"),
        year=world.as_at.year,
    )


def _years(world: World) -> str:
    """SQL: the last whole financial year and the one that runs, with their days."""
    last = world.as_at.year - (world.as_at.month < 4)
    return (
        "(values "
        + ", ".join(f"({y}, make_date({y}, 4, 1), make_date({y + 1}, 3, 31))" for y in (last - 1, last))
        + ") as y(financial_year, first_day, last_day)"
    )


def _commitments(world: World) -> None:
    weekly = " ".join(f"when '{setting}' then {pounds}" for setting, pounds in WEEKLY.items())
    make(
        world,
        "finance",
        "commitment",
        """
        with held as (
            select
                g.*, y.financial_year, k.person_id, concat(k.plan_id, '-', g.phase) as c,
                greatest(g.entry_date, g.held_from, y.first_day) as from_day,
                least(coalesce(g.leaving_date, y.last_day), y.last_day) as to_day
            from segment as g
            inner join plan_key as k on k.n = g.n and k.seq = g.seq
            inner join {years} on greatest(g.entry_date, g.held_from) <= y.last_day
                and coalesce(g.leaving_date, y.last_day) >= y.first_day
            where g.setting in ('si', 'nm', 'mi', 'sp16', 'uk')
        ),
        counted as (
            select *, round(coalesce(residential_weeks, 38) * (to_day - from_day + 1) / 365.0, 1) as weeks,
                (case setting {weekly} end) * (case when residential_weeks is null then 1 else 2.6 end)
                    * (0.7 + 0.6 * u(c, 'rate')) as weekly
            from held where to_day > from_day
        ),
        split as (
            select *, round(weeks * weekly)::integer as amount,
                case when u(c, 'joint') < 0.12 then round(weeks * weekly * 0.08)::integer else 0 end as health,
                case when residential_weeks is not null then round(weeks * weekly * 0.42)::integer else 0 end as care
            from counted
        )
        select
            'COM' || substr(c, 4) as commitment_id, financial_year,
            case when u(c, 'case number with finance') < 0.8 or i.upn is null then s.person_id end as person_id,
            i.upn, s.urn, coalesce(school.name, 'Provider ' || s.ukprn, 'Provider not entered') || ' Ltd' as vendor,
            'HN' || lpad((100 + s.district)::varchar, 4, '0') as cost_centre, s.from_day as from_date,
            s.to_day as to_date, s.weeks, s.amount, s.amount - s.health - s.care as amount_education,
            s.health as amount_health, s.care as amount_care,
            'finance_commitments.csv' as _file, s.c || s.financial_year as _sort, s.n as _n
        from split as s
        inner join identity as i on i.n = s.n
        left join school on school.urn = s.urn
        """,
        years=_years(world),
        weekly=weekly,
    )


def _top_up(world: World) -> None:
    make(
        world,
        "finance",
        "top_up",
        """
        with held as (
            select
                g.n, g.urn, g.setting, y.financial_year, k.person_id, concat(k.plan_id, '-', g.phase) as c,
                draw(concat(k.plan_id, g.phase), 'band', 1, 7) as band,
                greatest(g.entry_date, g.held_from, y.first_day) as from_day,
                least(coalesce(g.leaving_date, y.last_day), y.last_day) as to_day
            from segment as g
            inner join plan_key as k on k.n = g.n and k.seq = g.seq
            inner join {years} on greatest(g.entry_date, g.held_from) <= y.last_day
                and coalesce(g.leaving_date, y.last_day) >= y.first_day
            where g.setting in ('main', 'rp', 'unit', 'ss') and g.urn is not null
                and y.financial_year = {last}
            -- Of two schools of a phase in the year the later one.
            qualify row_number() over (partition by c order by from_day desc) = 1
        )
        select
            'TOP' || substr(c, 4) as top_up_id, financial_year,
            case when i.upn is null then h.person_id end as person_id, i.upn, h.urn,
            substr('ABCDEFG', band, 1) as funding_band, from_day as from_date, to_day as to_date,
            round((1500 + 1900 * band) * (to_day - from_day + 1) / 365.0)::integer as amount,
            'finance_top_up.csv' as _file, c as _sort, h.n as _n
        from held as h inner join identity as i on i.n = h.n
        where to_day > from_day
        """,
        years=_years(world),
        last=world.as_at.year - (world.as_at.month < 4),
    )


def _block(world: World) -> None:
    lines = ", ".join(f"('{line}', {planned}, {spent})" for line, (planned, spent) in HIGH_NEEDS.items())
    make(
        world,
        "finance",
        "high_needs_spend",
        """
        select
            y.financial_year, l.budget_line,
            l.planned * {plans} * (1 + 0.09 * (y.financial_year - {last})) as amount_planned,
            l.spent * {plans} * (1 + 0.12 * (y.financial_year - {last})) as amount,
            'finance_high_needs.csv' as _file, y.financial_year || l.budget_line as _sort
        from {years}
        cross join (values {lines}) as l(budget_line, planned, spent)
        """,
        plans=world.plans,
        years=_years(world),
        lines=lines,
        last=world.as_at.year - (world.as_at.month < 4),
    )
