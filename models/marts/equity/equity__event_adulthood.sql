-- Preparing for adulthood: what young people do at 16 and 17, how plans end, learning at work, and adult care in time.
with period as (
    -- The last day of a period under way is as_at.
    select
        period_id, period_type, start_date, end_date, least(end_date, {{ date_var('as_at') }}) as last_day
    from {{ ref('dim_period') }}
),

-- The client caseload of a month, each young person once, with the age of the academic year. What lapsed is not known.
said as (
    select
        activity.post16_activity_key,
        activity.person_key,
        activity.reported_to_date,
        {{ age_at('person.birth_date', date_of(academic_year('activity.reported_to_date'), 8, 31)) }} as academic_age,
        coalesce(person.in_county, true) as is_resident,
        activity.is_lapsed or activity.activity_group = 'not_known' as is_not_known,
        activity.activity_group in ('neet', 'neet_not_available') as is_neet,
        -- In work with study for a qualification counts as learning; a gap year does not.
        coalesce(
            activity.activity_group in ('education', 'training') and activity.activity_code <> '260'
            or activity.activity_code = '320', false
        ) as is_learning,
        coalesce(activity.has_send_flag, false) as has_send_flag
    from {{ first_rows(
        ref('fct_post16_activity'), ['stated_by', 'reported_to_date', 'person_key'],
        'is_lapsed, verified_date desc nulls last, post16_activity_key'
    ) }} as activity
    inner join {{ ref('dim_person') }} as person on person.person_key = activity.person_key
    where activity.stated_by = 'nccis'
),

young_person as (
    select * from said where academic_age between 16 and 17
),

census as (
    select
        young_person.post16_activity_key,
        pupil.sen_provision,
        row_number() over (
            partition by young_person.post16_activity_key
            order by {{ census_month('pupil.census_year', 'pupil.census_term') }} desc, pupil.pupil_term_key
        ) as nth
    from young_person
    inner join {{ ref('fct_pupil_term') }} as pupil
        on pupil.person_key = young_person.person_key
        and pupil.is_main_enrolment
        and {{ census_month('pupil.census_year', 'pupil.census_term') }} <= {{ months_of('young_person.reported_to_date') }}
),

with_plan as (
    select distinct young_person.post16_activity_key
    from young_person
    inner join {{ ref('fct_plan') }} as plans
        on plans.person_key = young_person.person_key
        and {{ plan_in_force('young_person.reported_to_date') }}
),

-- Plan on the last day of the month; without one, SEN support in the last school census before.
with_sen as (
    select
        young_person.*,
        case when with_plan.post16_activity_key is not null then 'plan' when census.sen_provision = 'K' then 'support' end as sen
    from young_person
    left join with_plan on with_plan.post16_activity_key = young_person.post16_activity_key
    left join census on census.post16_activity_key = young_person.post16_activity_key and census.nth = 1
),

-- December, January and February make the academic year; beside it every month.
month_of_period as (
    select period.period_id, with_sen.*
    from period
    inner join with_sen on with_sen.reported_to_date between period.start_date and period.end_date
    where
        with_sen.sen is not null
        and (
            period.period_type = 'month'
            or (period.period_type = 'academic_year' and extract(month from with_sen.reported_to_date) in (12, 1, 2))
        )
),

