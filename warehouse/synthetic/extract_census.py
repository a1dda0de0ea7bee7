"""School census, as COLLECT exports it: one file per table and term."""

from __future__ import annotations

from warehouse.synthetic.extract_table import make
from warehouse.synthetic.world import World

CENSUS_FORMAT = "%Y-%b-%d 00:00:00"
# Sessions of a term, and of a term in which the pupil left.
TERM, LEFT_TERM = 120, 60
# Before it the rolls tell totals and no file tells why; since then a file tells of each code, and no roll a total.
BY_CODE_SINCE = "date '2026-09-01'"
HALVES = {"termly": "", "summerhalfterm2": "_half_term_2"}
# Columns of a row of the roll; a total of none is left blank, as schools' systems do.
SESSIONS_OF_ROLL = ", ".join(
    f"sessions.possible{half} || '.0' as sessions_possible{half}, "
    + ", ".join(
        f"case when sessions.has_totals then nullif(sessions.{missed}{half}, 0) || '.0' end as sessions_{missed}{half}"
        for missed in ("authorised", "unauthorised")
    )
    for half in HALVES.values()
)


def build(world: World) -> None:
    world.sql(
        """
        create table roll_key as
        select
            r.*, s.la_code || s.establishment_number as native_id,
            substr(md5(concat('{seed}', r.census_year, r.census_term, r.urn, '|', r.n)), 1, 16) as row_id,
            case when p.moved_date is not null and p.moved_date > r.census_day then p.old_postcode else p.postcode end
                as postcode_then
        from roll as r
        inner join school as s on s.urn = r.urn
        inner join person as p on p.n = r.n
        """,
        seed=world.seed,
    )
    _leavers(world)
    _sessions(world)
    name = "census_year || '_' || census_term || '_{}.csv'"
    year_group = "case r.year_group when -2 then 'N1' when -1 then 'N2' when 0 then 'R' else r.year_group::varchar end"
    true_false = "case when {} then 'True' else 'False' end"
    make(
        world,
        "school_census",
        "pupil_on_roll",
        """
        select
            r.census_year, r.census_term, r.row_id as pupil_on_roll_table_id, r.native_id,
            strftime(p.birth_date, '{fmt}') as birth_date, p.surname, p.forename, i.upn,
            case when r.year_group >= 9 then i.uln end as uln, p.sex,
            strftime(r.entry_date, '{fmt}') as entry_date, r.enrolment_status, {year_group} as nc_year_actual,
            r.sen_provision,
            {unit} as sen_unit_indicator, {rp} as resourced_provision_indicator, {top_up} as top_up_funding,
            case when r.census_term = 'spring' then p.ethnicity end as ethnicity,
            case when r.census_term = 'spring' then p.language end as language,
            {part_time} as part_time,
            'N' as boarder,
            case when u(p.family, 'service') < 0.009 then 'Y' else 'N' end as service_child,
            case when u(p.n, 'carer') < 0.007 then 'Y' else 'N' end as young_carer,
            {sessions},
            {file} as _file, r.native_id || r.row_id as _sort, r.n as _n
        from roll_key as r
        inner join person as p on p.n = r.n
        inner join identity as i on i.n = r.n
        left join sessions_of_pupil as sessions using (row_id)
        """,
        fmt=CENSUS_FORMAT,
        year_group=year_group,
        sessions=SESSIONS_OF_ROLL,
        unit=true_false.format("r.sen_unit"),
        rp=true_false.format("r.resourced_provision"),
        top_up=true_false.format("r.sen_provision = 'E'"),
        part_time=true_false.format("r.year_group < 0"),
        file="r." + name.format("pupilonroll").replace("|| census_term", "|| r.census_term"),
    )
    make(
        world,
        "school_census",
        "sen_need",
        """
        with needs as (
            select r.*, w.rank, w.sen_type
            from roll_key as r
            inner join plan_life as l
                on l.n = r.n and l.start_date <= r.census_day and coalesce(l.cease_date, r.census_day) >= r.census_day
            inner join plan_need as w on w.n = l.n and w.seq = l.seq
            where r.sen_provision = 'E'
            union all
            select r.*, 1, k.sen_type
            from roll_key as r inner join sen_support as k on k.n = r.n
            where r.sen_provision = 'K'
        )
        select
            census_year, census_term, row_id as pupil_on_roll_table_id, native_id, rank::varchar || '.0'
                as sen_type_rank,
            sen_type, {file} as _file, native_id || row_id || rank as _sort, n as _n
        from needs
        where census_term = 'spring' or rank = 1
        """,
        file=name.format("senneeds"),
    )
    make(
        world,
        "school_census",
        "address_on_roll",
        """
        select census_year, census_term, row_id as pupil_on_roll_table_id, native_id, postcode_then as postcode,
            {file} as _file, native_id || row_id as _sort, n as _n
        from roll_key
        """,
        file=name.format("addressesonroll"),
    )
    make(
        world,
        "school_census",
        "fsm_period",
        """
        select
            r.census_year, r.census_term, substr(md5(r.row_id), 1, 16) as fsm_period_table_id,
            r.row_id as pupil_on_roll_table_id, r.native_id,
            strftime(greatest(r.entry_date, (r.census_day - draw(r.n, 'fsm since', 30, 1500))::date), '{fmt}')
                as fsm_start_date,
            case when u(r.n, 'fsm ended') < 0.05 then strftime(r.census_day - 20, '{fmt}') end as fsm_end_date,
            'ENG' as uk_country,
            r.{file} as _file, r.native_id || r.row_id as _sort, r.n as _n
        from roll_key as r inner join person as p on p.n = r.n
        where p.is_fsm
        """,
        fmt=CENSUS_FORMAT,
        file=name.format("fsmperiod").replace("|| census_term", "|| r.census_term"),
    )


