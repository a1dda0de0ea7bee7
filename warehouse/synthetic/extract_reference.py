"""The registers: schools, postcodes, deprivation, population, look-ups between areas; the council's term dates."""

from __future__ import annotations

from datetime import date, timedelta

from warehouse import specification
from warehouse.synthetic.extract_table import make, table
from warehouse.synthetic.world import World, by_value

# Near enough for a plot: a plane through the middle of the county, in degrees.
LATITUDE = "round(53.45 + (northing - 400000) / 111200.0 - (easting - 620000) * 0.0000005, 6)"
LONGITUDE = "round(1.32 + (easting - 620000) / 66250.0, 6)"


def schools(world: World) -> None:
    day = world.as_at.toordinal() - 1
    stamp = type(world.as_at).fromordinal(day).strftime("%Y%m%d")
    types = by_value(
        "s.type_code",
        {row["code"]: "'" + row["label"].replace("'", "''") + "'" for row in specification.rows("code_gias_type")},
        "null",
    )
    make(
        world,
        "gias",
        "establishment",
        """
        with roll_now as (
            select urn, count(*) as pupils, count_if(sen_unit) as in_unit, count_if(resourced_provision) as in_rp
            from roll
            where census_day = (select max(census_day) from roll where census_day < {as_at})
            group by urn
        )
        select
            s.urn, s.la_code, case when s.is_own then '{council}' else s.county_name end as la_name,
            s.establishment_number, s.name as establishment_name, s.type_code,
            {types} as type_name,
            case
                when s.type_code in (1, 2, 3, 5, 15) then 'Local authority maintained schools'
                when s.type_code in (7, 8, 12) then 'Special schools'
                when s.type_code in (10, 11) then 'Independent schools'
                when s.type_code in (18) then 'Colleges'
                when s.type_code in (35, 36, 38) then 'Free Schools'
                when s.type_code in (14) then 'Local authority maintained schools'
                when s.type_code = 32 then 'Other types'
                else 'Academies' end as type_group_name,
            case when s.is_open then '1' else '2' end as status_code,
            case when s.is_open then 'Open' else 'Closed' end as status_name,
            strftime(s.open_date, '%d-%m-%Y') as open_date, strftime(s.close_date, '%d-%m-%Y') as close_date,
            s.phase_code, s.phase_name, s.low_age as statutory_low_age, s.high_age as statutory_high_age,
            case when s.kind = 'special' and u(s.s, 'capacity') < 0.2 then null
                else greatest(s.capacity, coalesce(r.pupils, 0) + 15) end as school_capacity,
            coalesce(r.pupils, (s.capacity * 0.9)::integer) as number_of_pupils,
            s.ukprn,
            near.pcds as postcode,
            case when s.kind in ('independent_special', 'special_college')
                then case when u(s.s, 'section 41') < 0.6 then 'Approved' else 'Not approved' end
                else 'Not applicable' end as section_41_approved,
            case when s.kind like '%special' then
                list_extract(['ASD - Autistic Spectrum Disorder', 'SEMH - Social, Emotional and Mental Health',
                    'SLD - Severe Learning Difficulty', 'MLD - Moderate Learning Difficulty'], draw(s.s, 'sen1', 1, 4))
                when s.base <> 'not a base' then list_extract(['ASD - Autistic Spectrum Disorder',
                    'SLCN - Speech, language and Communication', 'HI - Hearing Impairment'], draw(s.s, 'sen1', 1, 3))
                        end as sen1,
            case when s.kind like '%special' and u(s.s, 'sen2') < 0.5
                then 'SLCN - Speech, language and Communication' end as sen2,
            case when s.base = 'not a base' then case when s.kind in ('primary', 'secondary', 'nursery')
                then 'Not applicable' end
                else s.base end as resourced_provision_type,
            case when s.base like 'Resourced%' then coalesce(r.in_rp, 0) end as resourced_provision_on_roll,
            case when s.base like 'Resourced%' then s.base_places end as resourced_provision_capacity,
            case when s.base like '%SEN unit' then coalesce(r.in_unit, 0) end as sen_unit_on_roll,
            case when s.base like '%SEN unit' then s.base_places end as sen_unit_capacity,
            s.district_code, s.district_name, s.ward_code, s.easting, s.northing, s.lsoa_code,
            l.msoa_code,
            'edubasealldata{stamp}.csv' as _file, lpad(s.urn::varchar, 8, '0') as _sort
        from school as s
        left join roll_now as r on r.urn = s.urn
        left join postcode as near on near.lsoa_code = s.lsoa_code and near.place = s.s % 25
        left join lsoa as l on l.code = s.lsoa_code
        """,
        stamp=stamp,
        types=types,
        council=world.settings.council_name,
    )
    make(
        world,
        "gias",
        "link",
        """
        with ways as (
            select old_urn as urn, new_urn as link_urn, 'Successor' as link_type, converted from school_link
            union all
            select new_urn, old_urn, 'Predecessor', converted from school_link
        )
        select b.urn, b.link_urn, s.name as link_name, b.link_type, strftime(b.converted, '%d-%m-%Y') as link_date,
            'links_edubasealldata{stamp}.csv' as _file, lpad(b.urn::varchar, 8, '0') || b.link_type as _sort
        from ways as b inner join school as s on s.urn = b.link_urn
        """,
        stamp=stamp,
    )


