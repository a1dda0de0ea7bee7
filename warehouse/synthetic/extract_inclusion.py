"""Children who are not, or not wholly, in school, and attendance: what the council is told between the censuses."""

from __future__ import annotations

from warehouse.synthetic.extract_table import make
from warehouse.synthetic.world import World

# The autumn term before the as-at date, and its second half: the weeks of the daily registers.
ACADEMIC_YEAR = 2026
# The registers of part-time timetables and of children missing education go back so far, as indicators do.
REGISTER_YEARS = "(values (2024), (2025), (2026)) as y(year)"
HALF_TERM = ("date '2026-11-02'", "date '2026-12-18'")


def attendance(world: World) -> None:
    """Daily sessions of children with a plan or SEN support in the last half term, and a summary of all pupils."""
    world.sql(
        """
        create table register as
        select r.n, r.urn, i.upn, r.sen_provision,
            -- Some miss most of school.
            case when u(r.n, 'severe absence')
                    < case r.sen_provision when 'E' then 0.06 when 'K' then 0.04 else 0.015 end
                then 0.6 + 0.35 * u(r.n, 'absence')
                else 0.03 + 0.12 * pow(u(r.n, 'absence'), 3)
                    + case r.sen_provision when 'E' then 0.05 when 'K' then 0.03 else 0 end end as absence,
            -- The registers mark more of them than the council is told of.
            r.sen_provision in ('E', 'K') and u(r.n, 'part time') < 0.03 as is_part_time
        from roll as r inner join identity as i on i.n = r.n
        where r.census_day = (select max(census_day) from roll) and r.enrolment_status <> 'S'
            and r.year_group between 0 and 11 and i.upn is not null
        """
    )
    make(
        world,
        "attendance",
        "session",
        """
        with day as (
            select d::date as session_date from range({first}, {last} + 1, interval 1 day) as r(d) where isodow(d) <= 5
        ),
        mark as (
            select g.n, g.urn, g.upn, g.absence, g.is_part_time, d.session_date, half.session,
                u(g.n * 1000 + date_diff('day', {first}, d.session_date), 'mark') as drawn
            from register as g, day as d, (values ('AM'), ('PM')) as half(session)
            where g.sen_provision in ('E', 'K')
        )
        select
            strftime(session_date, '%Y-%m') as month, upn, urn, session_date, session,
            case when drawn < absence * 0.5 then 'I' when drawn < absence * 0.7 then 'N'
                when drawn < absence * 0.78 and is_part_time then 'C2' when drawn < absence * 0.86 then 'U'
                when drawn < absence * 0.9 then 'E' when drawn < absence * 0.95 then 'M'
                when drawn < absence then 'G' when session = 'AM' then '/' else '\\' end as attendance_code,
            'attendance_sessions_' || strftime(session_date, '%Y-%m') || '.csv' as _file,
            upn || strftime(session_date, '%m%d') || session as _sort, n as _n
        from mark
        """,
        first=HALF_TERM[0],
        last=HALF_TERM[1],
    )
    make(
        world,
        "attendance",
        "termly_summary",
        """
        with counted as (
            select *, round(140 * absence * 0.5)::integer as ill, round(140 * absence * 0.05)::integer as medical,
                round(140 * absence * 0.04)::integer as suspended,
                case when is_part_time then 14 else 0 end as reduced,
                round(140 * absence * 0.05)::integer as holiday, round(140 * absence * 0.2)::integer as no_reason,
                round(140 * absence * 0.08)::integer as late
            from register
        )
        select
            {year} as academic_year, 'autumn' as term, upn, urn, 140 as sessions_possible,
            140 - ill - medical - suspended - reduced - holiday - no_reason - late as sessions_present,
            ill as sessions_illness, medical as sessions_medical, suspended as sessions_suspended,
            reduced as sessions_reduced_timetable, 0 as sessions_authorised_other, holiday as sessions_holiday,
            no_reason as sessions_no_reason, late as sessions_unauthorised_other, 0 as sessions_not_possible,
            'attendance_summary_{year}_autumn.csv' as _file, upn as _sort, n as _n
        from counted
        """,
        year=ACADEMIC_YEAR,
    )


