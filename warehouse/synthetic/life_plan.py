"""Who has a plan, had one, or will have one soon; when it began and ended; how long it took to come."""

from __future__ import annotations

from datetime import date

from warehouse.synthetic.inequality import balanced, district_number, planted
from warehouse.synthetic.world import BOYS, FIRST_FLOW_YEAR, OTHER_COUNCILS, World, by_value, choose, margin, share

# Share of long-standing plans taken to have begun in the last two years: plans grow by a tenth a year.
GROWTH = 0.05


def build(world: World) -> None:
    """Tables plan_class, plan_life and plan_clock."""
    _lives(world)
    _timeliness(world)


def weight(ages: dict[str, float], age: str = "age") -> str:
    """SQL: how likely a person is, by age, sex, deprivation and ethnicity, to come into the system."""
    deprived = max(planted("ID02", "idaci_quintile").values())
    # Falls evenly from the planted ratio in the most deprived fifth to 1 in the least.
    quintile = by_value("idaci_quintile", {q: round(deprived ** ((5 - q) / 4), 5) for q in range(1, 6)}, 1)
    by_age = by_value(age, {a: round(part * 1000, 6) for a, part in ages.items()}, 0)
    ethnic = by_value("ethnicity", {f"'{e}'": s for e, s in planted("ID02", "ethnicity").items()}, 1)
    male = share("male")
    sex = f"case sex when 'M' then {male / BOYS:.5f}e0 else {(1 - male) / (1 - BOYS):.5f}e0 end"
    return f"(({by_age}) * ({quintile}) * ({ethnic}) * ({sex}))"


def weight_in_force() -> str:
    """SQL: `weight` of having a plan in force on the as-at date."""
    return weight(_fold(margin("age"), 25))