def areas(world: World) -> None:
    make(
        world,
        "geography",
        "postcode",
        """
        select
            pcds as postcode, introduced, terminated, district_code, ward_code, easting, northing, lsoa11_code,
            lsoa_code as lsoa21_code,
            {latitude} as latitude, {longitude} as longitude,
            'ONSPD_NOV_{year}_UK.csv' as _file, pcds as _sort
        from postcode
        """,
        year=world.as_at.year - 1,
        latitude=LATITUDE,
        longitude=LONGITUDE,
    )
    make(
        world,
        "geography",
        "deprivation",
        """
        select
            code as lsoa21_code, district_code, imd_rank, (1 + (imd_rank - 1) * 10 // 33755) as imd_decile,
            idaci_rank, (1 + (idaci_rank - 1) * 10 // 33755) as idaci_decile,
            'File_7_IoD2025_All_Ranks_Scores_Deciles_Population_Denominators.csv' as _file, code as _sort
        from lsoa
        """,
    )
    _population(world)
    _deprivation_before(world)
    make(
        world,
        "geography",
        "lsoa_ward",
        """
        select code as lsoa21_code, name as lsoa21_name, ward_code, ward_name, district_code, district_name,
            'lookup_lsoa21_ward24_ltla24.csv' as _file, code as _sort
        from lsoa
        """,
    )
    make(
        world,
        "geography",
        "lsoa_msoa",
        """
        select 'E00' || substr(code, 4) || part as oa21_code, code as lsoa21_code, msoa_code as msoa21_code,
            msoa_name as msoa21_name, 'OA21_LSOA21_MSOA21_LAD22_LU.csv' as _file, code || part as _sort
        from lsoa, lateral (select unnest(range(1, 5)) as part)
        """,
    )
    make(
        world,
        "geography",
        "msoa_name",
        """
        with msoa as (
            select distinct msoa_code, district_name, right(msoa_name, 3)::integer as number from lsoa
        )
        select msoa_code as msoa21_code, district_name || ' '
                || list_extract(['Bridge', 'Common', 'Green', 'Hill', 'Mill', 'Park', 'Priory', 'Quay', 'Wood'],
                    1 + number % 9) || case when number > 9 then ' ' || (number // 9 + 1) else '' end as msoa_name,
            'MSOA-Names-2.2.csv' as _file, msoa_code as _sort
        from msoa
        """,
    )
    make(
        world,
        "geography",
        "lsoa_change",
        """
        with changes as (
            select lsoa11_code, code as lsoa21_code, case when lsoa11_code <> code then 'S' when is_merged then 'M'
                else 'U' end
                as change_code
            from lsoa
            union all
            select 'E01' || (870000 + n), code, 'M' from lsoa where is_merged
        )
        select *, 'lookup_lsoa11_lsoa21_ltla22.csv' as _file, lsoa11_code || lsoa21_code as _sort from changes
        """,
    )
    make(
        world,
        "geography",
        "district_county",
        """
        select code as district_code, name as district_name, county_code, county_name,
            'lookup_ltla23_utla23.csv' as _file, code as _sort
        from district
        """,
    )
    make(
        world,
        "geography",
        "local_authority",
        """
        select distinct la_code, county_code, county_name as la_name, 'E12999999' as region_code,
            'Demonstration region' as region_name, '2017' as first_year, '{year}' as last_year,
            'la_codes_old_to_gss.csv' as _file, la_code as _sort
        from district
        """,
        year=world.as_at.year,
    )


