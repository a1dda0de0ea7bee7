"""Places and moves: the register of bases, special school places, and the schools consulted about a child."""

from __future__ import annotations

from warehouse.synthetic.extract_table import make
from warehouse.synthetic.life_school import census_terms
from warehouse.synthetic.world import World


def build(world: World) -> None:
    _bases(world)
    _base_places(world)
    _proposals(world)
    _special_places(world)
    _consultations(world)


def _bases(world: World) -> None:
    """Every base that the register of schools knows, and one that opens in September."""
    world.sql(
        """
        create table resource_base as
        select s, urn, name, kind, base, row_number() over (order by s) as b,
            list_extract(['ASD', 'SLCN', 'HI'], draw(s, 'sen1', 1, 3)) as need,
            greatest(open_date, make_date(2008 + draw(s, 'base opened', 0, 14), 9, 1)) as opened_date
        from school where is_own and is_open and base <> 'not a base';
        insert into resource_base
        select s, urn, name, kind, 'Resourced provision', 1 + (select max(b) from resource_base), 'SEMH',
            make_date({year}, 9, 1)
        from school where is_own and is_open and base = 'not a base' and kind = 'primary'
        order by u(s, 'next base'), s limit 1;
        """,
        year=world.as_at.year,
    )
    make(
        world,
        "resource_base",
        "base",
        """
        select
            'BASE-' || lpad(b::varchar, 3, '0') as base_id, urn, name || ' base' as base_name,
            case base when 'SEN unit' then 'UNIT' when 'Resourced provision' then 'RP' else 'BOTH' end as base_type,
            need as designated_need,
            case kind when 'nursery' then 'EY' when 'primary' then 'PRI' else 'SEC' end as phase,
            u(s, 'therapy on site') < 0.5 as has_therapy_on_site, opened_date,
            'resource_base_register.csv' as _file, lpad(b::varchar, 5, '0') as _sort
        from resource_base
        """,
    )


def _base_places(world: World) -> None:
    """Three terms of two years. Of five bases, the fullest first, one holds more children than it has places for, and
    one is half empty.

    Children of another need than the base is meant for are there by nature: they go to the nearest base.
    """
    terms = ", ".join(
        f"({year - (term != 'autumn')}, '{term}', date '{day}')" for year, term, day in census_terms(world)
    )
    make(
        world,
        "resource_base",
        "commissioned_place",
        """
        with term as (
            select y.academic_year, t.place_term, d.census_day
            from (values ({last} - 1), ({last})) as y(academic_year)
            cross join (values ('autumn'), ('spring'), ('summer')) as t(place_term)
            left join (values {terms}) as d(academic_year, place_term, census_day)
                on d.academic_year = y.academic_year and d.place_term = t.place_term
        ),
        filled as (
            select r.urn, r.census_day, count(*) as pupils from roll as r
            where r.sen_unit or r.resourced_provision group by r.urn, r.census_day
        ),
        full_at as (
            select b.urn, max(coalesce(f.pupils, 0)) as most,
                row_number() over (order by max(coalesce(f.pupils, 0)) desc, b.urn) as place
            from resource_base as b left join filled as f on f.urn = b.urn group by b.urn
        )
        select
            'BASE-' || lpad(b.b::varchar, 3, '0') as base_id, t.academic_year, t.place_term, b.need,
            case f.place % 5 when 1 then greatest(1, f.most - 1) when 2 then f.most + greatest(4, f.most // 2)
                else greatest(6, f.most + draw(b.s, 'places', 0, 2)) end as places_commissioned,
            case when t.census_day is not null then coalesce(r.pupils, 0) end as places_filled,
            6000 + 500 * draw(b.s, 'base top-up', 0, 12) as top_up_per_place,
            'resource_base_places.csv' as _file,
            lpad(b.b::varchar, 5, '0') || t.academic_year || t.place_term as _sort
        from resource_base as b
        cross join term as t
        inner join full_at as f on f.urn = b.urn
        left join filled as r on r.urn = b.urn and r.census_day = t.census_day
        where b.opened_date < make_date(t.academic_year + 1, 8, 31)
        """,
        last=world.as_at.year - 1,
        terms=terms,
    )


def _proposals(world: World) -> None:
    """Three bases that might open in two years: at a primary and at a secondary school without one, and on a site that
    is no school yet, known by its postcode alone."""
    make(
        world,
        "resource_base",
        "proposal",
        """
        with site as (
            select
                h.urn, h.name, h.kind, near.pcds as postcode,
                row_number() over (partition by h.kind order by u(h.s, 'proposed'), h.s) as place
            from school as h
            left join postcode as near on near.lsoa_code = h.lsoa_code and near.place = h.s % 25
            where h.is_own and h.is_open and h.base = 'not a base' and h.kind in ('primary', 'secondary')
        )
        select
            'PROP-' || row_number() over (order by kind, place) as proposal_id,
            case when place = 1 then name || ' base' else 'New base' end as proposal_name,
            case when place = 1 then urn end as urn,
            case when place = 2 then postcode end as postcode,
            case when kind = 'secondary' then 'SEMH' else 'ASD' end as need,
            case when kind = 'secondary' then 'SEC' else 'PRI' end as phase,
            case when kind = 'secondary' then 16 else 10 end as places,
            make_date({year} + 2, 9, 1) as opens_date,
            'resource_base_proposals.csv' as _file, kind || place as _sort
        from site
        where place = 1 or (place = 2 and kind = 'primary')
        """,
        year=world.as_at.year,
    )


