-- Medians and 90th percentiles (the mean of the two values about the place, type 7) with limits by rank: the values at
-- ranks nq - 1.96 sqrt(nq(1 - q)) and 1 + nq + 1.96 sqrt(nq(1 - q)) (Campbell and Gardner, BMJ 1988). From 10 values up.
with measure as (
    select metric_id, variant, measure, case kind when 'median' then 0.5 else 0.9 end as q
    from {{ ref('metric_measure') }}
    where kind in ('median', 'p90')
),

waited as (
    select
        events.metric_id,
        events.variant,
        events.period_id,
        groups.subgroup_set,
        case
            when groups.subgroup_set = 'age_band' then coalesce(bands.age_band, 'unknown') else groups.subgroup_value
        end as subgroup_value,
        events.event_key,
        events.value
    from {{ ref('equity__metric_event') }} as events
    inner join {{ ref('dim_period') }} as period on period.period_id = events.period_id
    inner join {{ ref('bridge_person_subgroup') }} as groups
        on groups.period_id = period.year_period_id and groups.person_key = events.person_key
    left join {{ ref('age_band') }} as bands on events.age_years between bands.age_from and bands.age_to
    where events.value is not null
),

ranked as (
    select
        metric_id,
        variant,
        period_id,
        subgroup_set,
        subgroup_value,
        value,
        row_number() over (
            partition by metric_id, variant, period_id, subgroup_set, subgroup_value order by value, event_key
        ) as place,
        cast(count(*) over (partition by metric_id, variant, period_id, subgroup_set, subgroup_value) as double) as n
    from waited
),

placed as (
    select
        ranked.metric_id,
        measure.measure,
        ranked.period_id,
        ranked.subgroup_set,
        ranked.subgroup_value,
        ranked.value,
        ranked.place,
        ranked.n,
        1 + (ranked.n - 1) * measure.q as wanted_place,
        round(ranked.n * measure.q - {{ normal_95() }} * sqrt(ranked.n * measure.q * (1 - measure.q))) as lower_place,
        round(1 + ranked.n * measure.q + {{ normal_95() }} * sqrt(ranked.n * measure.q * (1 - measure.q))) as upper_place
    from ranked
    inner join measure on measure.metric_id = ranked.metric_id and measure.variant = ranked.variant
    where ranked.n >= 10
)

select
    metric_id,
    measure,
    period_id,
    subgroup_set,
    subgroup_value,
    max(n) as denominator,
    max(case when place = floor(wanted_place) then value end) * (1 - (max(wanted_place) - floor(max(wanted_place))))
    + max(case when place = ceil(wanted_place) then value end) * (max(wanted_place) - floor(max(wanted_place))) as value,
    -- Null where the place lies outside the list: so few values do not bound the percentile.
    max(case when place = lower_place then value end) as lower,
    max(case when place = upper_place then value end) as upper
from placed
group by metric_id, measure, period_id, subgroup_set, subgroup_value