def _population(world: World) -> None:
    """Mid-year population by single year of age: the people themselves to 25, a smooth tail of adults after; of the
    neighbours, whose people nobody made, as many as an area here has."""
    ages = (
        ", ".join(
            f"coalesce(max(case when p.age = {age} then p.people end), "
            f"case when l.is_own then 0 else draw(l.code, 'aged {age}', 8, 16) end) as \"{age}\""
            for age in range(26)
        )
        + ", "
        + ", ".join(
            f"(draw(l.code, 'aged {age}', 15, 24) * {max(0.15, 1 - max(0, age - 60) / 36):.3f})::integer as \"{age}\""
            for age in range(26, 90)
        )
        + ", draw(l.code, 'aged 90', 4, 18) as \"90\""
    )
    world.sql(
        """
        create table population as
        with people as (
            select lsoa, age, count(*) as people from person group by lsoa, age
        )
        select l.code, l.name, {ages}
        from lsoa as l left join people as p on l.is_own and p.lsoa = l.n
        group by l.code, l.name, l.is_own
        """,
        ages=ages,
    )
    total = " + ".join(f'"{age}"' for age in range(91))
    persons = ", ".join(f'"{age}"::varchar as persons_{age}' for age in range(91))
    name = table("geography", "population")
    world.con.execute(
        f"create table {name} as select code as lsoa_code, ({total})::varchar as total_population, {persons},"
        " 'population25_lsoa21.csv' as _file, code as _sort, null::bigint as _n, null::varchar as _fault,"
        " name as _lsoa_name from population"
    )


def _deprivation_before(world: World) -> None:
    """The edition before, for the small areas of 2011: near enough the same ranks, one with decimals."""
    make(
        world,
        "geography",
        "deprivation_2019",
        """
        with old as (
            select lsoa11_code, min(imd_rank) as imd_rank, min(idaci_rank) as idaci_rank from (
                select lsoa11_code, imd_rank, idaci_rank from lsoa
                union all
                select 'E01' || (870000 + n), imd_rank, idaci_rank from lsoa where is_merged
            ) group by lsoa11_code
        ),
        ranked as (
            select lsoa11_code,
                greatest(1, least(32844, imd_rank * 32844 // 33755 + draw(lsoa11_code, 'imd before', -900, 900)))
                    as imd,
                greatest(1, least(32844, idaci_rank * 32844 // 33755 + draw(lsoa11_code, 'idaci before', -900, 900)))
                    as idaci
            from old
        )
        select lsoa11_code, imd || '.00' as imd_rank, 1 + (imd - 1) * 10 // 32844 as imd_decile, idaci as idaci_rank,
            1 + (idaci - 1) * 10 // 32844 as idaci_decile,
            'File_7_-_All_IoD2019_Scores__Ranks__Deciles_and_Population_Denominators.csv' as _file, lsoa11_code as _sort
        from ranked
        """,
    )


def boundaries(world: World) -> None:
    """A square for each small area, and for each district the one that holds them: shapes to draw, not to measure."""
    corners = ", ".join(
        f"[{LONGITUDE.replace('easting', x)}, {LATITUDE.replace('easting', x).replace('northing', y)}]"
        for x, y in (("west", "south"), ("east", "south"), ("east", "north"), ("west", "north"), ("west", "south"))
    )
    make(
        world,
        "boundary",
        "area",
        """
        with shape as (
            select 'lsoa_2021' as layer, 'LSOA21CD' as code_property, code as area_code, name as area_name,
                easting - 400 as west, easting + 400 as east, northing - 400 as south, northing + 400 as north
            from lsoa
            union all
            select 'district_2025', 'LAD25CD', district_code, any_value(district_name), min(easting) - 500,
                max(easting) + 500, min(northing) - 500, max(northing) + 500
            from lsoa group by district_code
        )
        select layer, area_code, area_name, code_property,
            '{{"type":"Polygon","coordinates":[' || to_json([{corners}])::varchar || ']}}' as geometry,
            layer || '.geojson' as _file, area_code as _sort
        from shape
        """,
        corners=corners,
    )