def registers(world: World) -> None:
    """Notices of exclusions, part-time timetables, home education and children missing education."""
    pupil = "i.upn, p.surname, p.forename, p.birth_date"
    make(
        world,
        "inclusion",
        "exclusion",
        """
        select
            'X' || upper(substr(e.row_id, 1, 10)) as exclusion_id, {pupil}, e.urn, e.category, e.reason as reason_1,
            e.start_date, case when e.category = 'SUSP' then weekday_after((e.start_date + e.sessions // 2)::date) end
                as end_date,
            case when e.category = 'SUSP' then e.sessions end as sessions, e.sen_provision,
            case when e.category = 'PERM' and u(e.row_id, 'withdrawn') < 0.1 then e.start_date + 12 end
                as withdrawn_date,
            'inclusion_exclusions.csv' as _file, e.row_id as _sort, e.n as _n
        from exclusion_life as e
        inner join person as p on p.n = e.n
        inner join identity as i on i.n = e.n
        -- Schools do not tell the council of every suspension.
        where u(e.row_id, 'told') < 0.94
        """,
        pupil=pupil,
    )
    make(
        world,
        "inclusion",
        "part_time_timetable",
        """
        with put as (
            select g.*, y.year, case when y.year = {year} then g.n::varchar else concat(g.n, '-', y.year) end as t
            from register as g, {years}
            where g.sen_provision in ('E', 'K')
        ),
        dated as (
            select *, make_date(year, 9, 7) + draw(t, 'part time from', 0, 90) as from_date from put
        )
        select
            'T' || g.t as timetable_id, {pupil}, g.urn, g.from_date as start_date, g.from_date + 91 as planned_end_date,
            case when g.year < {year} then least(g.from_date + draw(g.t, 'part time weeks', 4, 28) * 7,
                    make_date(g.year + 1, 7, 17))
                when u(g.t, 'part time over') < 0.4 then date '2026-12-18' end as end_date,
            draw(g.t, 'part time hours', 5, 20) as hours_per_week,
            list_extract(['medical', 'mental_health', 'reintegration', 'transition', 'behaviour', 'sen'],
                draw(g.t, 'part time why', 1, 6)) as reason,
            g.from_date + 42 as review_date,
            u(g.t, 'parent agrees') < 0.9 as parent_agrees,
            'inclusion_part_time_timetables.csv' as _file, 'T' || g.t as _sort, g.n as _n
        from dated as g
        inner join person as p on p.n = g.n
        inner join identity as i on i.n = g.n
        where u(g.t, 'part time') < 0.02 and year_group(p.birth_date, g.from_date) >= 0
        """,
        pupil=pupil,
        year=ACADEMIC_YEAR,
        years=REGISTER_YEARS,
    )
    away = """
        from schooling as s
        inner join person as p on p.n = s.n
        inner join identity as i on i.n = s.n
        where s.sector = '{}' and p.age between 5 and 15 and p.n not in (select n from register)
    """
    make(
        world,
        "inclusion",
        "elective_home_education",
        """
        select
            'H' || p.n as ehe_id, {pupil}, p.sex, p.postcode,
            s.away_from as start_date,
            list_extract(['philosophy', 'school', 'sen', 'mental_health', 'bullying', 'unknown'],
                draw(p.n, 'home why', 1, 6)) as reason,
            case when u(p.n, 'home judged') < 0.7 then u(p.n, 'home suitable') < 0.85 end as is_education_suitable,
            'inclusion_elective_home_education.csv' as _file, 'H' || p.n as _sort, p.n as _n
        {away}
        """,
        pupil=pupil,
        away=away.format("home"),
    )
    make(
        world,
        "inclusion",
        "missing_education",
        """
        with lost as (
            select p.n, p.n::varchar as m, s.away_from as notified_date, null::date as closed_date
            {away}
            union all
            -- Those of the years before are at school again: missed after the autumn census, back before spring's.
            select g.n, concat(g.n, '-', y.year),
                make_date(y.year, 10, 12) + draw(concat(g.n, '-', y.year), 'missing from', 0, 60),
                make_date(y.year + 1, 1, 2) + draw(concat(g.n, '-', y.year), 'missing until', 0, 9)
            from register as g inner join {years} on y.year < {year}
            where u(concat(g.n, '-', y.year), 'was missing')
                < case when g.sen_provision in ('E', 'K') then 0.004 else 0.001 end
        )
        select
            'M' || m as cme_id, {pupil}, p.sex, p.postcode, notified_date, closed_date,
            list_extract(['no_place', 'moved_in', 'removed', 'unsuitable', 'unknown'], draw(m, 'missing why', 1, 5))
                as reason,
            'inclusion_missing_education.csv' as _file, 'M' || m as _sort, p.n as _n
        from lost
        inner join person as p on p.n = lost.n
        inner join identity as i on i.n = lost.n
        where age_on(p.birth_date, notified_date) between 5 and 15
        """,
        pupil=pupil,
        away=away.format("none"),
        year=ACADEMIC_YEAR,
        years=REGISTER_YEARS,
    )


