-- Reviews: held, decided, followed by an amended plan; moves between phases and councils. A review is an annual or a phase
-- transfer review, as in the return; interim reviews count for the youngest alone. Days, never weeks: 4 and 12 weeks are 28 and
-- 84 days.
with any_period as (
    select period_id, period_type, start_date, end_date, stock_date
    from {{ ref('dim_period') }}
),

period as (
    select period_id, start_date, end_date
    from any_period
    where period_type = 'calendar_year'
),

review as (
    select
        reviews.review_key,
        reviews.plan_key,
        reviews.person_key,
        reviews.review_type,
        reviews.meeting_date,
        reviews.decision_date,
        reviews.outcome,
        reviews.final_issued_date,
        reviews.phase_transfer_due_date,
        reviews.phase_transfer_final_date,
        reviews.days_to_decision,
        coalesce(reviews.review_type <> 'interim', true) as is_yearly,
        person.birth_date
    from {{ ref('fct_review') }} as reviews
    inner join {{ ref('dim_person') }} as person on person.person_key = reviews.person_key
),

-- The plan in force on the stock date, one for each child, with the last review of that child by then. A plan that came from
-- another council counts from the day on which it came: what was held before is not in our files.
in_force as (
    select
        period.period_id,
        period.period_type,
        period.start_date as period_start,
        period.end_date as period_end,
        period.stock_date,
        plans.plan_key,
        plans.person_key,
        plans.start_date,
        greatest(plans.start_date, plans.transferred_in_date) as ours_from,
        row_number() over (
            partition by period.period_id, plans.person_key order by plans.start_date desc, plans.plan_key
        ) as nth
    from any_period as period
    inner join {{ ref('fct_plan') }} as plans
        on {{ plan_in_force('period.stock_date') }}
    where period.period_type in ('calendar_year', 'month')
),

met as (
    select
        in_force.period_id,
        in_force.person_key,
        max(case when review.is_yearly then review.meeting_date end) as last_yearly_date,
        max(review.meeting_date) as last_meeting_date,
        max(
            case when review.is_yearly and review.meeting_date between in_force.period_start and in_force.period_end then 1 else 0 end
        ) = 1 as was_met_in_period
    from in_force
    inner join review on review.person_key = in_force.person_key and review.meeting_date <= in_force.stock_date
    where in_force.nth = 1
    group by in_force.period_id, in_force.person_key
),

plan as (
    select
        in_force.*,
        coalesce(met.was_met_in_period, false) as was_met_in_period,
        {{ age_at('person.birth_date', 'in_force.stock_date') }} as age_at_stock_date,
        {{ days_between('greatest(in_force.ours_from, met.last_yearly_date)', 'in_force.stock_date') }} as days_since_review,
        {{ days_between('in_force.ours_from', 'in_force.stock_date') }} as days_ours,
        {{ days_between('met.last_meeting_date', 'in_force.stock_date') }} as days_since_meeting
    from in_force
    inner join {{ ref('dim_person') }} as person on person.person_key = in_force.person_key
    left join met on met.period_id = in_force.period_id and met.person_key = in_force.person_key
    where in_force.nth = 1
),

-- TM12: plans that began before the year, with a review held in it.
tm12 as (
    select
        'TM12' as metric_id,
        'base' as variant,
        plan.period_id,
        plan.person_key,
        plan.plan_key as event_key,
        plan.age_at_stock_date as age_years,
        {{ counted('plan.start_date < plan.period_start and plan.was_met_in_period') }} as numerator,
        {{ counted('plan.start_date < plan.period_start') }} as denominator,
        {{ counted('plan.start_date >= plan.period_start') }} as excluded,
        cast(null as double) as value
    from plan
    where plan.period_type = 'calendar_year'
),

-- TM13: decisions after a review, told by day 28.
tm13 as (
    select
        'TM13' as metric_id,
        'base' as variant,
        period.period_id,
        review.person_key,
        review.review_key as event_key,
        {{ age_at('review.birth_date', 'review.decision_date') }} as age_years,
        {{ counted('review.days_to_decision <= 28') }} as numerator,
        {{ counted('review.days_to_decision is not null') }} as denominator,
        {{ counted('review.days_to_decision is null') }} as excluded,
        cast(null as double) as value
    from period
    inner join review on review.is_yearly and review.decision_date between period.start_date and period.end_date
),

-- TM14: decisions to amend whose day 84 falls in the period, with the amended plan by then. Phase transfers have days of their
-- own (TM15).
amended as (
    select
        period.period_id,
        review.person_key,
        review.review_key,
        coalesce(review.review_type = 'phase_transfer', false) as is_phase_transfer,
        {{ age_at('review.birth_date', 'review.meeting_date') }} as age_at_meeting,
        {{ days_between('review.meeting_date', 'review.final_issued_date') }} as days_to_final
    from any_period as period
    inner join review
        on review.is_yearly
        and review.outcome = 'A'
        and {{ days_after('review.meeting_date', 84) }}
            between period.start_date and least(period.end_date, {{ date_var('as_at') }})
    where period.period_type in ('calendar_year', 'month', 'quarter')
),

