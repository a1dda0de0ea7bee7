"""Social care: the looked-after return and the children in need census of two years."""

from __future__ import annotations

from warehouse.synthetic.care import return_years
from warehouse.synthetic.extract_table import make
from warehouse.synthetic.world import World, share


def looked_after(world: World) -> None:
    years = ", ".join(f"({year}, date '{year - 1}-04-01', date '{year}-03-31')" for year in return_years(world))
    world.sql(
        """
        create table returned_episode as
        select e.*, y.year, y.first_day, y.last_day
        from care_episode as e
        inner join (values {years}) as y(year, first_day, last_day)
            on e.episode_start <= y.last_day and coalesce(e.episode_end, y.last_day) >= y.first_day
        """,
        years=years,
    )
    make(
        world,
        "ssda903",
        "header",
        """
        with children as (select distinct year, n from returned_episode)
        select
            c.year as return_year, i.care_id as child_id, case p.sex when 'M' then '1' else '2' end as sex,
            strftime(p.birth_date, '%d/%m/%Y') as birth_date, p.ethnicity, coalesce(i.upn, 'UN1') as upn,
            '0' as is_mother, c.year || '-header.csv' as _file, i.care_id as _sort, p.n as _n
        from children as c
        inner join person as p on p.n = c.n
        inner join identity as i on i.n = c.n
        """,
    )
    make(
        world,
        "ssda903",
        "episodes",
        """
        select
            e.year as return_year, i.care_id as child_id, strftime(e.episode_start, '%d/%m/%Y') as episode_start,
            case e.k when 0 then 'S' else 'P' end as reason_new_episode,
            list_extract(['C2', 'C1', 'V2', 'E1'], draw(e.n, 'status', 1, 4)) as legal_status,
            'N1' as category_of_need,
            list_extract(['U1', 'U4', 'U6', 'K2', 'P1'], draw(e.e, 'placement', 1, 5)) as placement_type,
            list_extract(['PR1', 'PR4', 'PR4', 'PR1', 'PR0'], draw(e.e, 'placement', 1, 5)) as placement_provider,
            case when e.episode_end <= e.last_day then strftime(e.episode_end, '%d/%m/%Y') end as episode_end,
            case when e.episode_end <= e.last_day then case when e.is_last then 'E4' else 'X1' end end as reason_ceased,
            case when e.episode_end <= e.last_day and not e.is_last then 'CARPL' end as reason_place_change,
            p.postcode as home_postcode,
            case when e.is_placed_out then away.pcds else near.pcds end as placement_postcode,
            e.year || '-episodes.csv' as _file, i.care_id || e.k as _sort, e.n as _n
        from returned_episode as e
        inner join person as p on p.n = e.n
        inner join identity as i on i.n = e.n
        left join (select pcds, row_number() over (order by pcds) - 1 as place, count(*) over () as places
                   from postcode where not is_own and terminated is null) as away
            on away.place = floor(u(e.e, 'placed at') * away.places)
        left join postcode as near
            on near.is_own and near.lsoa = (p.lsoa + draw(e.e, 'lsoa', 0, 20)) % {lsoas} + 1
            and near.place = draw(e.e, 'home', 0, 25)
        """,
        lsoas=world.number("select count(*) from lsoa where is_own"),
    )


def in_need(world: World) -> None:
    years = ", ".join(f"({year}, date '{year - 1}-04-01', date '{year}-03-31')" for year in return_years(world))
    world.sql(
        """
        create table returned_need as
        select c.*, y.year, y.first_day, y.last_day, i.care_id, i.upn
        from cin_life as c
        inner join identity as i on i.n = c.n
        inner join (values {years}) as y(year, first_day, last_day)
            on c.referral_date <= y.last_day and coalesce(c.closure_date, y.last_day) >= y.first_day
        """,
        years=years,
    )
    file = "'CIN_Census_' || r.year || '.xml' as _file, r.care_id as _sort, r.n as _n"
    make(
        world,
        "cin",
        "child",
        """
        select
            r.year as collection_year, r.care_id as la_child_id,
            case when u(r.n, 'care holds UPN') >= {without} then r.upn end as upn,
            case when r.upn is null or u(r.n, 'care holds UPN') < {without}
                then case when age_on(r.birth_date, r.last_day) < 5 then 'UN1' else 'UN7' end end as upn_unknown_reason,
            r.birth_date, p.sex, p.ethnicity, {file}
        from returned_need as r inner join person as p on p.n = r.n
        """,
        without=share("cin_without_upn"),
        file=file,
    )
    make(
        world,
        "cin",
        "disability",
        "select r.year as collection_year, r.care_id as la_child_id, d.disability, {file}"
        " from returned_need as r inner join disability_life as d on d.n = r.n",
        file=file.replace("r.care_id as _sort", "r.care_id || d.disability as _sort"),
    )
    make(
        world,
        "cin",
        "cin_details",
        """
        select
            r.year as collection_year, r.care_id as la_child_id, 'D' || r.care_id as cin_details_id, r.referral_date,
            list_extract(['1A', '1B', '2A', '2B', '3A', '5A', '6'], draw(r.n, 'referrer', 1, 7)) as referral_source,
            r.primary_need as primary_need_code,
            case when r.closure_date <= r.last_day then r.closure_date end as closure_date,
            case when r.closure_date <= r.last_day then 'RC' || draw(r.n, 'closed why', 1, 4) end as reason_for_closure,
            case when x.plan_start <= r.last_day then x.plan_start end as initial_conference_date,
            case when r.no_further_action then '1' else '0' end as referral_no_further_action,
            {file}
        from returned_need as r left join protection_life as x on x.n = r.n
        """,
        file=file,
    )
    make(
        world,
        "cin",
        "child_protection_plan",
        """
        select
            r.year as collection_year, r.care_id as la_child_id, x.plan_start,
            case when x.plan_end <= r.last_day then x.plan_end end as plan_end,
            x.category as initial_category, x.category as latest_category, x.previous_plans, {file}
        from returned_need as r inner join protection_life as x on x.n = r.n
        where x.plan_start <= r.last_day and coalesce(x.plan_end, r.last_day) >= r.first_day
        """,
        file=file,
    )
