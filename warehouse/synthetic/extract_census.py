"""School census, as COLLECT exports it: one file per table and term."""

from __future__ import annotations

from warehouse.synthetic.extract_table import make
from warehouse.synthetic.world import World

CENSUS_FORMAT = "%Y-%b-%d 00:00:00"


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
            case when r.year_group >= 1 then '120.0' end as sessions_possible,
            case when r.year_group >= 1 then draw(r.row_id, 'authorised', 0, 14)::varchar || '.0' end
                as sessions_authorised,
            case when r.year_group >= 1 then draw(r.row_id, 'unauthorised', 0, 4)::varchar || '.0' end
                as sessions_unauthorised,
            {file} as _file, r.native_id || r.row_id as _sort, r.n as _n
        from roll_key as r
        inner join person as p on p.n = r.n
        inner join identity as i on i.n = r.n
        """,
        fmt=CENSUS_FORMAT,
        year_group=year_group,
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