def other_censuses(world: World) -> None:
    """The council's alternative provision census, and the early years census, of each collection year."""
    years = ", ".join(f"({year}, date '{day}')" for year, day in world.census_days.items())
    make(
        world,
        "ap_census",
        "pupil",
        """
        select
            y.year as collection_year, i.upn, p.surname, p.forename, p.birth_date, p.sex, p.ethnicity, p.postcode,
            case when exists (select 1 from sen_support as k where k.n = p.n) then 'K' else 'N' end as sen_provision,
            near.urn, list_extract(['BHS', 'EXR', 'MHN', 'PHN', 'OTH'], draw(p.n, 'council placed why', 1, 5))
                as placement_reason,
            list_extract(['1', '2'], draw(p.n, 'council placed how', 1, 2)) as attendance_pattern,
            draw(p.n, 'council placed hours', 8, 25) as hours_per_week,
            y.day - draw(p.n, 'council placed on', 20, 200) as entry_date,
            'ap_census_' || y.year || '.xml' as _file, lpad(p.n::varchar, 9, '0') as _sort, p.n as _n
        from schooling as s
        inner join person as p on p.n = s.n
        inner join identity as i on i.n = s.n
        inner join near_school as near on near.lsoa = p.lsoa and near.kind = 'alternative' and near.place = 1
        inner join (values {years}) as y(year, day) on age_on(p.birth_date, y.day) between 10 and 15
        where s.sector in ('none', 'home') and u(p.n, 'council placed') < 0.35
        """,
        years=years,
    )
    make(
        world,
        "early_years_census",
        "child",
        """
        with attending as (
            select y.year, p.*, k.place,
                'EY' || (300000 + p.lsoa * 7 + draw(p.n + k.place, 'setting', 0, 3))::varchar as setting_urn
            from person as p
            inner join (values {years}) as y(year, day) on age_on(p.birth_date, y.day) between 2 and 4
                and p.reception_start > y.day
            inner join schooling as s on s.n = p.n
            inner join (values (1), (2)) as k(place) on k.place = 1 or u(p.n, 'two settings') < 0.05
            where not s.has_nursery_place and u(p.n, 'early years') < 0.75
        )
        select
            a.year as collection_year, a.setting_urn, 'C' || a.n as child_reference, a.surname, a.forename,
            a.birth_date, a.sex, a.ethnicity, a.postcode,
            case when u(a.n, 'early years sen') < 0.07 then 'K' else 'N' end as sen_provision,
            make_date(a.year - 1, 9, 4) as start_date,
            15.0 / count(*) over (partition by a.year, a.n) as universal_hours,
            case when u(a.n, 'extended hours') < 0.4 then 15.0 / count(*) over (partition by a.year, a.n) end
                as extended_hours,
            case when u(a.n, 'disability fund') < 0.02 then 'true' else 'false' end as has_disability_access_fund,
            a.year || '_early_years_census.csv' as _file, a.setting_urn || a.n as _sort, a.n as _n
        from attending as a
        qualify row_number() over (partition by a.year, a.setting_urn, a.n order by a.place) = 1
        """,
        years=years,
    )