-- PA01: months not in education, employment or training, or not known, of all months; a row a young person.
pa01 as (
    {% for variant, sen, condition in [
        ('plan', 'plan', 'is_neet or is_not_known'), ('plan_not_known', 'plan', 'is_not_known'),
        ('support', 'support', 'is_neet or is_not_known'), ('support_not_known', 'support', 'is_not_known'),
    ] -%}
    select
        'PA01' as metric_id,
        '{{ variant }}' as variant,
        period_id,
        person_key,
        person_key as event_key,
        max(academic_age) as age_years,
        sum({{ counted('is_resident and (' ~ condition ~ ')') }}) as numerator,
        sum({{ counted('is_resident') }}) as denominator,
        max({{ counted('not is_resident') }}) as excluded,
        cast(null as double) as value
    from month_of_period
    where sen = '{{ sen }}'
    group by period_id, person_key
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

-- PA02: what the last month that landed says, up to 31 March.
last_month as (
    select period.period_id, max(said.reported_to_date) as reported_to_date
    from period
    inner join said on said.reported_to_date between period.start_date and period.end_date
    where period.period_type = 'financial_year'
    group by period.period_id
),

pa02 as (
    select
        'PA02' as metric_id,
        'base' as variant,
        last_month.period_id,
        young_person.person_key,
        young_person.post16_activity_key as event_key,
        young_person.academic_age as age_years,
        {{ counted('young_person.is_resident and young_person.is_learning and not young_person.is_not_known') }} as numerator,
        {{ counted('young_person.is_resident') }} as denominator,
        {{ counted('not young_person.is_resident') }} as excluded,
        cast(null as double) as value
    from last_month
    inner join young_person on young_person.reported_to_date = last_month.reported_to_date
    where young_person.has_send_flag
),

-- PA03: young people of 19 and over among plans in force; and of plans that ended in the year, why.
pa03 as (
    select
        'PA03' as metric_id,
        'share_19_and_over' as variant,
        period_id,
        person_key,
        plan_key as event_key,
        age_at_stock_date as age_years,
        {{ counted('age_at_stock_date >= 19') }} as numerator,
        {{ counted('age_at_stock_date is not null') }} as denominator,
        {{ counted('age_at_stock_date is null') }} as excluded,
        cast(null as double) as value
    from {{ ref('equity__plan_in_force') }}
    {% for variant, reasons in [
        ('max_age', ['1']), ('needs_met', ['2']), ('higher_education', ['3']), ('paid_work', ['4']), ('transferred', ['5']),
        ('no_engagement', ['6']), ('other', ['7', '8', '9']),
    ] -%}
    union all
    select
        'PA03' as metric_id,
        '{{ variant }}' as variant,
        period.period_id,
        plans.person_key,
        plans.plan_key as event_key,
        {{ age_at('person.birth_date', 'plans.cease_date') }} as age_years,
        {{ counted("plans.cease_reason in ('" ~ reasons | join("', '") ~ "')") }} as numerator,
        {{ counted('plans.cease_reason is not null') }} as denominator,
        {{ counted('plans.cease_reason is null') }} as excluded,
        cast(null as double) as value
    from period
    inner join {{ ref('fct_plan') }} as plans on plans.cease_date between period.start_date and period.end_date
    inner join {{ ref('dim_person') }} as person on person.person_key = plans.person_key
    where period.period_type = 'calendar_year'
    {% endfor %}
),

-- PA04: learning at work, as the plan or an attended placement that is open on the day says.
at_work as (
    select in_force.period_id, in_force.plan_key
    from {{ ref('equity__plan_in_force') }} as in_force
    inner join {{ ref('fct_plan') }} as plans
        on plans.plan_key = in_force.plan_key and plans.work_based_activity is not null
    union
    select in_force.period_id, in_force.plan_key
    from {{ ref('equity__plan_in_force') }} as in_force
    inner join {{ ref('fct_placement') }} as placements
        on placements.plan_key = in_force.plan_key
        and placements.kind = 'attended'
        and placements.work_based_activity is not null
        and (placements.entry_date is null or placements.entry_date <= in_force.stock_date)
        and (placements.leaving_date is null or placements.leaving_date >= in_force.stock_date)
),

pa04 as (
    select
        'PA04' as metric_id,
        'base' as variant,
        in_force.period_id,
        in_force.person_key,
        in_force.plan_key as event_key,
        in_force.age_at_stock_date as age_years,
        {{ counted('in_force.age_at_stock_date between 16 and 25 and at_work.plan_key is not null') }} as numerator,
        {{ counted('in_force.age_at_stock_date between 16 and 25') }} as denominator,
        1.0 - {{ counted('in_force.age_at_stock_date between 16 and 25') }} as excluded,
        cast(null as double) as value
    from {{ ref('equity__plan_in_force') }} as in_force
    left join at_work on at_work.period_id = in_force.period_id and at_work.plan_key = in_force.plan_key
),

-- PA06: of those whose 18th birthday lies behind us, whose adult care was asked about before; the last request counts.
asked as (
    select
        events.care_event_key,
        events.person_key,
        events.start_date,
        events.end_date,
        events.item,
        {{ months_after('person.birth_date', 216) }} as birthday
    from {{ ref('fct_care_event') }} as events
    inner join {{ ref('dim_person') }} as person on person.person_key = events.person_key
    where events.kind = 'transition_assessment' and events.start_date <= {{ months_after('person.birth_date', 216) }}
),

pa06 as (
    select
        'PA06' as metric_id,
        'base' as variant,
        period.period_id,
        asked.person_key,
        asked.care_event_key as event_key,
        18 as age_years,
        {{ counted("asked.item in ('eligible', 'not_eligible', 'other_service') and asked.end_date <= asked.birthday") }} as numerator,
        {{ counted("coalesce(asked.item, 'open') in ('open', 'eligible', 'not_eligible', 'other_service')") }} as denominator,
        {{ counted("coalesce(asked.item, 'open') not in ('open', 'eligible', 'not_eligible', 'other_service')") }} as excluded,
        cast(null as double) as value
    from period
    inner join {{ first_rows('asked', ['person_key'], 'start_date desc, care_event_key') }} as asked
        on asked.birthday between period.start_date and period.last_day
    where period.period_type = 'financial_year'
)

{% for metric in ['pa01', 'pa02', 'pa03', 'pa04', 'pa06'] -%}
select {{ metric_event_columns() }} from {{ metric }}
{% if not loop.last %}union all{% endif %}
{% endfor %}
