-- Places in bases and special schools, counted by base or school and not by child. An area is where the base stands, a primary need
-- the one it is for. Joins equity__metric_count beside the sums of person events.
with base_term as (
    select
        period_id,
        place_term,
        resource_base_key,
        district,
        coalesce(establishment_key, 'unknown') as school,
        coalesce({{ known_code('designated_need', 'code_sen_type_census') }}, 'unknown') as primary_need,
        places_filled,
        census_pupils,
        children_in_both,
        children_in_either,
        register_on_roll,
        places_commissioned,
        coalesce(is_counted and places_commissioned > 0, false) as is_comparable,
        coalesce(is_counted and places_filled >= 0 and register_on_roll >= 0, false) as is_told_four_times,
        is_counted
    from {{ ref('equity__base_term') }}
),

-- State-funded special schools of the county on the spring census day, with the places of the whole year.
special_place as (
    select
        establishment_key,
        academic_year,
        sum(places_commissioned) as places_commissioned,
        case when count(distinct need) = 1 then min(need) else 'unknown' end as need
    from {{ ref('fct_commissioned_place') }}
    where kind = 'special_school' and establishment_key is not null
    group by establishment_key, academic_year
),

special_roll as (
    select establishment_key, academic_year, count(*) as pupils
    from {{ ref('fct_pupil_term') }}
    where census_term = 'spring' and is_main_enrolment
    group by establishment_key, academic_year
),

special as (
    select
        period.period_id,
        school.establishment_key as school,
        coalesce({{ known_area('school.district_code', 'district') }}, 'unknown') as district,
        coalesce({{ known_code('places.need', 'code_sen_type_census') }}, 'unknown') as primary_need,
        places.places_commissioned,
        roll.pupils,
        coalesce(roll.pupils >= 0 and places.places_commissioned > 0, false) as is_comparable
    from {{ ref('dim_period') }} as period
    inner join {{ ref('school_census_day') }} as days
        on days.census_year = period.academic_year + 1
        and days.census_term = 'spring'
        and days.census_day <= {{ date_var('as_at') }}
    inner join {{ ref('dim_establishment') }} as school
        on school.in_county
        and school.setting_group in ('special_la', 'special_academy', 'special_free_school')
        and coalesce(school.open_date <= days.census_day, true)
        and coalesce(school.close_date > days.census_day, true)
    left join special_place as places
        on places.establishment_key = school.establishment_key and places.academic_year = period.academic_year
    left join special_roll as roll
        on roll.establishment_key = school.establishment_key and roll.academic_year = period.academic_year
    where period.period_type = 'academic_year'
),

