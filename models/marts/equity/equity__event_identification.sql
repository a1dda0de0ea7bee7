-- Identification: pupils and residents with plans, and requests.
with period as (
    select period_id, start_date, end_date, stock_date
    from {{ ref('dim_period') }}
    where period_type = 'calendar_year'
),

-- ID02: every pupil on roll in the January that closes the year; with a plan, or not.
id02 as (
    select
        'ID02' as metric_id,
        'base' as variant,
        period.period_id,
        pupils.person_key,
        pupils.pupil_term_key as event_key,
        {{ age_at('person.birth_date', 'period.stock_date') }} as age_years,
        {{ counted("pupils.sen_provision = 'E'") }} as numerator,
        1.0 as denominator,
        0.0 as excluded,
        cast(null as double) as value
    from period
    inner join {{ ref('fct_pupil_term') }} as pupils
        on pupils.census_year = extract(year from period.start_date) + 1
        and pupils.census_term = 'spring'
        and pupils.is_main_enrolment
    inner join {{ ref('dim_person') }} as person on person.person_key = pupils.person_key
),

-- ID03: every plan in force; the population is the denominator and joins later, group by group.
id03 as (
    select
        'ID03' as metric_id,
        'base' as variant,
        plans.period_id,
        plans.person_key,
        plans.plan_key as event_key,
        plans.age_at_stock_date as age_years,
        {{ counted('plans.age_at_stock_date between 0 and 24 and coalesce(plans.is_home_in_county, true)') }} as numerator,
        0.0 as denominator,
        1.0 - {{ counted('plans.age_at_stock_date between 0 and 24 and coalesce(plans.is_home_in_county, true)') }} as excluded,
        cast(null as double) as value
    from {{ ref('equity__plan_in_force') }} as plans
),

-- ID04: every request received in the year.
id04 as (
    select
        'ID04' as metric_id,
        'base' as variant,
        period.period_id,
        requests.person_key,
        requests.request_key as event_key,
        requests.age_at_received as age_years,
        {{ counted('requests.age_at_received between 0 and 24 and coalesce(person.in_county, true)') }} as numerator,
        0.0 as denominator,
        1.0 - {{ counted('requests.age_at_received between 0 and 24 and coalesce(person.in_county, true)') }} as excluded,
        cast(null as double) as value
    from period
    inner join {{ ref('fct_request') }} as requests
        on requests.received_date between period.start_date and period.end_date
    inner join {{ ref('dim_person') }} as person on person.person_key = requests.person_key
)

select {{ metric_event_columns() }} from id02
union all
select {{ metric_event_columns() }} from id03
union all
select {{ metric_event_columns() }} from id04
