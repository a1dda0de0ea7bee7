"""The invented county: districts, wards, LSOAs and their deprivation, postcodes, and two invented neighbours.

It lies in the North Sea, its postcodes begin with letters that no post town uses,
    and its codes are beyond those in use.
"""

from __future__ import annotations

from warehouse import specification
from warehouse.synthetic.world import World

COUNTY_CODE = "E10999999"
POSTCODES_PER_LSOA = 30
AREAS = ("ZC", "ZA", "ZB", "ZF", "ZG", "ZH", "ZJ", "ZK", "ZL", "ZM")
ORIGIN_EAST, ORIGIN_NORTH = 600_000, 400_000
LSOAS_PER_NEIGHBOUR = 12


def build(world: World) -> None:
    """Tables district, lsoa, postcode (own county and neighbours)."""
    _districts(world)
    _lsoas(world)
    _postcodes(world)
    world.count("LSOAs", "lsoa where is_own")
    world.count("postcodes", "postcode")


def _districts(world: World) -> None:
    rows = specification.rows("district")
    total = sum(float(row["population_weight"]) for row in rows)
    world.sql(
        "create table district (number integer, code varchar, name varchar, weight double, deprivation double,"
        " minority_share double, county_code varchar, county_name varchar, la_code varchar, is_own boolean,"
        " area varchar)"
    )
    for row in rows:
        number = int(row["number"])
        world.con.execute(
            "insert into district values (?, ?, ?, ?, ?, ?, ?, ?, ?, true, ?)",
            [
                number,
                f"E07999{number:03d}",
                row["name"],
                float(row["population_weight"]) / total,
                float(row["deprivation"]),
                float(row["minority_share"]),
                COUNTY_CODE,
                world.settings.council_name,
                world.settings.la_code,
                AREAS[0],
            ],
        )
    for offset, row in enumerate(specification.rows("neighbour")):
        world.con.execute(
            "insert into district values (?, ?, ?, 0, 0.5, 0.3, ?, ?, ?, false, ?)",
            [
                100 + offset,
                row["district_code"],
                row["district_name"],
                row["county_code"],
                row["la_name"],
                row["la_code"],
                row["postcode_area"],
            ],
        )


def _lsoas(world: World) -> None:
    world.sql(
        """
        create table lsoa as
        with sized as (
            select number, is_own,
                case when is_own then greatest(3, round(weight * {lsoas})) else {neighbours} end::integer as lsoas
            from district
        ),
        numbered as (
            select
                number as district,
                is_own,
                place,
                row_number() over (partition by is_own order by number, place)::integer as n,
                ceil(sqrt(lsoas))::integer as side
            from sized, lateral (select unnest(range(lsoas)) as place)
        ),
        placed as (
            select
                n,
                district,
                is_own,
                place,
                (case when is_own then 'E01' || (900000 + n) else 'E01' || (800000 + n) end) as code,
                (case when is_own
                    then {east} + ((district - 1) % 5) * 12000 + ((place % side) + 0.15 + 0.7 * u(n, 'east')) * 12000
                        / side
                    else {east} + (case district when 100 then 60500 else -9000 end) + u(n, 'neighbour east') * 8000
                end)::integer as easting,
                (case when is_own
                    then {north} + ((district - 1) // 5) * 15000
                        + ((place // side) + 0.15 + 0.7 * u(n, 'north')) * 15000 / side
                    else {north} + u(n, 'neighbour north') * 28000
                end)::integer as northing
            from numbered
        ),
        scored as (
            select placed.*, d.name as district_name, d.code as district_code,
                d.deprivation + 0.9 * (u(placed.code, 'deprivation') - 0.5) as score
            from placed inner join district as d on d.number = placed.district
        ),
        ranked as (
            select
                *,
                row_number() over (partition by is_own order by score desc, code) as imd_place,
                row_number() over (
                    partition by is_own order by score + 0.12 * (u(code, 'idaci') - 0.5) desc, code
                ) as idaci_place,
                count(*) over (partition by is_own) as places
            from scored
        )
        select
            n, code, district, district_code, district_name, is_own, easting, northing,
            -- Named as the ONS names them: the MSOA and a letter. MSOAs are out of step with wards, as real ones are.
            district_name || ' ' || lpad(((place + 2) // 5 + 1)::varchar, 3, '0') as msoa_name,
            msoa_name || substr('ABCDE', (place + 2) % 5 + 1, 1) as name,
            'E02' || (case when is_own then 900000 + district * 1000 else 800000 + district * 10 end + (place + 2) // 5)
                as msoa_code,
            -- Nine localities over the ten districts, by where the small area lies.
            (1 + least(2, (easting - {east}) // 20000) + 3 * least(2, (northing - {north}) // 10000))::integer
                as locality,
            (case when is_own then 'E05' || (990000 + district * 1000 + place // 5)
                else 'E05' || (890000 + district * 10 + place // 6) end) as ward_code,
            district_name || ' Ward ' || (place // (case when is_own then 5 else 6 end) + 1) as ward_name,
            least(33755, 1 + floor((imd_place - 0.5) / places * 33755))::integer as imd_rank,
            least(33755, 1 + floor((idaci_place - 0.5) / places * 33755))::integer as idaci_rank,
            (1 + floor(least(33754, floor((idaci_place - 0.5) / places * 33755)) * 5 / 33755))::integer
                as idaci_quintile,
            -- The 2011 area: one in forty was split in two since, one in eighty merged from two.
            (case when is_own and n % 40 in (5, 6) then 'E01' || (880000 + n - n % 40) else code end) as lsoa11_code,
            is_own and n % 80 = 11 as is_merged
        from ranked
        """,
        lsoas=world.lsoas,
        neighbours=LSOAS_PER_NEIGHBOUR,
        east=ORIGIN_EAST,
        north=ORIGIN_NORTH,
    )


def _postcodes(world: World) -> None:
    areas = ", ".join(f"'{area}'" for area in AREAS)
    world.sql(
        """
        create table postcode as
        with numbered as (
            select
                l.n as lsoa, l.code as lsoa_code, l.lsoa11_code, l.district, l.district_code, l.ward_code, l.is_own,
                l.easting, l.northing, place,
                row_number() over (partition by l.district order by l.n, place) - 1 as number
            from lsoa as l, lateral (select unnest(range({each})) as place)
        ),
        coded as (
            select
                *,
                (case when is_own then list_extract([{areas}], 1 + number // 40000)
                    else (select area from district where district.number = numbered.district) end)
                || (case when is_own then district % 10 + case when district = 10 then 10 else 0 end
                        + 10 * (number % 40000 // 4000) else 1 + number // 4000 end)::integer
                || ' ' || inward(number % 4000) as pcds
            from numbered
        )
        select
            pcds, lsoa, lsoa_code, lsoa11_code, district, district_code, ward_code, is_own, place::integer as place,
            (easting + draw(pcds, 'east', -250, 250))::integer as easting,
            (northing + draw(pcds, 'north', -250, 250))::integer as northing,
            (1980 + draw(pcds, 'introduced', 0, 35)) || lpad(draw(pcds, 'month', 1, 12)::varchar, 2, '0') as introduced,
            -- The last two of each area are terminated.
            (case when place >= {each} - 2
                then (2017 + draw(pcds, 'terminated', 0, 8)) || lpad(draw(pcds, 'end month', 1, 12)::varchar, 2, '0')
            end) as terminated
        from coded
        """,
        each=POSTCODES_PER_LSOA,
        areas=areas,
    )
