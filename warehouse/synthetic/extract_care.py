"""Social care: the looked-after return and the children in need census of two years."""

from __future__ import annotations

from warehouse.synthetic.care import return_years
from warehouse.synthetic.extract_table import make
from warehouse.synthetic.world import World, share

FIRST_YEAR_OF_PRE_PROCEEDINGS = 2026


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
    _about_the_looked_after(world)


def _about_the_looked_after(world: World) -> None:
    """The other ten files of the return; of the rarest things at least two a year, so that each file is there."""
    world.sql(
        """
        create table returned_child as
        select
            e.year, e.n, e.first_day, e.last_day, i.care_id, p.birth_date, p.sex,
            min(e.episode_start) as since, max(coalesce(e.episode_end, e.last_day)) as until,
            age_on(p.birth_date, e.last_day) as age
        from returned_episode as e
        inner join person as p on p.n = e.n
        inner join identity as i on i.n = e.n
        group by e.year, e.n, e.first_day, e.last_day, i.care_id, p.birth_date, p.sex
        """
    )
    born = "strftime(birth_date, '%d/%m/%Y') as birth_date"
    key = "year as return_year, care_id as child_id"

    def file(name: str, sort: str = "care_id") -> str:
        return f"year || '-{name}.csv' as _file, {sort} as _sort, n as _n"

    def some(purpose: str, part: float, eligible: str = "true") -> str:
        """The children to whom it happened: a share of them, and never fewer than two a year."""
        return (
            f"(select * from returned_child where {eligible} qualify row_number() over (partition by year order by"
            f" u(n, '{purpose}'), n) <= greatest(2, {part} * count(*) over (partition by year)))"
        )

    make(
        world,
        "ssda903",
        "review",
        """
        select {key}, {born}, strftime(held, '%d/%m/%Y') as review_date,
            case when age < 4 then 'PN0' else 'PN' || draw(n, 'took part', 1, 7) end as participation, {file}
        from (
            select *, (first_day + draw(n, 'first review', 0, 150) + (k * 180)::integer)::date as held
            from returned_child, lateral (select unnest(range(2)) as k)
        )
        where held between since + 20 and until and held <= last_day
        """,
        key=key,
        born=born,
        file=file("reviews", "care_id || held"),
    )
    make(
        world,
        "ssda903",
        "outcome",
        """
        select {key}, {born},
            case when age between 4 and 16 and u(n, 'SDQ') < 0.8 then draw(n, 'SDQ score', 2, 32) end as sdq_score,
            case when age between 4 and 16 and u(n, 'SDQ') >= 0.8 then 'SDQ2' end as sdq_reason,
            case when age >= 10 then (u(n, 'convicted') < 0.03)::integer end as was_convicted,
            case when age < 5 then 1 end as health_check, (u(n, 'immunised') < 0.84)::integer as immunised,
            (u(n, 'teeth') < 0.76)::integer as teeth_checked, (u(n, 'health') < 0.89)::integer as health_assessed,
            (u(n, 'substances') < 0.03)::integer as misused_substances, 0 as intervention_received,
            (u(n, 'substances') < 0.03)::integer as intervention_offered, {file}
        from returned_child
        where since <= first_day + 60 and until = last_day
        """,
        key=key,
        born=born,
        file=file("oc2"),
    )
    make(
        world,
        "ssda903",
        "leaver",
        """
        select {key}, {born}, 'YES' as in_touch, list_extract(['F2', 'F4', 'G5', 'P1'], draw(n, 'activity', 1, 4))
            as activity, list_extract(['C1', 'D1', 'K1', 'U1'], draw(n, 'home', 1, 4)) as accommodation, {file}
        from {some}
        """,
        key=key,
        born=born,
        some=some("leaver", 0, "birth_date < last_day - 5800"),
        file=file("oc3"),
    )
    make(
        world,
        "ssda903",
        "unaccompanied",
        """
        select {key}, case sex when 'M' then '1' else '2' end as sex, {born},
            strftime(birthday(birth_date, 18), '%d/%m/%Y') as ceased_date, {file}
        from {some}
        """,
        key=key,
        born=born,
        some=some("unaccompanied", 0.05),
        file=file("uasc"),
    )
    make(
        world,
        "ssda903",
        "previous_permanence",
        """
        select {key}, {born}, case when u(n, 'was adopted') < 0.03 then 'P1' else 'Z1' end as permanence,
            case when u(n, 'was adopted') < 0.03 then strftime(birth_date + 400, '%d/%m/%Y') end as permanence_date,
            {file}
        from returned_child
        """,
        key=key,
        born=born,
        file=file("previous_permanence"),
    )
    make(
        world,
        "ssda903",
        "missing",
        """
        select {key}, {born}, case when u(n, 'whether away') < 0.7 then 'M' else 'A' end as kind,
            strftime(since_then, '%d/%m/%Y') as start_date,
            strftime(since_then + draw(n, 'days missing', 0, 5), '%d/%m/%Y') as end_date, {file}
        from (select *, greatest(since, first_day) + draw(n, 'missing on', 0, 20) as since_then from {some})
        """,
        key=key,
        born=born,
        some=some("missing", 0.1),
        file=file("missing"),
    )
    make(
        world,
        "ssda903",
        "social_worker",
        """
        select {key}, {born}, 'SW' || draw(n, 'worker', 100, 180) as worker_id,
            strftime(since, '%d/%m/%Y') as start_date,
            case when until < last_day then strftime(until, '%d/%m/%Y') end as end_date, {file}
        from returned_child
        """,
        key=key,
        born=born,
        file=file("sw_episodes"),
    )
    make(
        world,
        "ssda903",
        "adoption",
        """
        select {key}, {born}, strftime(since + 120, '%d/%m/%Y') as decided_date,
            strftime(since + 200, '%d/%m/%Y') as matched_date, 0 as by_foster_carer, 2 as adopter_number,
            'MF' as adopter_sex, 'L0' as adopter_status, {file}
        from {some}
        """,
        key=key,
        born=born,
        some=some("adopted", 0.02),
        file=file("ad1"),
    )
    make(
        world,
        "ssda903",
        "adoption_placement",
        """
        select {key}, {born}, strftime(since + 210, '%d/%m/%Y') as placed_date, {file}
        from {some}
        """,
        key=key,
        born=born,
        some=some("adopted", 0.04),
        file=file("placed_for_adoption"),
    )
    make(
        world,
        "ssda903",
        "deprivation_of_liberty",
        """
        select {key}, {born}, strftime(greatest(since, first_day) + 10, '%d/%m/%Y') as start_date,
            strftime(greatest(since, first_day) + 70, '%d/%m/%Y') as end_date, {file}
        from {some}
        """,
        key=key,
        born=born,
        some=some("deprived of liberty", 0.01),
        file=file("dolo"),
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
    _within_the_episode(world, file)


def _within_the_episode(world: World, file: str) -> None:
    """Assessments, plans, enquiries, reviews and pre-proceedings of an episode of need, each year's as of its end."""
    need = "r.year as collection_year, r.care_id as la_child_id, r.referral_date"
    open_need = "from returned_need as r where not r.no_further_action"
    started = "(r.referral_date + draw(r.n, 'assessed', 1, 5))::date"
    authorised = f"{started} + draw(r.n, 'authorised', 10, 60)"
    make(
        world,
        "cin",
        "assessment",
        """
        select {need}, {started} as start_date,
            case when {authorised} <= r.last_day then {authorised} end as authorised_date, {file}
        {open_need} and {started} <= r.last_day
        """,
        need=need,
        started=started,
        authorised=authorised,
        open_need=open_need,
        file=file,
    )
    make(
        world,
        "cin",
        "assessment_factor",
        """
        select {need}, {started} as start_date, f.factor, {file}
        from returned_need as r
        inner join (values ('2B'), ('3B'), ('4B'), ('5A'), ('6A'), ('16A')) as f(factor)
            on u(r.n, 'factor ' || f.factor) < 0.25
        where not r.no_further_action and {authorised} <= r.last_day
        """,
        need=need,
        started=started,
        authorised=authorised,
        file=file.replace("r.care_id as _sort", "r.care_id || f.factor as _sort"),
    )
    make(
        world,
        "cin",
        "cin_plan",
        """
        select {need}, r.referral_date + 50 as start_date,
            case when r.closure_date <= r.last_day then r.closure_date end as end_date, {file}
        {open_need} and not r.is_protected and u(r.n, 'has CIN plan') < 0.7
            and r.referral_date + 50 <= least(r.last_day, coalesce(r.closure_date, r.last_day))
        """,
        need=need,
        open_need=open_need,
        file=file,
    )
    make(
        world,
        "cin",
        "section_47",
        """
        select {need}, (r.referral_date + draw(r.n, 'enquiry', 2, 10))::date as start_date,
            (r.referral_date + draw(r.n, 'enquiry', 2, 10) + 21)::date as conference_target_date,
            case when x.plan_start <= r.last_day then x.plan_start end as conference_date,
            case when x.n is null then 'true' else 'false' end as conference_not_required, {file}
        from returned_need as r
        left join protection_life as x on x.n = r.n
        where not r.no_further_action and r.referral_date + 10 <= r.last_day
            and (x.n is not null or u(r.n, 'enquiry made') < 0.2)
        """,
        need=need,
        file=file,
    )
    make(
        world,
        "cin",
        "protection_review",
        """
        select {need}, x.plan_start, (x.plan_start + 90 + (k * 170)::integer)::date as review_date, {file}
        from returned_need as r
        inner join protection_life as x on x.n = r.n, lateral (select unnest(range(5)) as k)
        where x.plan_start + 90 + (k * 170)::integer <= least(r.last_day, coalesce(x.plan_end, r.last_day))
            and coalesce(x.plan_end, r.last_day) >= r.first_day
        """,
        need=need,
        file=file.replace("r.care_id as _sort", "r.care_id || k as _sort"),
    )
    make(
        world,
        "cin",
        "pre_proceedings",
        """
        select {need}, began as start_date, began + 7 as letter_date, 'true' as family_meeting_offered,
            case when u(r.n, 'family met') < 0.6 then 'true' else 'false' end as family_meeting_held,
            began + 20 as first_meeting_date, draw(r.n, 'pre-proceedings reviews', 0, 3) as review_meeting_count, {file}
        from (
            select *, (greatest(referral_date, first_day) + 14)::date as began
            from returned_need
            where not no_further_action and year >= {first_year}
                and greatest(referral_date, first_day) + 40 <= least(last_day, coalesce(closure_date, last_day))
            qualify row_number() over (order by is_protected desc, u(n, 'pre-proceedings'), n)
                <= greatest(2, 0.02 * count(*) over ())
        ) as r
        """,
        need=need,
        first_year=FIRST_YEAR_OF_PRE_PROCEEDINGS,
        file=file,
    )
