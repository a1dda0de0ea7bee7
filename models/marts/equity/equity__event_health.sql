-- Health: waits for therapy, by year and by month.
with period as (
    -- The last day of a period under way is as_at.
    select period_id, start_date, end_date, least(end_date, {{ date_var('as_at') }}) as last_day
    from {{ ref('dim_period') }}
),

referral as (
    select
        health_referral_key,
        person_key,
        received_date,
        first_attended_date,
        closure_date,
        rejection_date,
        discharge_date,
        days_to_first_contact,
        age_at_received,
        reported_from
    from {{ ref('fct_health_referral') }}
    where service = 'SLT'
),

-- HC02: referrals first seen in the period, and those that wait on its last day (18 weeks are 126 days). Only from the
-- provider's first month on: of the time before, the files hold those alone who were still waiting or in treatment.
hc02 as (
    select
        'HC02' as metric_id,
        'base' as variant,
        period.period_id,
        referral.person_key,
        referral.health_referral_key as event_key,
        referral.age_at_received as age_years,
        {{ counted('referral.days_to_first_contact <= 126') }} as numerator,
        1.0 as denominator,
        0.0 as excluded,
        cast(null as double) as value
    from period
    inner join referral on referral.first_attended_date between period.start_date and period.end_date
        and coalesce(referral.first_attended_date >= referral.reported_from, true)
    union all
    select
        'HC02' as metric_id,
        'base' as variant,
        period.period_id,
        referral.person_key,
        referral.health_referral_key as event_key,
        referral.age_at_received as age_years,
        0.0 as numerator,
        0.0 as denominator,
        1.0 as excluded,
        cast(null as double) as value
    from period
    inner join referral
        on referral.received_date <= period.last_day
        and coalesce(referral.reported_from <= period.last_day, true)
        and coalesce(referral.first_attended_date > period.last_day, true)
        and coalesce(least(referral.closure_date, referral.rejection_date, referral.discharge_date) > period.last_day, true)
)

select {{ metric_event_columns() }} from hc02
