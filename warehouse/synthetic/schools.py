"""Schools, colleges and their predecessors, with units and resourced provision, as GIAS would list them."""

from __future__ import annotations

from warehouse import specification
from warehouse.synthetic.world import World

FIRST_URN = 900_001
FIRST_CLOSED_URN = 800_001
MOST_SCHOOLS_OF_A_KIND = 5_000  # establishment numbers have four digits
BASES = 13

# kind, GIAS type, name ending, phase code and name, ages, places, and how many to a county
KINDS = (
    ("nursery", 15, "Nursery School", 1, "Nursery", 2, 5, 90),
    ("primary", 1, "Primary School", 2, "Primary", 3, 11, 420),
    ("secondary", 34, "Academy", 4, "Secondary", 11, 18, 1400),
    ("special", 7, "School", 0, "Not applicable", 3, 19, 130),
    ("independent_special", 10, "House School", 0, "Not applicable", 5, 19, 60),
    ("non_maintained_special", 8, "College School", 0, "Not applicable", 5, 19, 90),
    ("independent", 11, "Preparatory School", 0, "Not applicable", 3, 18, 350),
    ("alternative", 14, "Centre", 0, "Not applicable", 5, 16, 60),
    ("college", 18, "College", 6, "16 plus", 16, 99, 4000),
    ("special_college", 32, "Specialist College", 6, "16 plus", 16, 25, 80),
)


