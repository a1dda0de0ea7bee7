-- Where specialist places are, in each calendar year: those that this council commissions, by phase and need, wherever the school
-- stands; and what other councils' special schools and bases near the border hold beyond those, of any phase and need, by the
-- register of schools.
with commissioned as (
    select
        period.period_id,
        places.establishment_key,
        places.phase,
        places.need,
        cast(sum(places.places_commissioned) as double) as places
    from {{ ref('dim_period') }} as period
    inner join {{ ref('fct_commissioned_place') }} as places
        on places.academic_year = period.academic_year
        and places.place_term in ('spring', 'year')
        and places.places_commissioned > 0
    where period.period_type = 'calendar_year'
    group by period.period_id, places.establishment_key, places.phase, places.need
),

ours_there as (
    select period_id, establishment_key, sum(places) as places
    from commissioned
    group by period_id, establishment_key
),

home_box as (
    select
        period_id,
        min(case when is_own then easting end) as west,
        max(case when is_own then easting end) as east,
        min(case when is_own then northing end) as south,
        max(case when is_own then northing end) as north
    from {{ ref('equity__access_home') }}
    where in_county
    group by period_id
),

neighbour as (
    select
        box.period_id,
        school.establishment_key,
        school.easting,
        school.northing,
        coalesce(case when school.setting_group like 'special%' and school.sector = 'state' then school.school_capacity end, 0)
        + coalesce(school.resourced_provision_capacity, 0)
        + coalesce(school.sen_unit_capacity, 0)
        - coalesce(ours_there.places, 0) as places
    from {{ ref('dim_establishment') }} as school
    cross join (select 1000 * max(kilometres) as metres from {{ ref('access_catchment') }}) as reach
    inner join home_box as box
        on school.easting between box.west - reach.metres and box.east + reach.metres
        and school.northing between box.south - reach.metres and box.north + reach.metres
    left join ours_there on ours_there.period_id = box.period_id and ours_there.establishment_key = school.establishment_key
    where not school.in_county and school.close_date is null
)

select
    commissioned.period_id,
    commissioned.establishment_key,
    establishment.easting,
    establishment.northing,
    coalesce(commissioned.phase, 'ALL') as phase,
    commissioned.need,
    commissioned.places,
    true as is_own
from commissioned
inner join {{ ref('dim_establishment') }} as establishment
    on establishment.establishment_key = commissioned.establishment_key
    and establishment.easting is not null
    and establishment.northing is not null
union all
select
    period_id,
    establishment_key,
    easting,
    northing,
    'ALL',
    'all',
    cast(places as double),
    false
from neighbour
where places > 0