def _lives(world: World) -> None:
    """Who has a plan, had one that ceased since 2024, or will have one soon; exact in number, drawn by weight."""
    plans = world.plans
    ceased_days = (world.as_at - date(FIRST_FLOW_YEAR, 1, 8)).days
    ahead = 520
    sizes = {
        "active": plans,
        "ceased": round(plans * share("ceased_per_plan") * ceased_days / 365),
        "pipeline": round(plans * share("new_plans_per_plan") * ahead / 365),
    }
    weights = {
        "active": weight_in_force(),
        "ceased": weight(margin("cease_age")),
        "pipeline": weight(margin("start_age")),
    }
    world.sql("create table plan_class (n bigint, class varchar)")
    for name, size in sizes.items():
        world.sql(
            """
            insert into plan_class
            select n, '{name}'
            from person
            where ({weight}) > 0 and not exists (select 1 from plan_class where plan_class.n = person.n)
            order by race(n, '{name}', {weight}), n
            limit {size}
            """,
            name=name,
            size=size,
            weight=weights[name],
        )
    before, upto = {}, 0.0
    shares = {int(age): part for age, part in margin("start_age").items()}
    for age, part in shares.items():
        before[age] = round(upto, 6)
        upto += part
    start_age = " ".join(f"when drawn < {before[age + 1]} then {age}" for age in shares if age + 1 in before)
    world.sql(
        """
        create table plan_life as
        with ends as (
            select
                p.*, c.class,
                -- Whoever is 25 had the plan to that age: the published share of 25 among those who ceased is theirs.
                case when c.class = 'ceased' then greatest(
                    {as_at} - floor(u(p.n, 'ceased') * {ceased_days})::integer,
                    birthday(p.birth_date, 3),
                    case when age_on(p.birth_date, {as_at}) >= 25 then {as_at}
                        - floor(u(p.n, 'ceased') * ({as_at} - birthday(p.birth_date, 25)))::integer end
                ) end::date as cease_date
            from plan_class as c inner join person as p on p.n = c.n
        ),
        until as (
            select *, coalesce(cease_date - 60, {as_at} - 1)::date as until_day from ends
        ),
        aged as (
            select *, least(24, greatest(2, age_on(birth_date, until_day)))::integer as until_age from until
        ),
        -- The age at the start is drawn from the published ages up to the age at the end; within a year, evenly.
        drawn as (
            select *,
                u(n, 'start age') * (({before}) + ({part})
                    * least(1, greatest(0.02, (until_day - birthday(birth_date, until_age)) / 366e0))) as drawn
            from aged
        ),
        started as (
            select *, case {start_age} else 24 end::integer as start_age
            from drawn
        ),
        dated as (
            select *,
                birthday(birth_date, start_age)
                    + floor(366 * least(1, (drawn - ({start_before})) / ({start_part})))::integer as age_start
            from started
        ),
        placed as (
            select
                *,
                case
                    when class = 'pipeline' then {as_at} + 1 + floor(u(n, 'starts') * {ahead})::integer
                    -- Numbers grow: more began of late than the ages alone would say.
                    when class = 'active' and age_start < {as_at} - 730 and birthday(birth_date, 5) < {as_at}
                        and u(n, 'of late') < {growth}
                        then {as_at} - 1 - floor(u(n, 'starts') * 730)::integer
                    else least(age_start, until_day)
                end::date as drawn_start
            from dated
        ),
        floored as (
            -- Plans began in September 2014; statements of an earlier start were converted by 2018.
            select
                *,
                weekday_before(case when drawn_start < date '2015-01-05'
                    then date '2015-01-05' + floor(u(n, 'converted') * 1150)::integer
                    else drawn_start end) as start_date
            from placed
        )
        select
            n, family, birth_date, sex, district, lsoa, ethnicity, idaci_quintile, class, reception_start,
            1 as seq,
            start_date,
            case when class = 'ceased' then greatest(cease_date, start_date + 30) end::date as cease_date,
            class <> 'pipeline' and u(n, 'transferred in') < {transferred} as is_transfer_in
        from floored
        where class = 'pipeline' or start_date < {as_at}
        """,
        ceased_days=ceased_days,
        ahead=ahead,
        before=by_value("until_age", before, 1),
        part=by_value("until_age", shares, 0),
        start_before=by_value("start_age", before, 1),
        start_part=by_value("start_age", shares, 1),
        start_age=start_age,
        growth=GROWTH,
        transferred=round(share("transferred_in_per_plan_and_year") * 3, 5),
    )
    # The oldest age is a reason at 25 alone; the published band holds them among those of 20 and over.
    before_25 = {reason: part for reason, part in margin("cease_reason_20_25").items() if reason != "1"}
    world.sql(
        """
        update plan_life set cease_date = {as_at} where cease_date > {as_at};
        alter table plan_life add column transferred_in_date date;
        alter table plan_life add column transferred_from varchar;
        alter table plan_life add column cease_reason varchar;
        update plan_life set
            transferred_from = list_extract({councils}, draw(n, 'from', 1, 10)),
            transferred_in_date = greatest(
                least(start_date + 40, coalesce(cease_date - 20, {as_at} - 6)),
                weekday_before(coalesce(cease_date, {as_at}) - 6 - floor(u(n, 'came in') * 1090)::integer)
            )
        where is_transfer_in;
        update plan_life set cease_reason = case
            when age_on(birth_date, cease_date) < 16 then {under_16}
            when age_on(birth_date, cease_date) < 18 then {r16_17}
            when age_on(birth_date, cease_date) < 20 then {r18_19}
            when age_on(birth_date, cease_date) >= 25 then '1'
            else {r20_24} end
        where class = 'ceased';
        """,
        councils=OTHER_COUNCILS,
        under_16=choose("cease_reason_under_16", "u(n, 'cease reason')"),
        r16_17=choose("cease_reason_16_17", "u(n, 'cease reason')"),
        r18_19=choose("cease_reason_18_19", "u(n, 'cease reason')"),
        r20_24=choose(before_25, "u(n, 'cease reason')"),
    )
    # A plan that was given up and, years later, asked for again: two plans, two requests, one person.
    world.sql(
        """
        insert into plan_life by name
        select
            * replace (
                0 as seq,
                'earlier' as class,
                (start_date - 1100 - draw(n, 'earlier', 0, 500))::date as start_date,
                (start_date - 420 - draw(n, 'gap', 0, 150))::date as cease_date,
                '2' as cease_reason,
                false as is_transfer_in,
                null as transferred_in_date,
                null as transferred_from
            )
        from plan_life
        where class = 'active' and not is_transfer_in and start_date >= date '2024-06-01'
            and age_on(birth_date, start_date) >= 9 and start_date - 1700 > birthday(birth_date, 2)
        order by u(n, 'reissued')
        limit {reissued}
        """,
        reissued=max(1, round(world.plans * 0.003)),
    )