tm14 as (
    select
        'TM14' as metric_id,
        'base' as variant,
        amended.period_id,
        amended.person_key,
        amended.review_key as event_key,
        amended.age_at_meeting as age_years,
        {{ counted('not amended.is_phase_transfer and amended.days_to_final <= 84') }} as numerator,
        {{ counted('not amended.is_phase_transfer') }} as denominator,
        {{ counted('amended.is_phase_transfer') }} as excluded,
        cast(null as double) as value
    from amended
),

-- TM15: plans with a phase transfer due in the year, final by the day on which it was due. One child, one transfer a year.
transfer as (
    select
        period.period_id,
        review.person_key,
        min(review.plan_key) as plan_key,
        min(review.birth_date) as birth_date,
        max(review.phase_transfer_due_date) as due_date,
        min(review.phase_transfer_final_date) as final_date,
        min(case when plans.cease_date < review.phase_transfer_due_date then 1 else 0 end) = 1 as has_ended
    from period
    inner join review
        on review.phase_transfer_due_date between period.start_date and least(period.end_date, {{ date_var('as_at') }})
    inner join {{ ref('fct_plan') }} as plans on plans.plan_key = review.plan_key
    group by period.period_id, review.person_key
),

tm15 as (
    select
        'TM15' as metric_id,
        'base' as variant,
        transfer.period_id,
        transfer.person_key,
        transfer.plan_key as event_key,
        {{ age_at('transfer.birth_date', 'transfer.due_date') }} as age_years,
        {{ counted('not transfer.has_ended and transfer.final_date <= transfer.due_date') }} as numerator,
        {{ counted('not transfer.has_ended') }} as denominator,
        {{ counted('transfer.has_ended') }} as excluded,
        cast(null as double) as value
    from transfer
),

-- TM16: plans whose last review, or beginning, lies more than one or two years back.
tm16 as (
    {% for variant, days in [('over_12_months', 365), ('over_24_months', 730)] %}
    select
        'TM16' as metric_id,
        '{{ variant }}' as variant,
        plan.period_id,
        plan.person_key,
        plan.plan_key as event_key,
        plan.age_at_stock_date as age_years,
        {{ counted('plan.days_since_review > ' ~ days) }} as numerator,
        1.0 as denominator,
        0.0 as excluded,
        cast(null as double) as value
    from plan
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

-- TM17: plans that came from another council and whose first year with us ends in the period: a review in that year. It is the
-- latest day that the law allows, whenever the other council held its last review.
came as (
    select
        period.period_id,
        plans.person_key,
        plans.plan_key,
        {{ age_at('person.birth_date', 'plans.transferred_in_date') }} as age_at_transfer,
        coalesce(plans.cease_date < {{ months_after('plans.transferred_in_date', 12) }}, false) as has_ended,
        exists (
            select 1
            from review
            where
                review.person_key = plans.person_key
                and review.is_yearly
                and review.meeting_date between plans.transferred_in_date and {{ months_after('plans.transferred_in_date', 12) }}
        ) as was_reviewed
    from any_period as period
    inner join {{ ref('fct_plan') }} as plans
        on {{ months_after('plans.transferred_in_date', 12) }}
            between period.start_date and least(period.end_date, {{ date_var('as_at') }})
    inner join {{ ref('dim_person') }} as person on person.person_key = plans.person_key
    where period.period_type = 'financial_year'
),

tm17 as (
    select
        'TM17' as metric_id,
        'base' as variant,
        came.period_id,
        came.person_key,
        came.plan_key as event_key,
        came.age_at_transfer as age_years,
        {{ counted('not came.has_ended and came.was_reviewed') }} as numerator,
        {{ counted('not came.has_ended') }} as denominator,
        {{ counted('came.has_ended') }} as excluded,
        cast(null as double) as value
    from came
),

-- TM19: children under five whose plan has run for half a year (183 days), with a review of any kind in the last half year.
tm19 as (
    select
        'TM19' as metric_id,
        'base' as variant,
        plan.period_id,
        plan.person_key,
        plan.plan_key as event_key,
        plan.age_at_stock_date as age_years,
        {{ counted('plan.days_ours >= 183 and plan.days_since_meeting <= 183') }} as numerator,
        {{ counted('plan.days_ours >= 183') }} as denominator,
        {{ counted('plan.days_ours < 183') }} as excluded,
        cast(null as double) as value
    from plan
    where plan.age_at_stock_date < 5
)

{% for metric in ['tm12', 'tm13', 'tm14', 'tm15', 'tm16', 'tm17', 'tm19'] -%}
select {{ metric_event_columns() }} from {{ metric }}
{% if not loop.last %}union all{% endif %}
{% endfor %}
