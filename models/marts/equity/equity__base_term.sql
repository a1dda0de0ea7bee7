-- Each base that was open on a census day: its places, and the children in it by each of the four sources. The register and the
-- school count heads and name nobody; what they do not say is null, which is no nought.
with census_day as (
    select
        period.period_id,
        period.academic_year,
        days.census_year,
        days.census_term,
        days.census_day
    from {{ ref('dim_period') }} as period
    inner join {{ ref('school_census_day') }} as days
        on days.census_year = period.academic_year + case days.census_term when 'autumn' then 0 else 1 end
        and days.census_day <= {{ date_var('as_at') }}
    where period.period_type = 'academic_year'
),

open_base as (
    select
        census_day.*,
        base.resource_base_key,
        base.establishment_key,
        base.base_type,
        base.designated_need,
        case when establishment.in_county then {{ known_area('establishment.district_code', 'district') }} end as district_code,
        establishment.in_county,
        count(*) over (
            partition by census_day.period_id, census_day.census_term, base.establishment_key, base.base_type
        ) as bases_of_a_kind
    from census_day
    inner join {{ ref('dim_resource_base') }} as base
        on coalesce(base.opened_date <= census_day.census_day, true)
        and coalesce(base.closed_date >= census_day.census_day, true)
    left join {{ ref('dim_establishment') }} as establishment on establishment.establishment_key = base.establishment_key
),

place as (
    select
        resource_base_key,
        academic_year,
        place_term,
        sum(places_commissioned) as places_commissioned,
        sum(places_filled) as places_filled
    from {{ ref('fct_commissioned_place') }}
    where kind = 'base'
    group by resource_base_key, academic_year, place_term
),

-- Schools of which the census of the term says of somebody whether he is in a base. Autumn and summer need not say it of anyone: then
-- nobody counted, and it is not that nobody is there. Nor did a school count that flags its whole roll (flag_whole_school).
counted_school as (
    select pupils.census_year, pupils.census_term, pupils.establishment_key
    from {{ ref('fct_pupil_term') }} as pupils
    left join {{ ref('dim_establishment') }} as school on school.establishment_key = pupils.establishment_key
    group by pupils.census_year, pupils.census_term, pupils.establishment_key, school.setting_group
    having count(pupils.sen_unit) + count(pupils.resourced_provision) > 0
        and not ({{ flags_its_whole_roll('school.setting_group') }})
),

child as (
    select
        children.period_id,
        children.place_term,
        children.resource_base_key,
        count(*) filter (where children.is_in_census) as in_census,
        count(*) filter (where children.is_in_sen2) as in_sen2,
        count(*) filter (where children.is_in_census and children.is_in_sen2) as in_both,
        count(*) as in_either
    from {{ ref('equity__base_child') }} as children
    group by children.period_id, children.place_term, children.resource_base_key
)

select
    open_base.period_id,
    open_base.census_term as place_term,
    open_base.census_day,
    open_base.resource_base_key,
    open_base.establishment_key,
    {{ home_area('open_base.district_code', 'open_base.in_county') }} as district,
    open_base.designated_need,
    cast(coalesce(place.places_commissioned, whole_year.places_commissioned) as integer) as places_commissioned,
    cast(coalesce(place.places_filled, whole_year.places_filled) as integer) as places_filled,
    counted_school.establishment_key is not null as is_counted,
    cast(case when counted_school.establishment_key is not null then coalesce(child.in_census, 0) end as integer) as census_pupils,
    cast(case when open_base.census_term = 'spring' then coalesce(child.in_sen2, 0) end as integer) as sen2_children,
    cast(coalesce(child.in_both, 0) as integer) as children_in_both,
    cast(coalesce(child.in_either, 0) as integer) as children_in_either,
    case
        when open_base.bases_of_a_kind > 1 then null
        when open_base.base_type = 'UNIT' then register.sen_unit_on_roll
        when open_base.base_type = 'RP' then register.resourced_provision_on_roll
        else register.sen_unit_on_roll + register.resourced_provision_on_roll
    end as register_on_roll
from open_base
left join place
    on place.resource_base_key = open_base.resource_base_key
    and place.academic_year = open_base.academic_year
    and place.place_term = open_base.census_term
left join place as whole_year
    on whole_year.resource_base_key = open_base.resource_base_key
    and whole_year.academic_year = open_base.academic_year
    and whole_year.place_term = 'year'
left join counted_school
    on counted_school.establishment_key = open_base.establishment_key
    and counted_school.census_year = open_base.census_year
    and counted_school.census_term = open_base.census_term
left join child
    on child.period_id = open_base.period_id
    and child.place_term = open_base.census_term
    and child.resource_base_key = open_base.resource_base_key
left join {{ ref('dim_establishment_on_census_day') }} as register
    on open_base.census_term = 'spring'
    and register.collection_year = open_base.census_year
    and register.establishment_key = open_base.establishment_key