def _fold(ages: dict[str, float], oldest: int) -> dict[str, float]:
    """Published ages stop at 24 with the few of 25 among them: a tenth of the last group is 25."""
    ages = dict(ages)
    ages[str(oldest)] = ages["24"] * 0.1
    return ages


def rates(world: World) -> tuple[dict[int, float], dict[int, float]]:
    """Share of exceptions by district, and of the other plans the share that comes within 20 weeks: the planted
    districts as stated, the county as published. Reads plan_life."""
    shares = {
        int(district): number
        for district, number in world.con.execute(
            "select district, count(*) / sum(count(*)) over () from plan_life"
            " where not is_transfer_in and start_date >= date '2024-01-01' group by district order by district"
        ).fetchall()
    }
    exceptions = {district_number(code): rate for code, rate in planted("TM08", "district").items()}
    in_time = {district_number(code): rate for code, rate in planted("TM04", "district").items()}
    exception = balanced(share("exception"), shares, exceptions)
    regular = {number: part * (1 - exception[number]) for number, part in shares.items()}
    total = sum(regular.values())
    regular = {number: part / total for number, part in regular.items()}
    return exception, balanced(share("issued_in_20_weeks_excluding_exceptions"), regular, in_time)


def pace(world: World) -> dict[int, float]:
    """Times its rate of all years that a district is in time (TM04) in a year: planted is the step from one year to the
    next, from the first year of flows on, and on average it is 1. Before that year it is 1 too, so the first one falls
    below the years before. Reads plan_life."""
    plans = dict(
        world.con.execute(
            "select year(start_date), count(*) from plan_life where not is_transfer_in and year(start_date)"
            f" between {FIRST_FLOW_YEAR} and {world.as_at.year - 1} group by all order by all"
        ).fetchall()
    )
    (ratio,) = planted("TM04", "calendar_year").values()
    times = {year: ratio ** (year - FIRST_FLOW_YEAR) for year in plans}
    average = sum(times[year] * number for year, number in plans.items()) / sum(plans.values())
    return {year: factor / average for year, factor in times.items()}


def pace_sql(pace: dict[int, float], day: str) -> str:
    """SQL: the pace of the year of a day. Before the first year nothing is planted; after the last it stays."""
    return by_value(f"least(year({day}), {max(pace)})", {year: round(times, 5) for year, times in pace.items()}, 1.0)


def _timeliness(world: World) -> None:
    """How long each plan took."""
    exception, prompt = rates(world)
    excepted_prompt = share("issued_in_20_weeks_exceptions")
    world.sql(
        """
        create table plan_clock as
        with flagged as (
            select *, u(concat(n, '-', seq), 'exception') < ({exception}) as has_exception from plan_life
            where not is_transfer_in
        ),
        timed as (
            select *,
                u(concat(n, '-', seq), 'in time') < ({pace}) * case when has_exception
                    then least(({prompt}), {excepted_prompt}) else ({prompt}) end as in_time
            from flagged
        ),
        lengths as (
            select *,
                case
                    when in_time then 140 - floor(pow(u(concat(n, '-', seq), 'length'), 2) * 42)
                    when u(concat(n, '-', seq), 'very late') < {very_late}
                        then 365 + floor(u(concat(n, '-', seq), 'length') * 170)
                    else 145 + floor(pow(u(concat(n, '-', seq), 'length'), 1.4) * 219)
                end::integer as days_to_plan,
                case when u(concat(n, '-', seq), 'decision in time') < {six_weeks}
                    then 42 - floor(pow(u(concat(n, '-', seq), 'decision'), 2) * 20)
                    else 45 + floor(pow(u(concat(n, '-', seq), 'decision'), 2) * 22)
                end::integer as days_to_decision
            from timed
        )
        select n, seq, has_exception, in_time, weekday_after((start_date - days_to_plan)::date) as received_date,
            weekday_before(weekday_after((start_date - days_to_plan)::date) + days_to_decision) as decided_date
        from lengths
        """,
        exception=by_value("district", {k: round(v, 5) for k, v in exception.items()}, share("exception")),
        prompt=by_value("district", {k: round(v, 5) for k, v in prompt.items()}, 0.46),
        excepted_prompt=excepted_prompt,
        pace=pace_sql(pace(world), "start_date"),
        very_late=share("late_over_52_weeks"),
        six_weeks=share("decision_in_six_weeks"),
    )
