"""Results of the statutory assessments of last summer, and transfer files of those who moved up to secondary school."""

from __future__ import annotations

from warehouse import specification
from warehouse.synthetic.extract_table import make
from warehouse.synthetic.world import World

ACADEMIC_YEAR = 2025
FILES_OF_TRANSFER = 40


def attainment(world: World) -> None:
    """One file per stage; a need makes a result less likely, and nothing else does."""
    world.sql(
        """
        create table examined as
        select r.n, r.urn, r.year_group, i.upn, p.surname, p.forename, p.birth_date,
            least(0.98, greatest(0.02, u(r.n, 'ability')
                - case r.sen_provision when 'E' then 0.45 when 'K' then 0.25 else 0 end + 0.15)) as ability
        from roll as r
        inner join identity as i on i.n = r.n
        inner join person as p on p.n = r.n
        where r.census_year = 2026 and r.census_term = 'summer' and r.enrolment_status <> 'S' and i.upn is not null
        """
    )
    goals = [c.name for c in specification.extract("attainment", "eyfsp").columns if c.name.startswith("goal_")]
    each = ", ".join(
        f"case when u(n, '{goal}') < 0.35 + 0.65 * ability then '2' else '1' end as {goal}" for goal in goals
    )
    outcome = (
        "case when ability < 0.06 then 'B' when ability + u(n, '{0}') * 0.3 > 1.0 then 'GDS'"
        " when ability + u(n, '{0}') * 0.3 > 0.42 then 'EXS' else 'WTS' end as {0}_outcome"
    )
    score = (
        "case when ability < 0.06 then null else 80 + round(ability * 34 + u(n, '{0}') * 6)::integer end as {0}_score"
    )
    for stage, year_group, columns in (
        ("eyfsp", 0, f"{each}, case when ability > 0.35 then '1' else '0' end as good_level_of_development"),
        (
            "phonics",
            1,
            "case when ability < 0.04 then null else least(40, round(12 + ability * 32))::integer end as phonics_mark,"
            " case when ability < 0.04 then 'D' when round(12 + ability * 32) >= 32 then 'Wa' else 'Wt' end"
            " as phonics_outcome",
        ),
        ("mtc", 4, "least(25, round(6 + ability * 22))::integer as mtc_score"),
        (
            "ks2",
            6,
            ", ".join(outcome.format(name) for name in ("reading", "grammar", "maths", "writing"))
            + ", "
            + ", ".join(score.format(name) for name in ("reading", "grammar", "maths")),
        ),
        (
            "ks4",
            11,
            "case when ability < 0.04 then 'NE' else round(8 + ability * 72, 1)::varchar end as attainment_8,"
            " case when u(n, 'no prior attainment') < 0.05 then 'x' else round(ability * 4 - 2.2, 2)::varchar end"
            " as progress_8, case when ability > 0.5 then '1' else '0' end as pass_in_english_and_maths",
        ),
    ):
        make(
            world,
            "attainment",
            stage,
            "select {year} as academic_year, upn, surname, forename, birth_date, urn, {columns},"
            " '{year}_{stage}.csv' as _file, upn as _sort, n as _n from examined where year_group = {year_group}",
            year=ACADEMIC_YEAR,
            stage=stage,
            year_group=year_group,
            columns=columns,
        )


def transfers(world: World) -> None:
    """Files of some pairs of schools, of pupils with SEN who moved up in September."""
    world.sql(
        """
        create table transfer as
        with moved as (
            select a.n, a.native_id as from_school, b.native_id as to_school, a.entry_date, a.sen_provision
            from roll_key as a
            inner join roll_key as b on b.n = a.n and b.census_year = 2026 and b.census_term = 'autumn'
            where a.census_year = 2026 and a.census_term = 'summer' and a.year_group = 6 and a.enrolment_status = 'C'
                and b.enrolment_status = 'C' and a.sen_provision in ('K', 'E') and a.native_id <> b.native_id
        ),
        pair as (
            select from_school, to_school from (select distinct from_school, to_school from moved)
            order by md5(concat('{seed}', from_school, to_school)) limit {files}
        )
        select moved.*, '001' as serial, from_school || '_CTF_' || to_school || '_001.xml' as file,
            lpad(moved.n::varchar, 9, '0') as sort,
            row_number() over (partition by from_school, to_school order by moved.n) as pupil_number,
            coalesce(
                (select min(k.from_date) from sen_support as k where k.n = moved.n),
                (select min(l.start_date) - 420 from plan_life as l where l.n = moved.n)
            ) as support_from,
            (select min(l.start_date) from plan_life as l where l.n = moved.n) as plan_from
        from moved inner join pair using (from_school, to_school)
        """,
        seed=world.seed,
        files=FILES_OF_TRANSFER,
    )
    whose = "t.from_school, t.to_school, t.serial, t.pupil_number"
    make(
        world,
        "ctf",
        "pupil",
        """
        select {whose}, '2026-07-20T10:00:00' as sent_date, i.upn, p.surname, p.forename, p.birth_date, p.sex,
            t.file as _file, t.sort as _sort, t.n as _n
        from transfer as t inner join person as p on p.n = t.n inner join identity as i on i.n = t.n
        """,
        whose=whose,
    )
    make(
        world,
        "ctf",
        "sen_history",
        """
        select {whose}, s.start_date, s.sen_provision, t.file as _file, t.sort || s.sen_provision as _sort, t.n as _n
        from transfer as t, lateral (
            -- Some schools know of no day before the one on which the pupil came to them.
            select (case when u(t.n, 'start lost') < 0.2 then t.entry_date else t.support_from end)::date as start_date,
                'K' as sen_provision
            union all
            select t.plan_from::date, 'E'
        ) as s
        where s.start_date is not null and (s.sen_provision = 'K' or t.sen_provision = 'E')
        """,
        whose=whose,
    )
    make(
        world,
        "ctf",
        "school_history",
        """
        select {whose}, substr(t.from_school, 1, 3) as la_code, substr(t.from_school, 4) as establishment_number,
            t.entry_date, date '2026-07-21' as leaving_date, t.file as _file, t.sort || '1' as _sort, t.n as _n
        from transfer as t
        """,
        whose=whose,
    )
