"""Many small counties for benchmarks.coverage: children by the generator's functions, and what is true of each figure.

A county is a period of the warehouse. Its events go to where equity__metric_event would stand, the groups of its people
to equity__person_period, and the value that every interval should hold to truth.target.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from warehouse import duck, specification
from warehouse.settings import REPOSITORY, Settings
from warehouse.specification import read_yaml
from warehouse.synthetic import education, geography, health, life_placement, life_plan, people, schools
from warehouse.synthetic.inequality import district_number, planted
from warehouse.synthetic.world import VOCABULARY, World, by_value, share

SEED = 20270121
# Before the name of a county in which nothing is planted, and between that of a county and a year of it alone.
LEVEL = "L"
YEAR_OF = "/"
STEPS = (geography.build, people.build, schools.build, education.build, health.build)
# Made here instead of built.
GIVEN = (
    "dim_period",
    "equity__missing_part",
    "dim_area",
    "fct_population",
    "equity__metric_event",
    "equity__person_period",
    "equity__aggregate_resource_base",
    "equity__aggregate_council",
    "equity__access",
)
# Ours, as the generator's lives know neither: plans for each 1,000 residents of the least deprived fifth, before age.
PLANS_PER_1000 = 20
# Children of a district whose sessions are drawn; the share they miss, and how many times that in one district; how
# alike children are (the two numbers of a beta distribution together).
CHILDREN, MISSED, MISSED_MORE, ALIKE = 40, 0.07, 1.5, 8
# One child in fifty: with 40 children in a district most have no event or one.
EXCLUDED = 0.02


def draw(settings: Settings, database: Path, counties: int, plans: int, pupils: int) -> None:
    """Fill a new database with the events of so many counties, and with what is true of them (schema truth)."""
    duck.create(database)
    with duck.memory(settings.threads, settings.memory, database.parent / "spill") as con:
        con.execute(f"attach '{duck.quoted(database)}' as made")
        con.execute("use made")
        _make_tables(con)
        for number in range(1, counties + 1):
            con.execute("attach ':memory:' as lives")
            con.execute("use lives")
            con.execute(VOCABULARY.format(seed=SEED + number))
            world = World(con, settings, plans, pupils, SEED + number, lambda line: None)
            for step in STEPS:
                step(world)
            _keep(world, f"{number:04d}")
            con.execute("use made")
            con.execute("detach lives")
            print(f"{number} of {counties} counties", end="\r", flush=True)
        print()
        # After the last county: a macro of the connection goes before those of a county's own seed.
        con.execute(VOCABULARY.format(seed=SEED).replace("create macro", "create temp macro"))
        _level(con)
        _sessions(con, counties)
        _residents(con, counties)
        _finish(con)
        _targets(con)
        con.execute("use memory")
        con.execute("detach made")


def _make_tables(con: duckdb.DuckDBPyConnection) -> None:
    """The tables that dbt would have built, by their contracts, and the events with their chances."""
    contracts = [
        model
        for file in sorted((REPOSITORY / "models").glob("**/_*__models.yml"))
        for model in read_yaml(file)["models"]
        if model["name"] in GIVEN
    ]
    for schema in ("core", "equity", "truth"):
        con.execute(f"create schema {schema}")
    for model in contracts:
        schema = "equity" if model["name"].startswith("equity__") else "core"
        columns = ", ".join(f"{c['name']} {c['data_type'].replace('string', 'varchar')}" for c in model["columns"])
        con.execute(f"create table {schema}.{model['name']} ({columns})")
    con.execute("create table truth.event as select *, null::double as chance from equity.equity__metric_event")
    con.execute(
        "create table truth.person (period_id varchar, person_key varchar, district varchar, ward varchar,"
        " school varchar, idaci_quintile varchar, ethnicity varchar, sex varchar, primary_need varchar)"
    )
    # Residents of the first county by small area and age: all counties have these, and events of their own.
    con.execute(
        "create table truth.cell (cell integer, lsoa varchar, ward varchar, district varchar, idaci_quintile integer,"
        " age integer, persons double)"
    )


def _keep(world: World, period_id: str) -> None:
    """The events of one county, with the chance that each was given."""
    exception, prompt = life_plan.rates(world)
    chance_apart = {}
    for phase in life_placement.BANDS:
        need, *by_need = life_placement.settings_by_need(phase)
        chance_apart[phase] = [sum(one.get(kind, 0.0) for kind in life_placement.INDEPENDENT) for one in by_need]
    waits = planted("HC02", "district")
    seen_in_time = by_value(
        "district", {district_number(code): rate for code, rate in waits.items() if code != "rest"}, waits["rest"]
    )
    all_seen_by = health.months(world)[-1][2]
    weight = life_plan.weight_in_force()
    weights = np.array([row[0] for row in world.con.execute(f"select {weight} from person").fetchall()])
    world.sql(
        """
        insert into made.truth.event
        with issued as (
            select
                l.n, l.seq, l.district, l.start_date - c.received_date as days, c.has_exception,
                {exception} as chance_of_exception, {pace} as pace, {prompt} as prompt, year(l.start_date) as year
            from plan_life as l inner join plan_clock as c on c.n = l.n and c.seq = l.seq
            where l.start_date between date '2024-01-01' and {as_at} and not l.is_transfer_in
        ),
        event as (
            select
                'TM04' as metric_id, n, seq, days <= 140 as has_happened, null as value, pace * prompt as chance,
                unnest(['', '{year_of}' || year]) as of_year
            from issued where not has_exception
            union all
            select
                'TM05', n, seq, days <= 140, null,
                pace * (chance_of_exception * least(prompt, {excepted_prompt}) + (1 - chance_of_exception) * prompt), ''
            from issued
            union all
            select 'TM08', n, seq, has_exception, null, chance_of_exception, '' from issued
            union all
            select 'TM06', n, seq, null, days / 7, null, '' from issued
            union all
            -- Drawn without replacement, by weight: the chance at which the expected number is the number of plans.
            select 'ID02', n, 1, coalesce(c.class = 'active', false), null, 1 - exp(-{weight} * {threshold}), ''
            from person left join plan_class as c using (n)
            where age between 5 and 15
            union all
            select 'PL03', n, 1, is_out, null, null, ''
            from segment where class = 'active' and leaving_date is null
            union all
            select 'PL04', n, 1, setting in {independent}, null,
                case when sen_type = '{need}' then {chance_of_need} else {chance_of_others} end, ''
            from segment inner join plan_need using (n, seq)
            where class = 'active' and leaving_date is null and rank = 1
            union all
            -- So early that all who are ever seen have been seen.
            select 'HC02', n, 1, first_contact - received_date <= 126, null, {seen_in_time}, ''
            from referral_life inner join person using (n, district)
            where team = '31' and first_contact is not null and received_date + 390 <= date '{all_seen_by}'
        )
        select
            metric_id, 'base', '{period_id}' || of_year, n::varchar, concat_ws('-', n, seq), 10, has_happened::double,
            case when value is null then 1.0 end, 0.0, value, chance
        from event;
        insert into made.truth.person
        select
            '{period_id}', p.n::varchar, l.district_code, l.ward_code, coalesce(m.urn::varchar, 'unknown'),
            p.idaci_quintile::varchar, p.ethnicity, p.sex, coalesce(need.sen_type, 'unknown')
        from person as p
        inner join lsoa as l on l.is_own and l.n = p.lsoa
        left join mainstream as m on m.n = p.n and m.kind = case when p.age <= 11 then 'primary' else 'secondary' end
        left join (select n, any_value(sen_type) as sen_type from plan_need where rank = 1 group by n) as need
            on need.n = p.n
        where p.n::varchar in (select person_key from made.truth.event where period_id = '{period_id}');
        insert into made.truth.person by name
        select * replace (of_year.period_id as period_id)
        from made.truth.person as person
        inner join (
            select distinct period_id, person_key from made.truth.event
            where starts_with(period_id, '{period_id}{year_of}')
        ) as of_year using (person_key)
        where person.period_id = '{period_id}';
        insert into made.truth.cell
        select
            row_number() over (order by l.code, p.age), l.code, l.ward_code, l.district_code, l.idaci_quintile, p.age,
            count(*)
        from person as p
        inner join lsoa as l on l.is_own and l.n = p.lsoa
        where p.age <= 24 and '{period_id}' = '0001'
        group by l.code, l.ward_code, l.district_code, l.idaci_quintile, p.age;
        """,
        period_id=period_id,
        exception=by_value("l.district", exception, 0.0),
        prompt=by_value("l.district", prompt, 0.0),
        pace=life_plan.pace_sql(life_plan.pace(world), "l.start_date"),
        year_of=YEAR_OF,
        independent=tuple(sorted(life_placement.INDEPENDENT)),
        need=need,
        chance_of_need=by_value("phase", {f"'{phase}'": its for phase, (its, _) in chance_apart.items()}, 0.0),
        chance_of_others=by_value("phase", {f"'{phase}'": others for phase, (_, others) in chance_apart.items()}, 0.0),
        excepted_prompt=share("issued_in_20_weeks_exceptions"),
        weight=weight,
        threshold=race_end(weights, world.plans),
        seen_in_time=seen_in_time,
        all_seen_by=all_seen_by,
    )


def race_end(weights: np.ndarray, size: int) -> float:
    """Where a race of exponential times with these rates has, on average, let `size` through."""
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if (1 - np.exp(-weights * middle)).sum() < size else (low, middle)
    return high


def _level(con: duckdb.DuckDBPyConnection) -> None:
    """The same children in counties where nothing is planted: each event with the chance of all counties together."""
    con.execute(
        """
        insert into truth.event by name
        select
            * exclude (level) replace (
                'L' || period_id as period_id,
                (u(concat_ws('|', period_id, event_key), concat('level ', metric_id)) < level)::double as numerator,
                level as chance
            )
        from (
            select *, sum(coalesce(chance, numerator)) over by_metric / sum(denominator) over by_metric as level
            from truth.event
            where denominator is not null
            window by_metric as (partition by metric_id)
        );
        insert into truth.person by name
        select * replace ('L' || period_id as period_id) from truth.person
        """
    )


def _sessions(con: duckdb.DuckDBPyConnection, counties: int) -> None:
    """Sessions that children miss (IN01): each child has a share of its own around that of its district. The same
    children may be excluded for good (IN06), which is rare."""
    random, of_exclusions = np.random.default_rng(SEED), np.random.default_rng(SEED + 2)
    districts = [
        row[0] for row in con.execute("select distinct district from truth.person order by district").fetchall()
    ]
    shape = (counties, len(districts), CHILDREN)
    for prefix, more in (("", MISSED_MORE), (LEVEL, 1.0)):
        chance = np.where(np.arange(len(districts)) == 1, MISSED * more, MISSED)[None, :, None]
        possible = random.integers(60, 191, shape)
        missed = random.binomial(possible, random.beta(ALIKE * chance, ALIKE * (1 - chance), shape))
        excluded_chance = chance * EXCLUDED / MISSED
        excluded = of_exclusions.binomial(1, np.broadcast_to(excluded_chance, shape))
        county, district, child = (index.ravel() for index in np.indices(shape))
        drawn = pa.table(
            {
                "period_id": [f"{prefix}{number + 1:04d}" for number in county],
                "person_key": [f"S{d}-{c}" for d, c in zip(district, child, strict=True)],
                "district": [districts[number] for number in district],
                "missed": missed.ravel().astype(float),
                "possible": possible.ravel().astype(float),
                "chance": np.broadcast_to(chance, shape).ravel(),
                "excluded": excluded.ravel().astype(float),
                "excluded_chance": np.broadcast_to(excluded_chance, shape).ravel(),
            }
        )
        con.register("drawn", drawn)
        con.execute(
            "insert into truth.event"
            " select 'IN01', 'base', period_id, person_key, person_key, 10, missed, possible, 0, null, chance"
            " from drawn"
            " union all"
            " select 'IN06', 'base', period_id, person_key, person_key, 10, excluded, 1, 0, null, excluded_chance"
            " from drawn"
        )
        con.execute(
            "insert into truth.person by name"
            " select period_id, person_key, district, 'unknown' as ward, 'unknown' as school,"
            " 'unknown' as idaci_quintile, 'unknown' as ethnicity, 'unknown' as sex, 'unknown' as primary_need"
            " from drawn"
        )
        con.unregister("drawn")


def _residents(con: duckdb.DuckDBPyConnection, counties: int) -> None:
    """Plans of residents (ID03): Poisson in each small area and year of age, at the planted ratio of the fifths."""
    ratio = max(planted("ID03", "idaci_quintile").values())
    con.execute(
        f"""
        create table truth.rate as
        select
            cell, lsoa, ward, district, idaci_quintile, age, persons,
            persons * (0.5 + age / 24e0) * {PLANS_PER_1000 / 1000} as expected_level,
            expected_level * pow({ratio}, (5 - idaci_quintile) / 4e0) as expected
        from truth.cell
        """
    )
    random = np.random.default_rng(SEED + 1)
    for prefix, column in (("", "expected"), (LEVEL, "expected_level")):
        means = con.execute(f"select {column} from truth.rate order by cell").fetchnumpy()[column]
        events = random.poisson(means, (counties, means.size))
        county, cell = (np.repeat(index.ravel(), events.ravel()) for index in np.indices(events.shape))
        drawn = pa.table({"period_id": [f"{prefix}{n + 1:04d}" for n in county], "cell": cell + 1})
        con.register("drawn", drawn)
        con.execute(
            "insert into truth.event"
            " select 'ID03', 'base', period_id, 'R' || cell, concat(cell, '-', row_number() over ()), age, 1, 0, 0,"
            " null, null"
            " from drawn inner join truth.rate using (cell)"
        )
        con.execute(
            "insert into truth.person by name"
            " select distinct period_id, 'R' || cell as person_key, district, ward, 'unknown' as school,"
            " idaci_quintile::varchar as idaci_quintile, 'unknown' as ethnicity, 'unknown' as sex,"
            " 'unknown' as primary_need"
            " from drawn inner join truth.rate using (cell)"
        )
        con.unregister("drawn")


def _finish(con: duckdb.DuckDBPyConnection) -> None:
    """What dbt reads: a county is a year, and level ones come first, so that rates of three years are of level ones;
    years of a county alone come last."""
    con.execute(
        """
        insert into equity.equity__metric_event select * exclude (chance) from truth.event;
        insert into equity.equity__person_period by name
        select
            *, 'unknown' as lsoa, 'unknown' as idaci_decile_county, 'unknown' as imd_decile_county,
            'unknown' as idaci_decile, 'unknown' as imd_decile, 'unknown' as ethnicity_group, 'unknown' as year_group,
            'unknown' as sen_status, 'unknown' as setting, 'unknown' as fsm,
            'unknown' as ever_6_fsm, 'unknown' as eal, 'unknown' as looked_after, 'unknown' as child_in_need
        from truth.person;
        insert into core.dim_period
        select
            period_id, 'calendar_year', day, day, day, period_id, null, year(day), true
        from (
            select
                period_id,
                make_date(
                    1000 + (
                        row_number() over (
                            order by contains(period_id, '/'), starts_with(period_id, 'L') desc, period_id
                        )
                    )::integer, 1, 1
                ) as day
            from (select distinct period_id from truth.event)
        );
        insert into core.fct_population
        select
            lsoa, age, district, idaci_quintile,
            case when age <= 4 then '00_04' when age <= 9 then '05_09' when age <= 15 then '10_15' when age <= 19
                then '16_19' else '20_24' end,
            persons
        from truth.cell;
        insert into core.dim_area by name
        select distinct
            'lsoa' as area_level, lsoa as area_code, ward as ward_code, district as district_code, true as in_county,
            idaci_quintile as idaci_quintile_county
        from truth.cell
        union all by name
        select distinct 'ward' as area_level, ward as area_code, district as district_code, true as in_county
        from truth.cell
        union all by name
        select distinct 'district' as area_level, district as area_code, district as district_code, true as in_county
        from truth.cell;
        """
    )


def _targets(con: duckdb.DuckDBPyConnection) -> None:
    """truth.target: the value of a group and of the rest of its county, as the chances have it; for Katz's and other
    ratios the two are divided."""
    con.execute(
        """
        create or replace table truth.target (
            metric_id varchar, measure varchar, period_id varchar, breakdown varchar, breakdown_value varchar,
            value double, rest_value double
        )
        """
    )
    for row in specification.rows("planted_inequality"):
        # Where a child is placed hangs on the setting drawn before: of the chance, the ratio alone is known.
        if row["metric_id"] == "PL03":
            con.execute(
                "insert into truth.target select 'PL03', 'share', period_id, ?, ?, ?, 1 from core.dim_period"
                f" where not starts_with(period_id, '{LEVEL}')",
                [row["subgroup_set"], row["subgroup_value"], float(row["strength"])],
            )
    groups = {"all": "'all'", "district": "district", "ward": "ward"} | {
        name: name for name in ("idaci_quintile", "ethnicity", "sex", "primary_need")
    }
    for breakdown, column in groups.items():
        con.execute(
            f"""
            insert into truth.target
            with grouped as (
                select
                    metric_id, period_id, {column} as breakdown_value,
                    sum(chance * denominator) as expected, sum(denominator) as base
                from truth.event inner join truth.person using (period_id, person_key)
                where chance is not null
                group by all
            ),
            whole as (
                select
                    *, sum(expected) over county - expected as rest_expected, sum(base) over county - base as rest_base
                from grouped
                window county as (partition by metric_id, period_id)
            )
            select
                metric_id, case metric_id when 'IN06' then 'rate' else 'share' end, period_id, '{breakdown}',
                breakdown_value, multiplier * expected / base,
                case when rest_base > 0 then multiplier * rest_expected / rest_base end
            from (select *, case metric_id when 'IN06' then 100 else 1 end as multiplier from whole);
            -- Weeks are as the generator draws them; their mean and percentiles are those of all counties together.
            insert into truth.target
            with value_of as (
                select {column} as breakdown_value, value
                from truth.event inner join truth.person using (period_id, person_key)
                where value is not null
            ),
            pooled as (
                select
                    breakdown_value,
                    unnest(['mean_weeks', 'median_weeks', 'p90_weeks']) as measure,
                    unnest([avg(value), quantile_cont(value, 0.5), quantile_cont(value, 0.9)]) as value
                from value_of
                group by breakdown_value
            )
            select 'TM06', measure, period_id, '{breakdown}', breakdown_value, value, null
            from pooled cross join (select distinct period_id from truth.event where not starts_with(period_id, 'L'));
            """
        )
    for breakdown in ("all", "district", "ward", "idaci_quintile"):
        column = f"'{breakdown}'" if breakdown == "all" else f"rate.{breakdown}::varchar"
        for periods, expected in (
            ("not starts_with(period_id, 'L')", "expected"),
            ("starts_with(period_id, 'L')", "expected_level"),
        ):
            con.execute(
                f"""
                insert into truth.target
                with banded as (
                    select
                        {column} as breakdown_value, age_band, sum({expected}) as expected, sum(rate.persons) as persons
                    from truth.rate as rate
                    inner join core.fct_population as population
                        on population.lsoa21_code = rate.lsoa and population.age = rate.age
                    group by all
                ),
                weighted as (
                    select *, sum(persons) over (partition by age_band) as weight from banded
                ),
                rated as (
                    select
                        breakdown_value, sum(expected) as expected, sum(persons) as persons,
                        sum(weight * expected / persons) / sum(weight) as standardised
                    from weighted
                    group by breakdown_value
                ),
                whole as (
                    select
                        *, sum(expected) over () - expected as rest_expected,
                        sum(persons) over () - persons as rest_persons
                    from rated
                )
                select
                    'ID03', unnest(['crude_rate', 'standardised_rate']), period_id, '{breakdown}', breakdown_value,
                    unnest([1000 * expected / persons, 1000 * standardised]),
                    unnest([case when rest_persons > 0 then 1000 * rest_expected / rest_persons end, null])
                from whole
                cross join (select distinct period_id from truth.event where {periods})
                """
            )
