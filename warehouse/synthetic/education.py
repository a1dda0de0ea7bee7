"""Lives in education: requests, assessments, plans, placements, reviews, and the school roll of each term."""

from __future__ import annotations

from datetime import date

from warehouse.synthetic.inequality import balanced, district_number, planted
from warehouse.synthetic.world import World, by_value, choose, first_thursday, margin, share, third_thursday

FIRST_FLOW_YEAR = 2024  # requests that came to nothing are drawn from this year on
GROWTH = 0.05  # share of long-standing plans that are taken to have begun in the last two years: plans grow by a tenth a year
OTHER_COUNCILS = "['873', '881', '919', '825', '823', '302', '382', '330', '925', '926']"
BANDS = {"early": "00_04", "primary": "05_10", "secondary": "11_15", "post16": "16_18", "adult": "19_25"}


def build(world: World) -> None:
    """Tables mainstream, plan_life, request_life, segment, plan_need, review_life, roll."""
    _mainstream(world)
    _plan_lives(world)
    _timeliness(world)
    _requests(world)
    _segments(world)
    _needs(world)
    _reviews(world)
    _roll(world)
    world.count("plans in force", "plan_life where class = 'active'")
    world.count("requests", "request_life")


def _mainstream(world: World) -> None:
    """The mainstream school a person would go to in each phase, and in which sector."""
    world.sql(
        """
        create table schooling as
        select
            n, lsoa,
            case when u(n, 'sector') < 0.93 then 'state' when u(n, 'sector') < 0.985 then 'independent'
                when u(n, 'sector') < 0.996 then 'home' else 'none' end as sector,
            case when u(n, 'nearest') < 0.62 then 1 when u(n, 'nearest') < 0.86 then 2 else 3 end as place,
            u(n, 'moved school') < 0.035 as moves_school,
            u(n, 'nursery') < 0.55 as has_nursery_place,
            u(n, 'nursery kind') < 0.12 as in_nursery_school,
            u(n, 'sixth form') < case when u(n, 'sixth form') < 0.36 then 1 else 0.40 end as stays_on
        from person;
        create table mainstream as
        select sc.n, near.kind, near.place, near.urn
        from schooling as sc
        inner join near_school as near on near.lsoa = sc.lsoa and near.kind in ('nursery', 'primary', 'secondary')
        where near.place = least(sc.place, near.places)
        """
    )


def weight(ages: dict[str, float], age: str = "age") -> str:
    """SQL: how likely a person is, by age, sex, deprivation and ethnicity, to come into the system."""
    deprived = max(planted("ID02", "idaci_quintile").values())
    # Falls evenly from the planted ratio in the most deprived fifth to 1 in the least.
    quintile = by_value("idaci_quintile", {q: round(deprived ** ((5 - q) / 4), 5) for q in range(1, 6)}, 1)
    by_age = by_value(age, {a: round(part * 1000, 6) for a, part in ages.items()}, 0)
    ethnic = by_value("ethnicity", {f"'{e}'": s for e, s in planted("ID02", "ethnicity").items()}, 1)
    male = share("male")
    sex = f"case sex when 'M' then {male / 0.512:.5f}e0 else {(1 - male) / 0.488:.5f}e0 end"
    return f"(({by_age}) * ({quintile}) * ({ethnic}) * ({sex}))"