-- PL10: bases open, and places commissioned by the need they are for, on the autumn and the spring census day.
pl10 as (
    select
        'PL10' as metric_id, 'bases' as variant, period_id, district, school, primary_need,
        1.0 as numerator, 1.0 as denominator, 0.0 as excluded
    from base_term
    where place_term = 'spring'
    union all
    {% for term, variant in [('autumn', 'places_autumn'), ('spring', 'places_spring')] -%}
    select
        'PL10' as metric_id, '{{ variant }}' as variant, base_term.period_id, base_term.district, base_term.school, coalesce({{ known_code('places.need', 'code_sen_type_census') }}, 'unknown'),
        places.places_commissioned, 1.0, 0.0
    from base_term
    inner join {{ ref('dim_period') }} as period on period.period_id = base_term.period_id
    inner join {{ ref('fct_commissioned_place') }} as places
        on places.resource_base_key = base_term.resource_base_key
        and places.academic_year = period.academic_year
        and places.place_term in ('{{ term }}', 'year')
    where base_term.place_term = '{{ term }}'
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

-- PL11: pupils in the base by the census over the places commissioned, term by term.
pl11 as (
    {% for term in ['autumn', 'spring', 'summer'] -%}
    select
        'PL11' as metric_id, '{{ term }}' as variant, period_id, district, school, primary_need,
        case when is_comparable then census_pupils else 0 end as numerator,
        case when is_comparable then places_commissioned else 0 end as denominator,
        {{ counted('not is_comparable') }} as excluded
    from base_term
    where place_term = '{{ term }}'
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

-- FN06: places without a pupil. A base that is over its places does not make up for an empty place in another.
fn06 as (
    {% for term in ['autumn', 'spring', 'summer'] -%}
    select
        'FN06' as metric_id, '{{ term }}' as variant, period_id, district, school, primary_need,
        case when is_comparable then greatest(places_commissioned - census_pupils, 0) else 0 end as numerator,
        case when is_comparable then places_commissioned else 0 end as denominator,
        {{ counted('not is_comparable') }} as excluded
    from base_term
    where place_term = '{{ term }}'
    union all
    {% endfor -%}
    select
        'FN06' as metric_id, 'special_school' as variant, period_id, district, school, primary_need,
        case when is_comparable then greatest(places_commissioned - pupils, 0) else 0 end,
        case when is_comparable then places_commissioned else 0 end,
        {{ counted('not is_comparable') }}
    from special
),

-- PL15: pupils of special schools over their places; and the pupils beyond the places, school by school.
pl15 as (
    {% for variant, numerator in [('base', 'pupils'), ('over', 'greatest(pupils - places_commissioned, 0)')] -%}
    select
        'PL15' as metric_id, '{{ variant }}' as variant, period_id, district, school, primary_need,
        case when is_comparable then {{ numerator }} else 0 end as numerator,
        case when is_comparable then places_commissioned else 0 end as denominator,
        {{ counted('not is_comparable') }} as excluded
    from special
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

-- DQ04: at most so many agreed by all four sources, of at least so many known to any: two of the four only count heads. The second
-- variant compares the two that name children.
dq04 as (
    select
        'DQ04' as metric_id, 'base' as variant, period_id, district, school, primary_need,
        case when is_told_four_times then least(children_in_both, places_filled, register_on_roll) else 0 end as numerator,
        case when is_told_four_times then greatest(children_in_either, places_filled, register_on_roll) else 0 end as denominator,
        {{ counted('not is_told_four_times') }} as excluded
    from base_term
    where place_term = 'spring'
    union all
    select
        'DQ04' as metric_id, 'named' as variant, period_id, district, school, primary_need,
        case when is_counted then children_in_both else 0 end,
        case when is_counted then children_in_either else 0 end,
        {{ counted('not is_counted') }}
    from base_term
    where place_term = 'spring'
),

unit as (
    {% for metric in ['pl10', 'pl11', 'fn06', 'pl15', 'dq04'] -%}
    select
        metric_id,
        variant,
        period_id,
        district,
        school,
        primary_need,
        cast(numerator as double) as numerator,
        cast(denominator as double) as denominator,
        cast(excluded as double) as excluded,
        cast(null as double) as value
    from {{ metric }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

-- PL10 per head: places in spring over the pupils aged 4 to 15 who live there, of schools that send a census.
head as (
    select period_id, district, numerator as places, 0.0 as pupils
    from unit
    where metric_id = 'PL10' and variant = 'places_spring'
    union all
    select period.period_id, pupils.district_code as district, 0.0, 1.0
    from {{ ref('dim_period') }} as period
    inner join {{ ref('fct_pupil_term') }} as pupils
        on pupils.academic_year = period.academic_year and pupils.census_term = 'spring' and pupils.is_main_enrolment
    inner join {{ ref('dim_area') }} as area
        on area.area_level = 'district' and area.area_code = pupils.district_code and area.in_county
    inner join {{ ref('dim_person') }} as person on person.person_key = pupils.person_key
    where
        period.period_type = 'academic_year'
        and {{ age_at('person.birth_date', date_of('period.academic_year', 8, 31)) }} between 4 and 15
)

select
    metric_id,
    variant,
    period_id,
    {{ metric_group_columns(['district', 'school'], ['primary_need']) }},
    {{ metric_sums() }}
from unit
group by {{ metric_grouping_sets(['metric_id', 'variant', 'period_id'], ['district', 'school'], ['district'], ['primary_need']) }}
union all
-- No interval: every place is counted, and no events vary.
select
    'PL10' as metric_id,
    'per_1000' as variant,
    period_id,
    case when grouping(district) = 0 then 'district' else 'county' end as area_level,
    coalesce(district, '{{ var("la_code") }}') as area_code,
    'all' as subgroup_set,
    'all' as subgroup_value,
    sum(places) as numerator,
    sum(pupils) as denominator,
    0.0 as excluded,
    0 as event_count,
    null as value_sum,
    null as value_squares,
    0 as value_count,
    null as numerator_squares,
    null as denominator_squares,
    null as cross_products
from head
group by grouping sets ((period_id), (period_id, district))
