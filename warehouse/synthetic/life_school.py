"""School: the one a child would go to, SEN support, and the roll of each term."""

from __future__ import annotations

from datetime import date

from warehouse.synthetic.world import World, choose, first_thursday, share, third_thursday


def schooling(world: World) -> None:
    """The mainstream school a person would go to in each phase, and in which sector."""
    world.sql(
        """
        create table schooling as
        select
            n, lsoa,
            case when u(n, 'sector') < 0.93 then 'state' when u(n, 'sector') < 0.985 then 'independent'
                when u(n, 'sector') < 0.996 then 'home' else 'none' end as sector,
            case when u(n, 'nearest') < 0.62 then 1 when u(n, 'nearest') < 0.86 then 2 else 3 end as place,
            -- Until then a child who is taught at home, or is nowhere, was at school. More begin each year at home,
            -- and some from their first day.
            case when u(n, 'sector') between 0.985 and 0.996
                then (reception_start + floor(({as_at} - reception_start) * sqrt(u(n, 'home from')))::integer)::date
                when u(n, 'sector') >= 0.996 then date '2026-09-10' + draw(n, 'missing from', 0, 120) end as away_from,
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


def roll(world: World) -> None:
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
                        - case when u(p.n, 'out of year') < 0.004 and year_group(p.birth_date, date '{day}') > 0
                            then 1 else 0 end
                    )::integer as year_group
                from person as p inner join schooling as sc on sc.n = p.n
                where year_group(p.birth_date, date '{day}') between -2 and 14
            ),
            planned as (
                select s.n, s.urn, s.setting, s.entry_date, s.sen_unit, s.resourced_provision, school.is_own
                    and school.is_open
                    and s.kind is distinct from 'independent_special'
                        and s.setting in ('main', 'rp', 'unit', 'ss', 'ap') as is_on_roll
                from segment as s left join school on school.urn = s.urn
                where s.entry_date <= date '{day}' and coalesce(s.leaving_date, date '{day}') >= date '{day}'
                    and s.held_from <= date '{day}'
                qualify row_number() over (partition by s.n order by s.entry_date desc, s.phase) = 1
            ),
            phased as (
                select pupil.*, planned.urn as planned_urn, planned.setting, planned.entry_date as planned_entry,
                    planned.sen_unit, planned.resourced_provision, planned.is_on_roll, planned.n is not null
                        as has_plan,
                    case when pupil.year_group < 0 then case when pupil.in_nursery_school then 'nursery'
                        else 'primary' end
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
                    when exists (select 1 from sen_support as k where k.n = placed.n and k.from_date <= date '{day}')
                        then 'K'
                    else 'N' end,
                coalesce(sen_unit, false), coalesce(resourced_provision, false), has_plan
            from placed
            where urn is not null and (
                (has_plan and is_on_roll)
                or (not has_plan and (sector = 'state' or away_from > date '{day}') and year_group between 0 and 11)
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
        select roll.* replace (dual.urn as urn, 'S' as enrolment_status, false as sen_unit, false
            as resourced_provision)
        from roll inner join dual using (census_year, census_term, n);
        update roll set enrolment_status = 'M'
        from dual
        where roll.enrolment_status = 'C' and dual.census_year = roll.census_year
            and dual.census_term = roll.census_term and dual.n = roll.n;
        """
    )
    world.count(
        "pupils on roll, last spring census",
        "roll where census_day = (select max(census_day) from roll) and enrolment_status <> 'S'",
    )