def _special_places(world: World) -> None:
    make(
        world,
        "special_place",
        "place",
        """
        with year as (
            select * from (values ({last} - 1, make_date({last}, 1, 15)), ({last}, make_date({last} + 1, 1, 15)))
                as y(academic_year, day)
        ),
        filled as (
            select g.urn, y.academic_year, count(*) as pupils,
                case when g.phase in ('early', 'primary') then 'PRI' when g.phase = 'secondary' then 'SEC'
                    else 'P16' end as phase
            from segment as g
            inner join year as y on g.entry_date <= y.day and coalesce(g.leaving_date, y.day) >= y.day
                and g.held_from <= y.day
            group by all
        )
        select
            s.urn, f.academic_year, f.phase,
            list_extract(['ASD', 'SEMH', 'SLD', 'MLD'], draw(s.s, 'sen1', 1, 4)) as need,
            greatest(1, f.pupils + draw(concat(s.s, f.phase), 'places', -2, 5)) as places_commissioned,
            f.pupils as places_filled, 8000 + 1000 * draw(s.s, 'special top-up', 0, 14) as top_up_per_place,
            'special_school_places.csv' as _file, s.urn::varchar || f.academic_year || f.phase as _sort
        from school as s inner join filled as f on f.urn = s.urn
        where s.kind = 'special' and s.is_own and s.is_open
        """,
        last=world.as_at.year - 1,
    )


def _consultations(world: World) -> None:
    """Phase transfers since the last September but one, and the few who change school in the year."""
    make(
        world,
        "admission",
        "consultation",
        """
        with move as (
            select
                k.n, k.person_id, 'ADM-' || k.person_id || '-' || v.k as admission_id, 'phase_transfer' as kind,
                case v.k when 90 then 'into_school' when 97 then 'primary_secondary'
                    else 'secondary_post16' end as transfer_phase,
                make_date(year(v.phase_transfer_due_date), 9, 1) as entry_date, v.meeting_date as asked_from,
                v.phase_transfer_final_date as named_date,
                case v.k when 90 then 'primary' else 'secondary' end as kind_of_school
            from review_life as v inner join plan_key as k on k.n = v.n and k.seq = v.seq
            where v.review_type = 'phase_transfer' and v.phase_transfer_due_date > {as_at} - 400
            union all
            select
                n, person_id, 'ADM-' || person_id || '-Y', 'in_year', null, {as_at} - draw(n, 'moved in year', 20, 200),
                {as_at} - draw(n, 'moved in year', 20, 200) - 60, {as_at} - draw(n, 'moved in year', 20, 200) - 15,
                case when age_on(p.birth_date, {as_at}) < 11 then 'primary' else 'secondary' end
            from plan_key as k inner join (select n, birth_date from person) as p using (n)
            where k.cease_date is null and u(n, 'moves in year') < 0.03
                and age_on(p.birth_date, {as_at}) between 5 and 15 and k.start_date < {as_at} - 400
        ),
        chosen as (
            select m.*, g.urn as next_urn from move as m
            left join segment as g on g.n = m.n and g.urn is not null
                and m.kind = 'phase_transfer' and g.entry_date between m.entry_date - 5 and m.entry_date + 40
            qualify row_number() over (partition by m.admission_id order by g.entry_date) = 1
        ),
        asked as (
            select c.*, near.urn, near.kind as school_kind, near.place from chosen as c
            inner join person as p on p.n = c.n
            inner join near_school as near on near.lsoa = p.lsoa
                and ((near.kind = c.kind_of_school and near.place <= 2) or (near.kind = 'special' and near.place = 1))
            union
            select *, next_urn, 'next', 0 from chosen where next_urn is not null
        ),
        one_each as (
            select *, concat(admission_id, urn) as a,
                named_date is not null and urn = coalesce(next_urn, first_value(urn) over (
                    partition by admission_id order by school_kind = 'special', place, urn
                )) as is_named
            from asked
            qualify row_number() over (partition by admission_id, urn order by place) = 1
        ),
        written as (
            select *, weekday_after(asked_from + draw(a, 'consulted', 14, 28)) as consulted_date from one_each
        )
        select
            w.admission_id, case when u(w.admission_id, 'case number') < 0.9 or i.upn is null then w.person_id end
                as person_id,
            i.upn, w.kind, w.transfer_phase, w.entry_date, w.urn as consulted_urn,
            w.is_named or u(w.a, 'preferred') < 0.2 as is_parents_preference,
            w.consulted_date,
            case when u(w.a, 'reply') < 0.9 and w.consulted_date + 15 <= {as_at} then case when w.is_named
                then list_extract(['can_meet', 'can_meet', 'can_meet', 'full'], draw(w.a, 'answer', 1, 4))
                else list_extract(['unsuitable', 'full', 'can_meet', 'efficient_education'], draw(w.a, 'answer', 1, 4))
                end end as response,
            case when u(w.a, 'reply') < 0.9 and w.consulted_date + 15 <= {as_at}
                then least(weekday_after(w.consulted_date + draw(w.a, 'answered', 3, 24)), {as_at}) end
                as response_date,
            w.is_named, case when w.is_named then w.named_date end as named_date,
            'sen_admissions.csv' as _file, w.a as _sort, w.n as _n
        from written as w inner join identity as i on i.n = w.n
        where w.consulted_date <= {as_at}
        """,
    )
