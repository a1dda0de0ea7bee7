-- Small areas with what is known of them, then the wards, MSOAs, localities, districts and counties they make up, and the areas
-- that schools are planned by. A level whose list has not landed has no rows.
with msoa as (
    select
        lsoa_msoa.lsoa21_code,
        min(lsoa_msoa.msoa21_code) as msoa_code,
        min(coalesce(msoa_name.msoa_name, lsoa_msoa.msoa21_name, lsoa_msoa.msoa21_code)) as msoa_name
    from {{ ref('stg_geography__lsoa_msoa') }} as lsoa_msoa
    left join {{ ref('stg_geography__msoa_name') }} as msoa_name on lsoa_msoa.msoa21_code = msoa_name.msoa21_code
    group by lsoa_msoa.lsoa21_code
),

lsoa as (
    select
        lsoa_ward.lsoa21_code,
        coalesce(lsoa_ward.lsoa21_name, lsoa_ward.lsoa21_code) as lsoa21_name,
        lsoa_ward.ward_code,
        coalesce(lsoa_ward.ward_name, lsoa_ward.ward_code) as ward_name,
        msoa.msoa_code,
        msoa.msoa_name,
        locality.locality_code,
        coalesce(locality.locality_name, locality.locality_code) as locality_name,
        lsoa_ward.district_code,
        coalesce(district.district_name, lsoa_ward.district_name, lsoa_ward.district_code) as district_name,
        district.county_code,
        coalesce(district.county_name, district.county_code) as county_name,
        coalesce(district.in_county, false) as in_county,
        deprivation.imd_rank,
        deprivation.imd_decile,
        deprivation.idaci_rank,
        deprivation.idaci_decile
    from {{ ref('stg_geography__lsoa_ward') }} as lsoa_ward
    left join {{ ref('int_place__district') }} as district on lsoa_ward.district_code = district.district_code
    left join msoa on lsoa_ward.lsoa21_code = msoa.lsoa21_code
    left join {{ ref('stg_local_area__locality') }} as locality on lsoa_ward.lsoa21_code = locality.lsoa21_code
    left join {{ ref('stg_geography__deprivation') }} as deprivation on lsoa_ward.lsoa21_code = deprivation.lsoa21_code
),

-- Ranked again among the small areas of the county alone; areas of other councils have no place in that order.
county_rank as (
    select
        lsoa21_code,
        {% for index in ['imd', 'idaci'] -%}
        {% for groups in [('quintile', 5), ('decile', 10)] -%}
        case
            when {{ index }}_rank is not null
                then ntile({{ groups[1] }}) over (partition by {{ index }}_rank is null order by {{ index }}_rank, lsoa21_code)
        end as {{ index }}_{{ groups[0] }}_county{{ ',' if not (loop.last and index == 'idaci') }}
        {% endfor -%}
        {% endfor %}
    from lsoa
    where in_county
),

-- A 2011 small area that was split hands its residents on in equal parts.
part as (
    select lsoa11_code, lsoa21_code, 1.0 / count(*) over (partition by lsoa11_code) as share
    from {{ ref('stg_geography__lsoa_change') }}
),

resident as (
    select
        coalesce(lsoa_ward.lsoa21_code, part.lsoa21_code) as lsoa21_code,
        sum(population.persons * coalesce(case when lsoa_ward.lsoa21_code is null then part.share end, 1)) as population_0_24
    from {{ ref('int_place__population') }} as population
    left join {{ ref('stg_geography__lsoa_ward') }} as lsoa_ward on population.lsoa_code = lsoa_ward.lsoa21_code
    left join part on population.lsoa_code = part.lsoa11_code and lsoa_ward.lsoa21_code is null
    where population.age <= 24
    group by coalesce(lsoa_ward.lsoa21_code, part.lsoa21_code)
),

