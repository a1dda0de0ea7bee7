-- Who is in which base, term by term, as the school census says, and on the SEN2 census day as the case system says. Both name the
-- school and the kind of place, not the base: of a school's bases the child is in the one of that kind, then of the child's need.
with period as (
    select period_id, academic_year, year_period_id
    from {{ ref('dim_period') }}
    where period_type = 'academic_year'
),

census_day as (
    select
        period.period_id,
        period.year_period_id,
        days.census_year,
        days.census_term,
        days.census_day
    from period
    inner join {{ ref('school_census_day') }} as days
        on days.census_year = period.academic_year + case days.census_term when 'autumn' then 0 else 1 end
        and days.census_day <= {{ date_var('as_at') }}
),

claimed as (
    select
        'census' as source,
        census_day.period_id,
        census_day.year_period_id,
        census_day.census_term,
        census_day.census_day,
        pupils.person_key,
        pupils.establishment_key,
        coalesce(pupils.sen_unit, false) as is_in_unit,
        coalesce(pupils.resourced_provision, false) as is_in_resourced_provision
    from census_day
    inner join {{ ref('fct_pupil_term') }} as pupils
        on pupils.census_year = census_day.census_year
        and pupils.census_term = census_day.census_term
        and pupils.is_main_enrolment
        and (pupils.sen_unit or pupils.resourced_provision)
    union all
    select
        'sen2',
        census_day.period_id,
        census_day.year_period_id,
        census_day.census_term,
        census_day.census_day,
        plans.person_key,
        plans.establishment_key,
        plans.is_in_unit,
        plans.is_in_resourced_provision
    from census_day
    inner join {{ ref('equity__plan_in_force') }} as plans
        on plans.period_id = census_day.year_period_id
        and plans.stock_date = census_day.census_day
        and plans.is_in_base
),

placed as (
    select
        claimed.source,
        claimed.period_id,
        claimed.census_term,
        claimed.person_key,
        base.resource_base_key,
        coalesce(people.primary_need, 'unknown') as primary_need,
        {{ straight_line_km('person', 'establishment') }} as km_from_home,
        row_number() over (
            partition by claimed.source, claimed.period_id, claimed.census_term, claimed.person_key
            order by
                case
                    when base.base_type = 'BOTH'
                        or (base.base_type = 'UNIT' and claimed.is_in_unit)
                        or (base.base_type = 'RP' and claimed.is_in_resourced_provision)
                        then 0
                    else 1
                end,
                case when base.designated_need = people.primary_need then 0 else 1 end,
                base.base_id
        ) as nth
    from claimed
    inner join {{ ref('dim_resource_base') }} as base
        on base.establishment_key = claimed.establishment_key
        and coalesce(base.opened_date <= claimed.census_day, true)
        and coalesce(base.closed_date >= claimed.census_day, true)
    inner join {{ ref('dim_establishment') }} as establishment on establishment.establishment_key = base.establishment_key
    inner join {{ ref('dim_person') }} as person on person.person_key = claimed.person_key
    left join {{ ref('equity__person_period') }} as people
        on people.period_id = claimed.year_period_id and people.person_key = claimed.person_key
)

select
    period_id,
    census_term as place_term,
    resource_base_key,
    person_key,
    bool_or(source = 'census') as is_in_census,
    bool_or(source = 'sen2') as is_in_sen2,
    max(primary_need) as primary_need,
    max(km_from_home) as km_from_home
from placed
where nth = 1
group by period_id, census_term, resource_base_key, person_key