def numbers(pupils: int) -> dict[str, int]:
    """How many schools of each kind a county of so many pupils has; never none, one or two to each district."""
    wanted = {
        "nursery": max(2, pupils // 14_000),
        "primary": max(20, pupils // 460),
        "secondary": max(10, pupils // 2_300),
        "special": max(6, pupils // 7_600),
        "independent_special": max(3, pupils // 16_000),
        "non_maintained_special": max(2, pupils // 60_000),
        "independent": max(3, pupils // 8_000),
        "alternative": max(3, pupils // 24_000),
        "college": max(2, pupils // 40_000),
        "special_college": max(2, pupils // 60_000),
    }
    return {kind: min(number, MOST_SCHOOLS_OF_A_KIND) for kind, number in wanted.items()}


def build(world: World) -> None:
    """Tables school (open ones and closed predecessors), school_link, near_school."""
    _schools(world)
    _predecessors(world)
    _near(world)
    world.count("schools and colleges", "school where is_open")


def _schools(world: World) -> None:
    world.sql(
        "create table school_kind (kind varchar, kind_order integer, type_code integer, ending varchar,"
        " phase_code integer, phase_name varchar, low_age integer, high_age integer, capacity integer,"
        " own integer, neighbour integer)"
    )
    wanted = numbers(world.pupils)
    neighbour = {"nursery": 0, "college": 1, "special_college": 1, "alternative": 1}
    for order, (kind, type_code, ending, phase_code, phase, low, high, capacity) in enumerate(KINDS):
        world.con.execute(
            "insert into school_kind values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                kind,
                order,
                type_code,
                ending,
                phase_code,
                phase,
                low,
                high,
                capacity,
                wanted[kind],
                neighbour.get(kind, 4),
            ],
        )
    world.sql("create table school_word (number integer, word varchar)")
    world.con.executemany(
        "insert into school_word values (?, ?)",
        [[int(row["number"]), row["word"]] for row in specification.rows("school_word")],
    )
    world.sql(
        """
        create table school as
        with own as (
            select k.*, place, 1 + place % 10 as district
            from school_kind as k, lateral (select unnest(range(k.own)) as place)
        ),
        beside as (
            select k.*, place, d.number as district
            from school_kind as k, district as d, lateral (select unnest(range(k.neighbour)) as place)
            where not d.is_own
        ),
        every_one as (
            select * from own
            union all by name
            select * from beside
        ),
        numbered as (
            select
                *,
                row_number() over (
                    order by case when district < 100 then 0 else district end, kind_order, place, district
                ) as s
            from every_one
        ),
        sited as (
            select n.*, d.la_code, d.is_own, d.name as district_name, d.code as district_code, d.county_name,
                (select count(*) from lsoa where lsoa.district = n.district) as lsoas
            from numbered as n inner join district as d on d.number = n.district
        ),
        in_lsoa as (
            select
                sited.*,
                l.n as lsoa,
                l.code as lsoa_code,
                l.ward_code,
                l.easting as lsoa_east,
                l.northing as lsoa_north
            from sited
            inner join (
                select *, row_number() over (partition by district order by n) - 1 as place_in_district from lsoa
            ) as l
                on l.district = sited.district
                and l.place_in_district = (sited.place // case when sited.is_own then 10 else 1 end * 7919
                    + sited.kind_order * 3) % sited.lsoas
        )
        select
            s, kind, place, district, district_code, district_name, is_own, la_code, county_name, lsoa, lsoa_code,
            ward_code,
            {first} + s - 1 as urn,
            case when kind in ('college', 'special_college') then 8000 + s % 1000
                when kind = 'secondary' then 4000 + s % 1000
                when kind like '%special' then 7000 + s % 1000
                when kind like 'independent%' then 6000 + s % 1000
                when kind in ('nursery', 'alternative') then 1000 + s % 1000
                else 2000 + s % 2000 end as establishment_number,
            case
                when kind = 'primary' then case floor(u(s, 'type') * 20)::integer
                    when 0 then 2 when 1 then 2 when 2 then 3 when 3 then 5 when 4 then 34 when 5 then 34 when 6 then 34
                    when 7 then 34 when 8 then 28 when 9 then 34 when 10 then 35 else 1 end
                when kind = 'secondary' then case floor(u(s, 'type') * 10)::integer
                    when 0 then 1 when 1 then 5 when 2 then 28 when 3 then 35 else 34 end
                when kind = 'special' then list_extract([7, 12, 33, 36, 44, 7], (1 + place % 6)::integer)
                when kind = 'alternative' then list_extract([14, 38, 42], (1 + place % 3)::integer)
                else type_code end::integer as type_code,
            w1.word || ' ' || w2.word
                || case when s % 97 = 5 then ' André' when s % 131 = 7 then ' Zoë' when s // 1600 > 0
                    then ' ' || s // 1600
                    else '' end
                || ' ' || case when kind = 'secondary' and u(s, 'type') < 0.2 then 'School' else ending end as name,
            phase_code, phase_name, low_age, high_age, capacity,
            true as is_open,
            make_date(1965 + draw(s, 'opened', 0, 44), 9, 1) as open_date,
            null::date as close_date,
            lsoa_east + draw(s, 'east', -300, 300) as easting,
            lsoa_north + draw(s, 'north', -300, 300) as northing,
            'not a base' as base,
            0 as base_places,
            null::varchar as ukprn
        from in_lsoa
        inner join school_word as w1 on w1.number = (s * 7) % 40
        inner join school_word as w2 on w2.number = (s * 3 + 11 + s // 40) % 40
        """,
        first=FIRST_URN,
    )
    # Bases: early years, primary and secondary in turn, resourced provision and units in turn.
    world.sql(
        """
        create table base as
        select s, kind, row_number() over (order by turn, kind_turn) as b
        from (
            select s, kind, row_number() over (partition by kind order by u(s, 'base'), s) as turn,
                case kind when 'primary' then 1 when 'secondary' then 2 else 3 end as kind_turn
            from school where is_own and kind in ('nursery', 'primary', 'secondary')
        )
        where kind <> 'nursery' or turn = 1
        qualify row_number() over (order by turn, kind_turn) <= {bases};
        update school set
            base = case when base.b % 2 = 1 then 'Resourced provision' else 'SEN unit' end,
            base_places = 8 + draw(base.s, 'base places', 0, 16)
        from base where base.s = school.s;
        update school set base = 'Resourced provision and SEN unit'
        where s = (select min(s) from base where kind = 'secondary');
        update school set ukprn = (19000000 + s)::varchar
        where type_code in (28, 33, 34, 35, 36, 38, 42, 44, 18, 32);
        """,
        bases=max(BASES * world.pupils // 190_000, min(BASES, max(7, world.pupils // 3_000))),
    )


def _predecessors(world: World) -> None:
    """A third of academies were another school until they converted: it is closed, and a link says what followed."""
    world.sql(
        """
        create table school_link as
        select
            {first} + row_number() over (order by s) - 1 as old_urn,
            urn as new_urn,
            s,
            make_date(2012 + draw(s, 'converted', 0, 7), list_extract([4, 9], draw(s, 'month converted', 1, 2)), 1)
                as converted
        from school
        where is_own and type_code in (34, 28, 33, 44, 42) and (u(s, 'converted?') < 0.35 or place < 3);
        update school set open_date = l.converted from school_link as l where l.s = school.s;
        insert into school by name
        select
            school.* replace (
                1000000 + school.s as s,
                l.old_urn as urn,
                case school.kind when 'special' then 7 when 'alternative' then 14 when 'secondary' then 5 else 1 end
                    as type_code,
                school.establishment_number + case when school.establishment_number % 1000 >= 500 then -500 else 500 end
                    as establishment_number,
                replace(school.name, 'Academy', 'School') as name,
                false as is_open,
                date '1970-09-01' as open_date,
                (l.converted - 1)::date as close_date,
                'not a base' as base,
                0 as base_places,
                null as ukprn
            )
        from school_link as l inner join school on school.s = l.s;
        """,
        first=FIRST_CLOSED_URN,
    )


def _near(world: World) -> None:
    """The three nearest schools of each kind for each LSOA, in its district where the kind is found there."""
    world.sql(
        """
        create table near_school as
        with pairs as (
            select
                l.n as lsoa, k.kind, s.s, s.urn,
                (s.easting - l.easting)::bigint * (s.easting - l.easting)
                    + (s.northing - l.northing)::bigint * (s.northing - l.northing) as distance
            from lsoa as l
            inner join (select distinct kind from school_kind) as k
                on k.kind in ('nursery', 'primary', 'secondary', 'special', 'alternative')
            inner join school as s
                on s.kind = k.kind and s.is_own and s.is_open
                and (s.district = l.district or k.kind in ('nursery', 'special', 'alternative'))
            where l.is_own
        )
        select lsoa, kind, s, urn, row_number() over (partition by lsoa, kind order by distance, s)::integer as place,
            least(3, count(*) over (partition by lsoa, kind))::integer as places
        from pairs
        qualify place <= 3;
        create table near_base as
        select l.n as lsoa, s.kind, b.is_unit, s.urn
        from lsoa as l
        inner join school as s on s.is_own and s.is_open and s.base <> 'not a base'
        inner join (values (true), (false)) as b(is_unit)
            on s.base = case when b.is_unit then 'SEN unit' else 'Resourced provision' end
            or s.base = 'Resourced provision and SEN unit'
        where l.is_own
        qualify row_number() over (
            partition by l.n, s.kind, b.is_unit
            order by (s.easting - l.easting)::bigint * (s.easting - l.easting)
                + (s.northing - l.northing)::bigint * (s.northing - l.northing), s.s
        ) = 1;
        create table setting_pool as
        select kind, is_own, urn, row_number() over (partition by kind, is_own order by s) - 1 as place,
            count(*) over (partition by kind, is_own) as places
        from school where is_open;
        """
    )