def _leavers(world: World) -> None:
    """Who changes school in the middle of a phase; whole year groups that move on are not returned as leavers here."""
    world.sql(
        """
        create table census_order as
        select census_year, census_term, census_day, row_number() over (order by census_day) as place
        from (select distinct census_year, census_term, census_day from roll);
        create table leaver as
        select k.n, k.urn, k.native_id, k.entry_date, k.year_group, k.sen_provision, next.census_year, next.census_term,
            next.census_day,
            weekday_before((next.census_day - draw(k.row_id, 'left', 5, 60))::date) as leaving_date,
            substr(md5(concat('left', k.row_id)), 1, 16) as row_id
        from roll_key as k
        inner join census_order as this using (census_year, census_term)
        inner join census_order as next on next.place = this.place + 1
        where k.enrolment_status <> 'S'
            and not exists (
                select 1 from roll as r
                where r.n = k.n and r.urn = k.urn
                    and r.census_year = next.census_year and r.census_term = next.census_term
            )
            and not (next.census_term = 'autumn' and k.year_group in (-2, -1, 2, 6, 11, 12, 13, 14))
        """
    )


def _sessions(world: World) -> None:
    """Sessions of the term before each census: attended, mornings and afternoons, or missed, more of them with SEN.

    A summer term comes in two halves with the autumn census. The rolls' totals are sums of these.
    """
    world.sql(
        """
        create table session_sum as
        with pupil as (
            select census_year, census_term, census_day, row_id, native_id, n, 'on' as roll, {term} as possible,
                sen_provision
            from roll_key
            where year_group between 1 and 11 and enrolment_status <> 'S'
            union all
            select census_year, census_term, census_day, row_id, native_id, n, 'off', {left_term}, sen_provision
            from leaver
            where year_group between 1 and 11
        ),
        half as (
            select pupil.* replace (case when census_term = 'autumn' then possible // 2 else possible end as possible),
                covers, concat(row_id, covers) as drawn_by,
                case when census_term = 'autumn' then 0.5 else 1 end * case roll when 'on' then 1 else 0.5 end as part,
                sen_provision in ('K', 'E') as has_sen,
                -- Some miss most of school, year after year.
                u(n, 'severe absence') < case sen_provision when 'E' then 0.06 when 'K' then 0.04 else 0.015 end
                    as misses_most
            from pupil inner join (values ('termly'), ('summerhalfterm2')) as halves(covers)
                on covers = 'termly' or census_term = 'autumn'
        ),
        missed as (
            select *, 'I' as reason,
                ceil(draw(drawn_by, 'ill', 1, case when has_sen then 12 else 6 end) * part)::integer as sessions
            from half
            union all
            select *, list_extract(['N', 'N', 'U', 'M', 'G', 'C2', 'E', 'O'], draw(drawn_by, 'missed why', 1, 8)),
                ceil((draw(drawn_by, 'missed', 1, 20) + case when misses_most then {term} * 0.55 else 0 end) * part)
                    ::integer
            from half where misses_most or u(row_id, 'missed more') < case when has_sen then 0.6 else 0.2 end
        ),
        attended as (
            select half.*, half.possible - (select sum(sessions) from missed where missed.drawn_by = half.drawn_by)
                as attended
            from half
        )
        select * from missed
        union all
        select attended.* exclude (attended), mark.reason, (attended + mark.more) // 2
        from attended, (values ('/', 1), ('\\', 0)) as mark(reason, more);
        create table sessions_of_pupil as
        select
            row_id,
            {totals}
        from session_sum
        group by row_id
        """,
        term=TERM,
        left_term=LEFT_TERM,
        totals=", ".join(
            f"sum(case when covers = '{covers}'{of} then sessions end) as {name}{half}"
            for covers, half in HALVES.items()
            for name, of in (
                ("possible", ""),
                ("authorised", " and reason in ('I', 'M', 'C2', 'E')"),
                ("unauthorised", " and reason in ('N', 'U', 'G', 'O')"),
            )
        )
        + f", max(census_day) < {BY_CODE_SINCE} as has_totals",
    )


