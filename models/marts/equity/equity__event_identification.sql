-- Identification: pupils, residents and plans by need, and the requests and notifications that come before.
with period as (
    select period_id, period_type, start_date, end_date, stock_date, academic_year
    from {{ ref('dim_period') }}
    where period_type in ('calendar_year', 'financial_year', 'rolling_12_months')
),

-- Every pupil on roll in the January that closes the year, by the main or only registration.
pupil as (
    select
        period.period_id,
        pupils.person_key,
        pupils.pupil_term_key,
        pupils.sen_provision,
        pupils.primary_sen_type,
        coalesce(person.in_county, true) as is_resident,
        {{ age_at('person.birth_date', 'period.stock_date') }} as age_at_stock_date,
        {{ age_at('person.birth_date', date_of('period.academic_year', 8, 31)) }} as age_at_31_august
    from period
    inner join {{ ref('fct_pupil_term') }} as pupils
        on pupils.census_year = extract(year from period.start_date) + 1
        and pupils.census_term = 'spring'
        and pupils.is_main_enrolment
    inner join {{ ref('dim_person') }} as person on person.person_key = pupils.person_key
    where period.period_type = 'calendar_year'
),

-- ID01: at SEN support; of all pupils of the schools, and of those who live here.
id01 as (
    {% for variant, inside in [('base', 'true'), ('home', 'pupil.is_resident')] %}
    select
        'ID01' as metric_id,
        '{{ variant }}' as variant,
        pupil.period_id,
        pupil.person_key,
        pupil.pupil_term_key as event_key,
        pupil.age_at_stock_date as age_years,
        {{ counted("pupil.sen_provision = 'K' and " ~ inside) }} as numerator,
        {{ counted(inside) }} as denominator,
        {{ counted('not ' ~ inside) }} as excluded,
        cast(null as double) as value
    from pupil
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

-- ID02: with a plan.
id02 as (
    select
        'ID02' as metric_id,
        'base' as variant,
        pupil.period_id,
        pupil.person_key,
        pupil.pupil_term_key as event_key,
        pupil.age_at_stock_date as age_years,
        {{ counted("pupil.sen_provision = 'E'") }} as numerator,
        1.0 as denominator,
        0.0 as excluded,
        cast(null as double) as value
    from pupil
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

-- ID04: every request received in the year, or in twelve months.
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
    where period.period_type in ('calendar_year', 'rolling_12_months')
),

-- ID06: plans that start in the year, by the age on that day. A plan that came from another council is not new.
started as (
    select
        period.period_id,
        plans.person_key,
        plans.plan_key,
        {{ age_at('person.birth_date', 'plans.start_date') }} as age_at_start,
        plans.transferred_from_la_code is null
        and plans.transferred_in_date is null
        and coalesce(plans.start_date >= person.birth_date, false) as is_new
    from period
    inner join {{ ref('fct_plan') }} as plans on plans.start_date between period.start_date and period.end_date
    inner join {{ ref('dim_person') }} as person on person.person_key = plans.person_key
    where period.period_type = 'calendar_year'
),

id06 as (
    select
        'ID06' as metric_id,
        'base' as variant,
        started.period_id,
        started.person_key,
        started.plan_key as event_key,
        started.age_at_start as age_years,
        {{ counted('started.is_new and started.age_at_start < 5') }} as numerator,
        {{ counted('started.is_new') }} as denominator,
        {{ counted('not started.is_new') }} as excluded,
        cast(null as double) as value
    from started
),

-- ID09: what health told the council of children under school age (section 23), by the day it was received.
notified as (
    select
        period.period_id,
        events.person_key,
        events.health_event_key,
        {{ age_at('person.birth_date', 'events.start_date') }} as age_at_notified,
        coalesce(person.in_county, true) as is_resident
    from period
    inner join {{ ref('fct_health_event') }} as events
        on events.kind = 'section_23' and events.start_date between period.start_date and period.end_date
    inner join {{ ref('dim_person') }} as person on person.person_key = events.person_key
    where period.period_type = 'financial_year'
),

id09 as (
    select
        'ID09' as metric_id,
        'base' as variant,
        notified.period_id,
        notified.person_key,
        notified.health_event_key as event_key,
        notified.age_at_notified as age_years,
        {{ counted('notified.age_at_notified between 0 and 4 and notified.is_resident') }} as numerator,
        0.0 as denominator,
        1.0 - {{ counted('notified.age_at_notified between 0 and 4 and notified.is_resident') }} as excluded,
        cast(null as double) as value
    from notified
),

-- ID12: the first-ranked need of plans in force and the primary need of pupils at SEN support; one variant a need. Down
-- syndrome counts in other difficulty, as DfE prints it.
plan_need as (
    select
        plans.period_id,
        plans.plan_key,
        needs.sen_type,
        row_number() over (
            partition by plans.period_id, plans.plan_key order by needs.from_date desc nulls last, needs.need_key
        ) as nth
    from {{ ref('equity__plan_in_force') }} as plans
    inner join period on period.period_id = plans.period_id
    inner join {{ ref('fct_need') }} as needs
        on needs.plan_key = plans.plan_key
        and {{ first_need('period.stock_date') }}
),

with_need as (
    select
        'plan' as base,
        plans.period_id,
        plans.person_key,
        plans.plan_key as event_key,
        plans.age_at_31_august,
        plan_need.sen_type
    from {{ ref('equity__plan_in_force') }} as plans
    left join plan_need
        on plan_need.period_id = plans.period_id and plan_need.plan_key = plans.plan_key and plan_need.nth = 1
    union all
    select
        'support' as base,
        pupil.period_id,
        pupil.person_key,
        pupil.pupil_term_key as event_key,
        pupil.age_at_31_august,
        pupil.primary_sen_type as sen_type
    from pupil
    where pupil.sen_provision = 'K'
),

{% set variants = [
    'plan_asd', 'plan_hi', 'plan_mld', 'plan_msi', 'plan_oth', 'plan_pd', 'plan_pmld', 'plan_semh', 'plan_slcn', 'plan_sld',
    'plan_spld', 'plan_vi', 'plan_not_recorded',
    'support_asd', 'support_hi', 'support_mld', 'support_msi', 'support_nsa', 'support_oth', 'support_pd', 'support_pmld',
    'support_semh', 'support_slcn', 'support_sld', 'support_spld', 'support_vi', 'support_not_recorded',
] -%}
variant as (
    {% for name in variants -%}
    select '{{ name }}' as variant, '{{ name.split("_")[0] }}' as base
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

need_variant as (
    select
        with_need.*,
        case
            when with_need.sen_type = 'DS' then with_need.base || '_oth'
            else with_need.base || '_' || lower(with_need.sen_type)
        end as variant
    from with_need
),

id12 as (
    select
        'ID12' as metric_id,
        variant.variant,
        need_variant.period_id,
        need_variant.person_key,
        need_variant.event_key,
        need_variant.age_at_31_august as age_years,
        {{ counted('variant.variant = coalesce(known.variant, need_variant.base || ' ~ "'_not_recorded')") }} as numerator,
        1.0 as denominator,
        0.0 as excluded,
        cast(null as double) as value
    from need_variant
    inner join variant on variant.base = need_variant.base
    left join variant as known on known.variant = need_variant.variant
)

{% for metric in ['id01', 'id02', 'id03', 'id04', 'id06', 'id09', 'id12'] -%}
select {{ metric_event_columns() }} from {{ metric }}
{% if not loop.last %}union all{% endif %}
{% endfor %}
