-- Where the children with a plan live, by small area, phase and primary need, on the stock date of each calendar year; and how many
-- such children the neighbouring councils would have near the border at this county's rate, of any need: theirs do not land.
with own as (
    select
        plans.period_id,
        area.area_code as lsoa21_code,
        area.district_code,
        area.in_county,
        area.easting,
        area.northing,
        {{ provision_phase('plans.age_at_31_august') }} as phase,
        people.primary_need as need,
        cast(count(*) as double) as children
    from {{ ref('equity__plan_in_force') }} as plans
    inner join {{ ref('dim_person') }} as person on person.person_key = plans.person_key
    inner join {{ ref('equity__person_period') }} as people
        on people.period_id = plans.period_id and people.person_key = plans.person_key
    inner join {{ ref('dim_area') }} as area
        on area.area_level = 'lsoa'
        and area.area_code = person.lsoa21_code
        and area.easting is not null
        and area.northing is not null
    where plans.age_at_31_august is not null
    group by all
),

rate as (
    select
        own.period_id,
        own.phase,
        sum(own.children) / max(resident.population_0_24) as children_per_resident
    from own
    cross join (
        select nullif(sum(population_0_24), 0) as population_0_24 from {{ ref('dim_area') }} where area_level = 'lsoa' and in_county
    ) as resident
    where own.in_county
    group by own.period_id, own.phase
),

-- Within two of the widest catchments of the county: beyond, nothing reaches a child of ours, nor a school that does.
box as (
    select
        min(easting) - max(reach.metres) as west,
        max(easting) + max(reach.metres) as east,
        min(northing) - max(reach.metres) as south,
        max(northing) + max(reach.metres) as north
    from {{ ref('dim_area') }}
    cross join (select 2000 * max(kilometres) as metres from {{ ref('access_catchment') }}) as reach
    where area_level = 'lsoa' and in_county
)

select
    period_id,
    lsoa21_code,
    district_code,
    in_county,
    easting,
    northing,
    phase,
    need,
    children,
    true as is_own
from own
union all
select
    rate.period_id,
    area.area_code,
    area.district_code,
    area.in_county,
    area.easting,
    area.northing,
    rate.phase,
    'all',
    area.population_0_24 * rate.children_per_resident,
    false
from {{ ref('dim_area') }} as area
inner join box
    on area.easting between box.west and box.east
    and area.northing between box.south and box.north
inner join rate on rate.children_per_resident is not null
where area.area_level = 'lsoa' and not area.in_county and area.population_0_24 > 0
