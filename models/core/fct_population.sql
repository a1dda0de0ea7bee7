-- Usual residents of the county by 2021 LSOA and single year of age. A file on 2011 areas is carried over: an area that
-- was split is shared evenly among its successors, so persons can be fractional; areas that merged are added up.
with resident as (
    select lsoa_code, age, persons
    from {{ ref('int_place__population') }}
    where age <= 24
),

area as (
    select area_code, district_code, idaci_quintile_county
    from {{ ref('dim_area') }}
    where area_level = 'lsoa' and in_county
),

-- A code that is a 2021 area stands for itself; any other is a 2011 area with one or more successors.
successor as (
    select lsoa11_code, lsoa21_code, 1.0 / count(*) over (partition by lsoa11_code) as share
    from {{ ref('stg_geography__lsoa_change') }}
    where lsoa11_code not in (select lsoa21_code from {{ ref('stg_geography__lsoa_ward') }})
),

on_2021_areas as (
    select
        coalesce(successor.lsoa21_code, resident.lsoa_code) as lsoa21_code,
        resident.age,
        sum(resident.persons * coalesce(successor.share, 1.0)) as persons
    from resident
    left join successor on successor.lsoa11_code = resident.lsoa_code
    group by coalesce(successor.lsoa21_code, resident.lsoa_code), resident.age
)

select
    populations.lsoa21_code,
    cast(populations.age as integer) as age,
    area.district_code,
    area.idaci_quintile_county,
    bands.age_band,
    cast(populations.persons as double) as persons
from on_2021_areas as populations
inner join area on area.area_code = populations.lsoa21_code
inner join {{ ref('age_band') }} as bands on populations.age between bands.age_from and bands.age_to
where populations.persons is not null