def _plan_lives(world: World) -> None:
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
        "active": weight(_fold(margin("age"), 25)),
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
                case when c.class = 'ceased'
                    then greatest({as_at} - floor(u(p.n, 'ceased') * {ceased_days})::integer, birthday(p.birth_date, 3))
                end::date as cease_date
            from plan_class as c inner join person as p on p.n = c.n
        ),
        until as (
            select *, coalesce(cease_date - 60, {as_at} - 1)::date as until_day from ends
        ),
        aged as (
            select *, least(24, greatest(2, age_on(birth_date, until_day)))::integer as until_age from until
        ),
        -- The age at the start is drawn from the published ages, cut off at the age reached by the end: within a year evenly.
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
            else {r20_25} end
        where class = 'ceased';
        """,
        councils=OTHER_COUNCILS,
        under_16=choose("cease_reason_under_16", "u(n, 'cease reason')"),
        r16_17=choose("cease_reason_16_17", "u(n, 'cease reason')"),
        r18_19=choose("cease_reason_18_19", "u(n, 'cease reason')"),
        r20_25=choose("cease_reason_20_25", "u(n, 'cease reason')"),
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


def _timeliness(world: World) -> None:
    """How long each plan took, by district: the planted districts as stated, the county as published."""
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
    prompt = balanced(share("issued_in_20_weeks_excluding_exceptions"), regular, in_time)
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
                u(concat(n, '-', seq), 'in time') < case when has_exception
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
        very_late=share("late_over_52_weeks"),
        six_weeks=share("decision_in_six_weeks"),
    )


def _requests(world: World) -> None:
    """One row per request: those that led to a plan, and those that did not."""
    world.sql(
        """
        create table request_life as
        select
            l.n, l.seq, 'plan' as kind, c.received_date, c.decided_date, l.start_date as issued_date, c.has_exception,
            c.in_time
        from plan_life as l inner join plan_clock as c on c.n = l.n and c.seq = l.seq
        where c.received_date <= {as_at}
        """
    )
    first_refusals = round(world.plans * share("requests_per_plan") * share("request_outcome", "N") * 0.14)
    # Refused first, granted later: two requests of one child.
    world.sql(
        """
        insert into request_life
        select n, 10 + seq, 'refused', before, weekday_before(before + {decision}), null, false, false
        from (
            select n, seq, weekday_after((received_date - 120 - draw(n, 'refused before', 0, 260))::date) as before
            from request_life
            where kind = 'plan' and received_date >= date '2024-06-01' and seq = 1
            order by u(n, 'refused first')
            limit {limit}
        )
        """,
        decision=_decision("n"),
        limit=max(2, round(first_refusals * 2.5)),
    )
    _fruitless(world)
    world.sql(
        """
        create table request_fact as
        select
            r.*,
            p.birth_date, p.district, p.lsoa,
            concat(r.n, '-', r.seq) as r,
            case when r.kind = 'exported' then list_extract({councils}, draw(concat(r.n, '-', r.seq), 'to', 1, 10)) end
                as exported_to,
            -- A refusal put right after mediation or an appeal keeps its outcome, and an assessment follows.
            r.kind = 'plan' and r.received_date >= date '2024-01-01' and u(concat(r.n, '-', r.seq), 'put right') < 0.02
                as was_put_right,
            r.kind in ('refused') and u(concat(r.n, '-', r.seq), 'mediation') < {mediation} as refusal_mediated,
            r.kind in ('refused') and u(concat(r.n, '-', r.seq), 'appeal') < {appeal} as refusal_appealed
        from request_life as r inner join person as p on p.n = r.n
        """,
        councils=OTHER_COUNCILS,
        mediation=share("refusal_mediation"),
        appeal=share("refusal_appeal"),
    )


def _fruitless(world: World) -> None:
    """Requests that led to no plan, in proportion to those of the year that did: one draw of people, dealt out by ending."""
    as_at, slots, upto = world.as_at, [], 0
    outcome, assessed = margin("request_outcome"), margin("assessment_outcome")
    decided = outcome["Y"] + outcome["N"] + outcome["W"]
    agreed = outcome["Y"] / decided
    for year in range(FIRST_FLOW_YEAR, as_at.year + 1):
        first, last = date(year, 1, 1), min(date(year, 12, 31), as_at)
        in_year = f"from request_life where received_date between date '{first}' and date '{last}' and kind"
        fruitful = world.number(f"select count(*) {in_year} = 'plan'")
        received = fruitful / (agreed * assessed["Y"])
        rates = {
            "refused": received * outcome["N"] / decided - world.number(f"select count(*) {in_year} = 'refused'"),
            "withdrawn": received * outcome["W"] / decided,
            "no_plan": received * agreed * assessed["N"],
            "assessment_withdrawn": received * agreed * assessed["W"],
            "exported": received * 0.006,
        }
        for kind_number, (kind, rate) in enumerate(rates.items()):
            size = max(2 if year < as_at.year else 0, round(rate))
            seq = 20 + 10 * (year - FIRST_FLOW_YEAR) + kind_number
            slots.append(f"('{kind}', {seq}, date '{first}', {(last - first).days}, {upto}, {upto + size})")
            upto += size
    by_request_age = weight(margin("request_age"))
    world.sql(
        """
        create table fruitless as
        with drawn as (
            select n from person
            where ({weight}) > 0 and not exists (select 1 from plan_class where plan_class.n = person.n)
            order by race(n, 'fruitless', {weight}), n
            limit {size}
        ),
        dealt as (
            select n, row_number() over (order by u(n, 'dealt'), n) - 1 as place from drawn
        )
        select d.n, s.kind, s.seq,
            least(weekday_after(s.first_day + floor(u(d.n, 'received') * s.days)::integer), {as_at}) as received
        from dealt as d
        inner join (values {slots}) as s(kind, seq, first_day, days, from_place, to_place)
            on d.place >= s.from_place and d.place < s.to_place;
        create table taken as
        select n from plan_class
        union all
        select n from fruitless;
        insert into request_life
        select n, seq, kind, received,
            case when kind = 'withdrawn' then weekday_after(received + draw(n, 'withdrew', 5, 38))
                else weekday_before(received + {decision}) end,
            case kind
                when 'no_plan' then weekday_before(received
                    + case when u(n, 'sixteen weeks') < {sixteen} then draw(n, 'told', 84, 112)
                        else draw(n, 'told', 116, 190) end)
                when 'assessment_withdrawn' then weekday_after(received + draw(n, 'withdrew', 75, 120))
                when 'exported' then weekday_after(received + draw(n, 'moved away', 12, 110))
            end,
            false, false
        from fruitless
        """,
        slots=", ".join(slots),
        size=upto,
        weight=by_request_age,
        decision=_decision("n"),
        sixteen=share("refusal_in_16_weeks"),
    )


def _decision(key: str) -> str:
    """SQL: days to the decision whether to assess, for a request that leads to no plan."""
    return (
        f"(case when u({key}, 'decision in time') < {share('decision_in_six_weeks')}"
        f" then 42 - floor(pow(u({key}, 'decision'), 2) * 20) else 46 + floor(pow(u({key}, 'decision'), 2) * 70)"
        " end)::integer"
    )


def _segments(world: World) -> None:
    """Where each plan was attended, phase by phase, since September 2024."""
    settings = {
        phase: choose(
            f"setting_{band}",
            "case when u(concat(n, phase), 'redraw') < 0.12"
            " then u(concat(n, phase), 'setting') else u(n, 'setting') end",
        )
        for phase, band in BANDS.items()
    }
    chosen = " ".join(f"when '{phase}' then {sql}" for phase, sql in settings.items())
    out = planted("PL03", "district")
    district, times = next((district_number(code), factor) for code, factor in out.items())
    world.sql(
        """
        create table segment as
        with life as (
            select *, coalesce(cease_date, {as_at}) as life_end,
                coalesce(transferred_in_date, start_date) as held_from
            from plan_life where start_date <= {as_at}
        ),
        phases(phase, from_years, to_years) as (
            values ('early', -5, 0), ('primary', 0, 7), ('secondary', 7, 12), ('post16', 12, 15), ('adult', 15, 23)
        ),
        spans as (
            select
                l.*, phases.phase,
                (l.reception_start + to_years(phases.from_years))::date as phase_start,
                (l.reception_start + to_years(phases.to_years) - interval 1 day)::date as phase_end
            from life as l
            inner join phases
                on (l.reception_start + to_years(phases.from_years))::date <= l.life_end
                and (l.reception_start + to_years(phases.to_years) - interval 1 day)::date
                    >= greatest(l.held_from, date '2024-09-01')
        ),
        settled as (
            select *, case phase {chosen} end as setting from spans
        ),
        dated as (
            select
                *,
                case
                    when setting in ('main', 'mi') and phase <> 'early' and held_from > phase_start then phase_start
                    when held_from > phase_start then held_from
                    else phase_start end::date as entry_date,
                case when phase_end < life_end then phase_end when cease_date is not null then life_end end::date as leaving_date,
                case setting when 'main' then 0.03 when 'ss' then 0.05 when 'si' then 0.40 when 'nm' then 0.45
                    when 'mi' then 0.15 when 'fe' then 0.08 when 'sp16' then 0.30 when 'ap' then 0.02 else 0 end
                    * case when district = {district} then {times} else {rest} end as chance_out
            from settled
        ),
        areas as (
            select *, u(concat(n, phase), 'out of county') < least(chance_out, 0.95) as is_out,
                case setting
                    when 'ss' then 'special' when 'si' then 'independent_special' when 'nm' then 'non_maintained_special'
                    when 'mi' then 'independent' when 'ap' then 'alternative' when 'fe' then 'college'
                    when 'sp16' then 'special_college'
                    when 'main' then case when phase in ('early', 'primary') then 'primary' else 'secondary' end
                end as kind
            from dated
        )
        select
            a.n, a.seq, a.class, a.district, a.lsoa, a.birth_date, a.phase, a.setting, a.entry_date, a.leaving_date,
            a.start_date, a.held_from, a.cease_date, a.is_out, a.kind,
            case
                when a.setting in ('rp', 'unit') then coalesce(base.urn, local.urn)
                when a.is_out then pool_out.urn
                when a.setting in ('main', 'ss', 'ap') then local.urn
                else pool_in.urn end as urn,
            case when a.setting = 'uk' then (10090000 + draw(concat(a.n, a.phase), 'ukprn', 1, 40))::varchar end as ukprn,
            a.setting = 'unit' and base.urn is not null as sen_unit,
            a.setting = 'rp' and base.urn is not null as resourced_provision,
            case when a.setting in ('si', 'nm', 'sp16') and u(concat(a.n, a.phase), 'residential') < 0.048
                then case when u(a.n, 'weeks') < {fifty_two} then 52 else draw(a.n, 'weeks', 38, 44) end end
                as residential_weeks,
            case when a.phase in ('post16', 'adult') and a.setting in ('fe', 'sp16', 'uk')
                    and age_on(a.birth_date, a.entry_date) >= 16 and u(a.n, 'work based') < {work}
                then {work_kind} end as work_based_activity
        from areas as a
        left join near_base as base
            on a.setting in ('rp', 'unit') and base.lsoa = a.lsoa and base.is_unit = (a.setting = 'unit')
            and base.kind = case when a.phase in ('early', 'primary') then 'primary' else 'secondary' end
        left join near_school as local
            on local.lsoa = a.lsoa
            and local.kind = coalesce(
                case when a.setting in ('rp', 'unit')
                    then case when a.phase in ('early', 'primary') then 'primary' else 'secondary' end end, a.kind)
            and local.place = case when local.kind in ('special', 'alternative')
                then 1 + floor(u(a.n, 'which near') * local.places)::integer else 1 end
        left join setting_pool as pool_in
            on pool_in.kind = a.kind and pool_in.is_own
            and pool_in.place = floor(u(concat(a.n, a.phase), 'which') * pool_in.places)
        left join setting_pool as pool_out
            on pool_out.kind = a.kind and not pool_out.is_own
            and pool_out.place = floor(u(concat(a.n, a.phase), 'which') * pool_out.places);
        -- Mainstream in the county is the school the child goes to anyway.
        update segment set urn = m.urn
        from mainstream as m
        where segment.setting = 'main' and not segment.is_out and m.n = segment.n and m.kind = segment.kind;
        """,
        chosen=chosen,
        district=district,
        times=times,
        rest=1.0,
        fifty_two=share("residential_52_weeks"),
        work=round(share("work_based") * 4.3, 5),
        work_kind=choose("work_based_activity", "u(n, 'work kind')").replace("u(n,", "u(a.n,"),
    )


def _needs(world: World) -> None:
    world.sql(
        """
        create table plan_need as
        with first_need as (
            select n, seq, start_date, {primary} as sen_type from plan_life where start_date <= {as_at}
        ),
        second_need as (
            select n, seq, start_date, {secondary} as sen_type, u(n, 'has second need') < 0.45 as is_held from first_need
        )
        select n, seq, 1 as rank, sen_type, start_date as from_date from first_need
        union all
        select s.n, s.seq, 2, s.sen_type, s.start_date
        from second_need as s inner join first_need as f on f.n = s.n and f.seq = s.seq
        where s.is_held and s.sen_type <> f.sen_type
        """,
        primary=choose("primary_need", "u(n, 'need')"),
        secondary=choose("primary_need", "u(n, 'second need')"),
    )


def _reviews(world: World) -> None:
    """Yearly reviews since 2023, with the decisions and amended plans that followed, and the phase transfers."""
    world.sql(
        """
        create table review_life as
        with due as (
            select
                l.n, l.seq, l.class, l.birth_date, l.start_date, l.cease_date, l.reception_start, l.district,
                k, (l.start_date + to_years(k::integer))::date as due_date
            from plan_life as l, lateral (select unnest(range(1, 12)) as k)
            where l.class in ('active', 'ceased') and l.start_date < {as_at}
        ),
        kept as (
            select *, concat(n, '-', seq, '-', k) as r
            from due
            where due_date between date '2023-06-01' and {as_at}
                and due_date <= coalesce(cease_date, {as_at})
                and due_date > coalesce((select max(x.transferred_in_date) from plan_life as x where x.n = due.n), due_date - 1)
        ),
        held as (
            select *,
                case when u(r, 'held') < {recorded} and u(concat(n, '-', seq), 'never reviewed') >= 0.07
                    then not_sunday(due_date - 45 + floor(u(r, 'meeting') * 50)::integer) end as drawn_meeting
            from kept
        ),
        met as (
            select *, case when drawn_meeting <= least({as_at}, coalesce(cease_date, {as_at})) and drawn_meeting > start_date
                then drawn_meeting end as meeting_date
            from held
        ),
        decided as (
            select *,
                weekday_before(meeting_date + case when u(r, 'in time') < {four_weeks} then draw(r, 'decision', 10, 28)
                    else draw(r, 'decision', 31, 120) end) as drawn_decision,
                u(r, 'decided') < 0.90 as is_decided
            from met
        ),
        outcome as (
            select *,
                case when is_decided and drawn_decision <= {as_at} then drawn_decision end as decision_date,
                {outcome} as drawn_outcome
            from decided
        )
        select
            n, seq, r, k, due_date, meeting_date, decision_date,
            case when decision_date is not null then drawn_outcome end as outcome,
            case when decision_date is not null and drawn_outcome = 'A' and decision_date + 2 <= {as_at}
                then weekday_before(decision_date + draw(r, 'draft', 0, 2)) end as draft_issued_date,
            case when decision_date is not null and drawn_outcome = 'A' and decision_date + 70 <= {as_at}
                then weekday_before(decision_date + draw(r, 'final', 45, 70)) end as final_issued_date,
            'annual' as review_type,
            null::date as phase_transfer_due_date,
            null::date as phase_transfer_final_date
        from outcome
        where meeting_date is not null or u(r, 'planned') < 0.5
        """,
        recorded=round(share("review_recorded") / 0.93, 5),
        four_weeks=share("review_decision_in_four_weeks"),
        outcome=choose("review_outcome", "u(r, 'outcome')"),
    )
    # A move to the next phase in September is decided by 15 February, or by 31 March from secondary to post-16.
    world.sql(
        """
        insert into review_life
        with moves as (
            select
                l.n, l.seq, l.start_date, l.cease_date,
                concat(l.n, '-', l.seq, '-phase-', v.years) as r,
                v.years,
                (l.reception_start + to_years(v.years::integer))::date as moves_on
            from plan_life as l, (values (7), (12)) as v(years)
            where l.class in ('active', 'ceased')
        ),
        due as (
            select *, make_date(year(moves_on), case when years = 12 then 3 else 2 end,
                case when years = 12 then 31 else 15 end) as phase_due,
                not_sunday(make_date(year(moves_on) - 1, 10, 1) + draw(r, 'meeting', 0, 70)) as meeting
            from moves
            where year(moves_on) between 2024 and {year}
        )
        select
            n, seq, r, 90 + years, (phase_due - 100)::date, meeting,
            case when meeting + 28 <= {as_at} then weekday_before(meeting + draw(r, 'decision', 12, 28)) end,
            case when meeting + 28 <= {as_at} then 'A' end,
            case when meeting + 28 <= {as_at} then weekday_before(meeting + 28) end,
            case when phase_due + 20 <= {as_at} or u(r, 'early') < 0.04
                then weekday_before(least(phase_due - 4 + case when u(r, 'late') < 0.1 then 24 else 0 end, {as_at} - 1)) end,
            'phase_transfer',
            phase_due,
            case when phase_due + 20 <= {as_at} or u(r, 'early') < 0.04
                then weekday_before(least(phase_due - 4 + case when u(r, 'late') < 0.1 then 24 else 0 end, {as_at} - 1)) end
        from due
        where meeting > start_date + 60 and meeting <= coalesce(cease_date, {as_at}) and meeting <= {as_at}
        """,
        year=world.as_at.year,
    )


def census_terms(world: World) -> list[tuple[int, str, date]]:
    """Year, term and census day of the terms generated: those on or before the as-at date since spring of last year."""
    year = world.as_at.year - 1
    terms = [
        (year, "spring", third_thursday(year, 1)),
        (year, "summer", third_thursday(year, 5)),
        (year, "autumn", first_thursday(year, 10)),
        (year + 1, "spring", third_thursday(year + 1, 1)),
    ]
    return [term for term in terms if term[2] <= world.as_at]


def _roll(world: World) -> None:
    """One row per term and pupil on the roll of a state school in the county."""
    world.sql(
        """
        create table sen_support as
        select p.n, p.birth_date, {need} as sen_type,
            reception_start + to_years(greatest(0, draw(p.n, 'support from', -3, 6))::integer) as from_date
        from person as p
        where p.age between 2 and 20 and (
            u(p.n, 'support') < {support} * case p.idaci_quintile when 1 then 1.45 when 2 then 1.2 when 3 then 1.0
                when 4 then 0.8 else 0.62 end * case p.sex when 'M' then 1.24 else 0.75 end
            or exists (select 1 from taken where taken.n = p.n)
        );
        create table roll (
            census_year integer, census_term varchar, census_day date, n bigint, urn bigint, year_group integer,
            entry_date date, enrolment_status varchar, sen_provision varchar, sen_unit boolean,
            resourced_provision boolean, has_plan boolean
        );
        """,
        support=share("sen_support"),
        need=choose("support_need", "u(p.n, 'support need')"),
    )
    for year, term, day in census_terms(world):
        world.sql(
            """
            insert into roll
            with pupil as (
                select
                    p.n, p.birth_date, p.reception_start, p.lsoa, sc.* exclude (n, lsoa),
                    (year_group(p.birth_date, date '{day}')
                        - case when u(p.n, 'out of year') < 0.004 and year_group(p.birth_date, date '{day}') > 0 then 1 else 0 end
                    )::integer as year_group
                from person as p inner join schooling as sc on sc.n = p.n
                where year_group(p.birth_date, date '{day}') between -2 and 14
            ),
            planned as (
                select s.n, s.urn, s.setting, s.entry_date, s.sen_unit, s.resourced_provision, school.is_own and school.is_open
                    and s.kind is distinct from 'independent_special' and s.setting in ('main', 'rp', 'unit', 'ss', 'ap') as is_on_roll
                from segment as s left join school on school.urn = s.urn
                where s.entry_date <= date '{day}' and coalesce(s.leaving_date, date '{day}') >= date '{day}'
                    and s.held_from <= date '{day}'
                qualify row_number() over (partition by s.n order by s.entry_date desc, s.phase) = 1
            ),
            phased as (
                select pupil.*, planned.urn as planned_urn, planned.setting, planned.entry_date as planned_entry,
                    planned.sen_unit, planned.resourced_provision, planned.is_on_roll, planned.n is not null as has_plan,
                    case when pupil.year_group < 0 then case when pupil.in_nursery_school then 'nursery' else 'primary' end
                        when pupil.year_group < 7 then 'primary' else 'secondary' end as kind
                from pupil left join planned on planned.n = pupil.n
            ),
            placed as (
                select phased.*,
                    case when has_plan then planned_urn else near.urn end as urn
                from phased
                left join near_school as near
                    on near.lsoa = phased.lsoa and near.kind = phased.kind
                    -- Some change school in the summer of 2026 without a change of phase.
                    and near.place = least(near.places, case
                        when phased.moves_school and date '{day}' >= date '2026-09-01' then 1 + phased.place % 3
                        else phased.place end)
            )
            select
                {year}, '{term}', date '{day}', n, urn, year_group,
                case when has_plan then planned_entry
                    when moves_school and date '{day}' >= date '2026-09-01' and year_group not in (-2, -1, 0, 7)
                        then date '2026-09-03'
                    when year_group < 0 then make_date(academic_year(date '{day}')::integer, 9, 3)
                    else reception_start + to_years(case when kind = 'secondary' then 7 else 0 end) end::date,
                'C',
                case when has_plan then 'E'
                    when exists (select 1 from sen_support as k where k.n = placed.n and k.from_date <= date '{day}') then 'K'
                    else 'N' end,
                coalesce(sen_unit, false), coalesce(resourced_provision, false), has_plan
            from placed
            where urn is not null and (
                (has_plan and is_on_roll)
                or (not has_plan and sector = 'state' and year_group between 0 and 11)
                or (not has_plan and year_group = -1 and has_nursery_place)
                or (not has_plan and year_group = -2 and has_nursery_place and u(n, 'two year old') < 0.15)
                or (not has_plan and sector = 'state' and year_group between 12 and 13 and stays_on)
            )
            """,
            year=year,
            term=term,
            day=day,
        )
    # A few are registered at two schools: main at their own, subsidiary at an alternative provider.
    world.sql(
        """
        create table dual as
        select roll.census_year, roll.census_term, roll.n, near.urn
        from roll
        inner join person as p on p.n = roll.n
        inner join near_school as near on near.lsoa = p.lsoa and near.kind = 'alternative' and near.place = 1
        where roll.year_group between 5 and 11 and near.urn <> roll.urn and u(roll.n, 'dual') < 0.004;
        insert into roll
        select roll.* replace (dual.urn as urn, 'S' as enrolment_status, false as sen_unit, false as resourced_provision)
        from roll inner join dual using (census_year, census_term, n);
        update roll set enrolment_status = 'M'
        from dual
        where roll.enrolment_status = 'C' and dual.census_year = roll.census_year
            and dual.census_term = roll.census_term and dual.n = roll.n;
        """
    )
    world.count(
        "pupils on roll, last spring census",
        f"roll where census_day = (select max(census_day) from roll) and enrolment_status <> 'S'",
    )