-- No list of centres lands: the middle of an area is the mean of its postcodes in use, or of all where none is.
centre as (
    select
        lsoa21_code,
        avg(easting) as easting,
        avg(northing) as northing,
        avg(case when terminated is null then easting end) as easting_in_use,
        avg(case when terminated is null then northing end) as northing_in_use
    from {{ ref('int_place__postcode') }}
    where lsoa21_code is not null and easting is not null and northing is not null
    group by lsoa21_code
),

small_area as (
    select
        lsoa.*,
        county_rank.imd_quintile_county,
        county_rank.imd_decile_county,
        county_rank.idaci_quintile_county,
        county_rank.idaci_decile_county,
        resident.population_0_24,
        coalesce(centre.easting_in_use, centre.easting) as easting,
        coalesce(centre.northing_in_use, centre.northing) as northing
    from lsoa
    left join county_rank on lsoa.lsoa21_code = county_rank.lsoa21_code
    left join centre on lsoa.lsoa21_code = centre.lsoa21_code
    left join resident on lsoa.lsoa21_code = resident.lsoa21_code
)

select
    'lsoa' as area_level,
    lsoa21_code as area_code,
    lsoa21_name as area_name,
    ward_code,
    msoa_code,
    locality_code,
    district_code,
    district_name,
    county_code,
    in_county,
    imd_rank,
    imd_decile,
    idaci_rank,
    idaci_decile,
    cast(imd_quintile_county as integer) as imd_quintile_county,
    cast(imd_decile_county as integer) as imd_decile_county,
    cast(idaci_quintile_county as integer) as idaci_quintile_county,
    cast(idaci_decile_county as integer) as idaci_decile_county,
    cast(round(population_0_24) as bigint) as population_0_24,
    cast(round(easting) as integer) as easting,
    cast(round(northing) as integer) as northing
from small_area
{%- set no_text = 'cast(null as ' ~ dbt.type_string() ~ ')' %}
{%- set ranks %}
    cast(null as integer) as imd_rank,
    cast(null as integer) as imd_decile,
    cast(null as integer) as idaci_rank,
    cast(null as integer) as idaci_decile,
    cast(null as integer) as imd_quintile_county,
    cast(null as integer) as imd_decile_county,
    cast(null as integer) as idaci_quintile_county,
    cast(null as integer) as idaci_decile_county,
{%- endset %}
{%- set no_middle %}
    cast(null as integer) as easting,
    cast(null as integer) as northing
{%- endset %}
{% for level in ['ward', 'msoa', 'locality', 'district', 'county'] %}
union all
select
    '{{ level }}' as area_level,
    {{ level }}_code as area_code,
    min({{ level }}_name) as area_name,
    {%- for column in ['ward', 'msoa', 'locality'] %}
    {{ column ~ '_code' if level == column else no_text }} as {{ column }}_code,
    {%- endfor %}
    {{ no_text if level in ('county', 'locality') else 'min(district_code)' }} as district_code,
    {{ no_text if level in ('county', 'locality') else 'min(district_name)' }} as district_name,
    min(county_code) as county_code,
    bool_or(in_county) as in_county,
    {{- ranks }}
    cast(round(sum(population_0_24)) as bigint) as population_0_24,
    {{- no_middle }}
from small_area
where {{ level }}_code is not null
group by {{ level }}_code
{% endfor %}
union all
select
    'planning_area' as area_level,
    planning_area_code as area_code,
    coalesce(min(planning_area_name), planning_area_code) as area_name,
    {{ no_text }} as ward_code,
    {{ no_text }} as msoa_code,
    {{ no_text }} as locality_code,
    {{ no_text }} as district_code,
    {{ no_text }} as district_name,
    {{ no_text }} as county_code,
    true as in_county,
    {{- ranks }}
    cast(null as bigint) as population_0_24,
    {{- no_middle }}
from {{ ref('stg_local_area__planning_area') }}
where planning_area_code is not null
group by planning_area_code