def details(world: World) -> None:
    """What hangs on the pupils: who left, their sessions, exclusions, alternative provision that a school arranged."""
    world.sql(
        """
        create table exclusion_life as
        select r.n, r.row_id, r.urn, r.native_id, r.census_year, r.census_term, r.sen_provision,
            weekday_before((r.census_day - draw(r.row_id, 'excluded on', 8, 75))::date) as start_date,
            case when u(r.row_id, 'permanently') < 0.02 then 'PERM' else 'SUSP' end as category,
            draw(r.row_id, 'for sessions', 1, 10) as sessions,
            list_extract(['DB', 'DB', 'DB', 'VA', 'PP', 'PA', 'DA', 'DM', 'MT', 'VP'], draw(r.row_id, 'why', 1, 10))
                as reason
        from roll_key as r
        where r.year_group between 1 and 11 and r.enrolment_status <> 'S'
            and u(r.row_id, 'excluded') < case r.sen_provision when 'E' then 0.05 when 'K' then 0.04 else 0.009 end
        """
    )
    file = "census_year || '_' || census_term || '_{}.csv'"
    make(
        world,
        "school_census",
        "pupil_off_roll",
        """
        select
            l.census_year, l.census_term, l.row_id as pupil_on_roll_table_id, l.native_id,
            strftime(p.birth_date, '{fmt}') as birth_date, p.surname, p.forename, i.upn,
            case when l.year_group >= 9 then i.uln end as uln, p.sex, strftime(l.entry_date, '{fmt}') as entry_date,
            strftime(l.leaving_date, '{fmt}') as leaving_date, {sessions},
            l.{file} as _file, l.native_id || l.row_id as _sort, l.n as _n
        from leaver as l
        inner join person as p on p.n = l.n
        inner join identity as i on i.n = l.n
        left join sessions_of_pupil as sessions using (row_id)
        """,
        fmt=CENSUS_FORMAT,
        sessions=SESSIONS_OF_ROLL,
        file=file.format("pupilnolongeronroll").replace("|| census_term", "|| l.census_term"),
    )
    make(
        world,
        "school_census",
        "session_detail",
        """
        select
            census_year, census_term, covers, roll,
            substr(md5(concat(row_id, covers, reason)), 1, 16) as session_detail_table_id,
            row_id as pupil_on_roll_table_id, native_id, reason as attendance_reason, sessions || '.0' as sessions,
            census_year || '_' || census_term || '_' || covers || 'sessiondetails' || roll || 'roll.csv' as _file,
            native_id || row_id || covers || reason as _sort, n as _n
        from session_sum
        where census_day >= {by_code_since} and sessions > 0
        """,
        by_code_since=BY_CODE_SINCE,
    )
    make(
        world,
        "school_census",
        "exclusion",
        """
        select
            census_year, census_term, 'on' as roll,
            substr(md5(concat('excluded', row_id)), 1, 16) as exclusion_table_id,
            row_id as pupil_on_roll_table_id, native_id, category, strftime(start_date, '{fmt}') as start_date,
            case when category = 'SUSP' then sessions || '.0' end as sessions, reason as reason_1, sen_provision,
            {file} as _file, native_id || row_id as _sort, n as _n
        from exclusion_life
        """,
        fmt=CENSUS_FORMAT,
        file=file.format("termlyexclusionsonroll"),
    )
    make(
        world,
        "school_census",
        "ap_placement",
        """
        select
            r.census_year, r.census_term, 'on' as roll, substr(md5(concat('placed', r.row_id)), 1, 16)
                as ap_placement_table_id,
            r.row_id as pupil_on_roll_table_id, r.native_id,
            case when u(r.n, 'placed at a school') < 0.6 then near.urn end as urn,
            case when u(r.n, 'placed at a school') >= 0.6 then (10000000 + draw(r.n, 'placed at', 1, 900))::varchar end
                as ukprn,
            strftime(date '2026-01-12' + draw(r.n, 'placed on', 0, 2), '{fmt}') as entry_date,
            draw(r.n, 'placed for', 2, 8)::varchar as ap_sessions_per_week,
            list_extract(['OOT', 'OTH', 'WBP', 'NFE'], draw(r.n, 'placed in', 1, 4)) as ap_setting_type,
            list_extract(['BHS', 'BHS', 'MHN', 'PHN', 'OTH'], draw(r.n, 'placed why', 1, 5)) as placement_reason,
            'PT' as attendance_pattern, r.sen_provision as sen_provision_entry,
            r.{file} as _file, r.native_id || r.row_id as _sort, r.n as _n
        from roll_key as r
        inner join person as p on p.n = r.n
        inner join near_school as near on near.lsoa = p.lsoa and near.kind = 'alternative' and near.place = 1
        where r.year_group between 7 and 11 and r.enrolment_status = 'C' and r.sen_provision in ('K', 'E')
            and u(r.n, 'placed by the school') < 0.03
        """,
        fmt=CENSUS_FORMAT,
        file=file.format("schoolarrangedapdetailonroll").replace("|| census_term", "|| r.census_term"),
    )