def local_areas(world: World) -> None:
    """The council's own lists: localities by small area and planning areas by school.

    One small area was forgotten and one is of 2011; one school is unknown, and the phase of another is no code.
    """
    make(
        world,
        "local_area",
        "locality",
        """
        select code as lsoa21_code, 'LOC' || locality as locality_code,
            list_extract(['South West', 'South', 'South East', 'West', 'Middle', 'East', 'North West', 'North',
                'North East'], locality) || ' partnership' as locality_name,
            'locality.csv' as _file, code as _sort
        from lsoa where is_own and n <> 17
        union all
        select 'E01879999', 'LOC1', 'South West partnership', 'locality.csv', 'E01879999'
        """,
    )
    # Primary areas are two MSOAs each, secondary ones districts; special schools are in none.
    make(
        world,
        "local_area",
        "planning_area",
        """
        with listed as (
            select s.urn, s.kind = 'primary' as is_primary, l.district_code, l.district_name,
                (right(l.msoa_name, 3)::integer + 1) // 2 as number
            from school as s inner join lsoa as l on l.code = s.lsoa_code
            where s.is_own and s.is_open and s.kind in ('primary', 'secondary')
        )
        select urn,
            case when is_primary then 'PRI' when urn = max(urn) over () then 'Middle' else 'SEC' end as phase,
            district_code || case when is_primary then 'P' || number else 'S' end as planning_area_code,
            district_name || case when is_primary then ' primary ' || number else ' secondary' end
                as planning_area_name,
            'planning_area.xlsx' as _file, lpad(urn::varchar, 8, '0') as _sort
        from listed
        union all
        select 199999, 'PRI', 'E07999001P1', 'Ashmarrow primary 1', 'planning_area.xlsx', '00199999'
        """,
    )


def terms(world: World) -> None:
    """Terms, holidays and training days of the school year that runs and the one before."""
    rows = [row for year in (world.as_at.year - 2, world.as_at.year - 1) for row in _school_year(year)]
    values = ", ".join(f"({year}, '{kind}', '{label}', date '{a}', date '{b}')" for year, kind, label, a, b in rows)
    make(
        world,
        "term_dates",
        "day_range",
        """
        select *, 'term_dates.csv' as _file, academic_year || from_date as _sort
        from (values {values}) as d(academic_year, day_kind, label, from_date, to_date)
        """,
        values=values,
    )


def _school_year(year: int) -> list[tuple[int, str, str, date, date]]:
    """Six half terms between Mondays and Fridays, the holidays between them, and three training days."""

    def monday(month: int, day: int) -> date:
        near = date(year if month > 8 else year + 1, month, day)
        return near - timedelta(days=near.weekday())

    starts = [monday(9, 7), monday(11, 3), monday(1, 8), monday(2, 24), monday(4, 17), monday(6, 5)]
    ends = [monday(10, 22), monday(12, 17), monday(2, 10), monday(3, 27), monday(5, 20), monday(7, 19)]
    ends = [end + timedelta(days=4) for end in ends]
    names = ["Autumn first", "Autumn second", "Spring first", "Spring second", "Summer first", "Summer second"]
    rows = [(year, "term", f"{name} half", start, end) for name, start, end in zip(names, starts, ends, strict=True)]
    for place, (end, start) in enumerate(zip(ends, starts[1:], strict=False)):
        kind = "half_term" if place % 2 == 0 else "holiday"
        rows.append(
            (year, kind, f"After {names[place].lower()} half", end + timedelta(days=3), start - timedelta(days=3))
        )
    rows.append((year, "holiday", "Summer", ends[-1] + timedelta(days=3), date(year + 1, 8, 31)))
    return rows + [
        (year, "inset", "Training day", start - timedelta(days=3), start - timedelta(days=3)) for start in starts[::2]
    ]
