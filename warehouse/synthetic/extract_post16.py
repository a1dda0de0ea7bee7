"""After 16: the monthly client caseload, and the learner record of three colleges."""

from __future__ import annotations

from warehouse.synthetic.extract_table import make
from warehouse.synthetic.world import World, share

MONTHS = ("2026-11", "2026-12")


def build(world: World) -> None:
    """Young people of academic age 16 and 17, and older ones with a plan."""
    months = ", ".join(f"('{month}', last_day(date '{month}-01'))" for month in MONTHS)
    world.sql(
        """
        create table young_person as
        select p.n, p.forename, p.surname, p.birth_date, p.sex, p.postcode, i.upn, i.uln,
            at_school.urn is not null as is_at_school,
            exists (select 1 from plan_life as l where l.n = p.n and l.class = 'active') as has_plan,
            exists (select 1 from sen_support as k where k.n = p.n) as had_support,
            'NC' || lpad(scrambled(p.n + 23)::varchar, 8, '0') as young_person_id
        from person as p
        inner join identity as i on i.n = p.n
        left join (select n, min(urn) as urn from roll where census_year = 2026 and census_term = 'autumn' group by n)
            as at_school on at_school.n = p.n
        where year_group(p.birth_date, date '2026-09-01') in (12, 13)
            or (year_group(p.birth_date, date '2026-09-01') between 14 and 19
                and exists (select 1 from plan_life as l where l.n = p.n and l.class = 'active'));
        create table activity as
        select y.*,
            case when is_at_school then '210' when u(n, 'after 16') < 0.62 then '230'
                when u(n, 'after 16') < 0.7 then '310'
                when u(n, 'after 16') < 0.78 then '330' when u(n, 'after 16') < 0.84 then '540'
                when u(n, 'after 16') < 0.87 then '650' when u(n, 'after 16') < 0.9 then '460'
                else '810' end as activity_code
        from young_person as y
        """
    )
    make(
        world,
        "nccis",
        "young_person",
        """
        select
            m.month, a.young_person_id, case when u(a.n, 'caseload has UPN') < 0.85 then a.upn end as upn,
            a.uln, a.surname, a.forename, a.birth_date, a.sex, a.postcode, 'P' as cohort_status, a.activity_code,
            date '2026-09-01' + draw(a.n, 'activity from', 0, 20) as activity_start_date,
            case when a.activity_code <> '810' then m.last_day - case when u(a.n, 'lapsed') < {lapsed}
                then draw(a.n, 'verified long ago', 370, 500) else draw(a.n, 'verified', 5, 85) end end
                as verified_date,
            case when a.activity_code in ('540', '650') then date '2026-09-15' + draw(a.n, 'neet from', 0, 40) end
                as neet_start_date,
            case when a.has_plan or a.had_support then 'Y' else 'N' end as has_send_flag,
            case when a.activity_code = '460' then 'Y' else 'N' end as is_supported_internship,
            'nccis_' || m.month || '.csv' as _file, a.young_person_id as _sort, a.n as _n
        from activity as a, (values {months}) as m(month, last_day)
        """,
        months=months,
        lapsed=share("nccis_lapsed"),
    )
    world.sql(
        """
        create table learner as
        select a.*, '2627' as collection_year, (10000100 + draw(a.n, 'college', 0, 2))::varchar as ukprn,
            'L' || lpad(a.n::varchar, 9, '0') as learner_reference
        from activity as a where a.activity_code = '230'
        """
    )
    whose = "collection_year, ukprn, learner_reference"
    place = "'ILR_' || ukprn || '_2627.xml' as _file, n as _n"
    make(
        world,
        "ilr",
        "learner",
        """
        select {whose}, case when u(n, 'ULN not yet known') < 0.03 then '9999999999' else uln end as uln,
            surname, forename, birth_date, sex, postcode,
            case when has_plan or had_support then '1' when u(n, 'LLDD not said') < 0.05 then '9' else '2' end
                as lldd_health_problem,
            540 + draw(n, 'hours', 0, 60) as planned_learning_hours, learner_reference as _sort, {place}
        from learner
        """,
        whose=whose,
        place=place,
    )
    make(
        world,
        "ilr",
        "lldd",
        """
        select {whose}, list_extract(['12', '13', '10', '9', '14', '97'], draw(n, 'LLDD', 1, 6)) as lldd_category,
            '1' as is_primary, learner_reference || '1' as _sort, {place}
        from learner where has_plan or had_support
        """,
        whose=whose,
        place=place,
    )
    make(
        world,
        "ilr",
        "funding_monitoring",
        """
        select {whose}, k.fam_type, '1' as fam_code, learner_reference || k.fam_type as _sort, {place}
        from learner, (values ('EHC', 0.85), ('HNS', 0.6)) as k(fam_type, recorded)
        -- Providers record fewer plans than there are.
        where has_plan and u(n, k.fam_type) < k.recorded
        """,
        whose=whose,
        place=place,
    )
    make(
        world,
        "ilr",
        "learning_delivery",
        """
        select {whose}, k.aim as aim_number, case k.aim when 1 then '5' else '3' end as aim_type,
            date '2026-09-07' as start_date, date '2027-07-02' as planned_end_date, '25' as funding_model,
            '1' as completion_status, learner_reference || k.aim as _sort, {place}
        from learner, (values (1), (2)) as k(aim)
        """,
        whose=whose,
        place=place,
    )
