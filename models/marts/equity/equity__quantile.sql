-- Medians and 90th percentiles (the mean of the two values about the place, type 7) with limits by rank: the values at
-- ranks nq - 1.96 sqrt(nq(1 - q)) and 1 + nq + 1.96 sqrt(nq(1 - q)) (Campbell and Gardner, BMJ 1988). From 10 values up.
with measure as (
    select metric_id, variant, measure, case kind when 'median' then 0.5 else 0.9 end as q
    from {{ ref('metric_measure') }}
    where kind in ('median', 'p90')
),

event as (
    {{ metric_event_in_groups() }}
    where
        events.value is not null
        and exists (
            select 1 from measure where measure.metric_id = events.metric_id and measure.variant = events.variant
        )
),

listed as (
    select
        metric_id,
        variant,
        period_id,
        {{ metric_group_columns(area_columns(), subgroup_columns()) }},
        {{ sorted_values('value') }} as sorted_values,
        cast(count(*) as double) as n
    from event
    group by {{ metric_grouping_sets(
        ['metric_id', 'variant', 'period_id'], area_columns(), area_columns_by_subgroup(), subgroup_columns()
    ) }}
    having count(*) >= 10
),

placed as (
    select
        listed.metric_id,
        measure.measure,
        listed.period_id,
        listed.area_level,
        listed.area_code,
        listed.subgroup_set,
        listed.subgroup_value,
        listed.sorted_values,
        listed.n,
        1 + (listed.n - 1) * measure.q as wanted_place,
        round(listed.n * measure.q - {{ normal_95() }} * sqrt(listed.n * measure.q * (1 - measure.q))) as lower_place,
        round(1 + listed.n * measure.q + {{ normal_95() }} * sqrt(listed.n * measure.q * (1 - measure.q))) as upper_place
    from listed
    inner join measure on measure.metric_id = listed.metric_id and measure.variant = listed.variant
    left join {{ ref('metric_without_subgroup') }} as left_out
        on left_out.metric_id = listed.metric_id and left_out.subgroup_set = listed.subgroup_set
    inner join {{ ref('dim_period') }} as period on period.period_id = listed.period_id
    -- As in equity__metric_count: only a year is told of the groups of an area.
    where left_out.metric_id is null
        and ({{ is_year('period.period_type') }} or listed.area_level = 'county' or listed.subgroup_set = 'all')
)

select
    metric_id,
    measure,
    period_id,
    area_level,
    area_code,
    subgroup_set,
    subgroup_value,
    n as denominator,
    {{ value_at('sorted_values', 'floor(wanted_place)', 'n') }} * (1 - (wanted_place - floor(wanted_place)))
    + {{ value_at('sorted_values', 'ceil(wanted_place)', 'n') }} * (wanted_place - floor(wanted_place)) as value,
    -- Null where the place lies outside the list: so few values do not bound the percentile.
    {{ value_at('sorted_values', 'lower_place', 'n') }} as lower,
    {{ value_at('sorted_values', 'upper_place', 'n') }} as upper
from placed
