-- The one pass over events and groups: what every measure is computed from. Age bands are the event's own age, by the
-- metric's age rule; all other groups are those of the person in the year.
with event as (
    select
        events.metric_id,
        events.variant,
        events.period_id,
        period.year_period_id,
        events.person_key,
        coalesce(bands.age_band, 'unknown') as age_band,
        events.numerator,
        events.denominator,
        events.excluded,
        events.value
    from {{ ref('equity__metric_event') }} as events
    inner join {{ ref('dim_period') }} as period on period.period_id = events.period_id
    left join {{ ref('age_band') }} as bands on events.age_years between bands.age_from and bands.age_to
),

left_out as (
    select metric_id, subgroup_set
    from {{ ref('metric_without_subgroup') }}
),

grouped as (
    select
        event.metric_id,
        event.variant,
        event.period_id,
        groups.subgroup_set,
        case when groups.subgroup_set = 'age_band' then event.age_band else groups.subgroup_value end as subgroup_value,
        event.age_band,
        sum(event.numerator) as numerator,
        sum(event.denominator) as denominator,
        sum(event.excluded) as excluded,
        {{ exact_sum('event.value') }} as value_sum,
        {{ exact_sum('event.value * event.value') }} as value_squares,
        count(event.value) as value_count
    from event
    inner join {{ ref('bridge_person_subgroup') }} as groups
        on groups.period_id = event.year_period_id and groups.person_key = event.person_key
    left join left_out
        on left_out.metric_id = event.metric_id and left_out.subgroup_set = groups.subgroup_set
    where left_out.metric_id is null
    group by
        event.metric_id,
        event.variant,
        event.period_id,
        groups.subgroup_set,
        case when groups.subgroup_set = 'age_band' then event.age_band else groups.subgroup_value end,
        event.age_band
),

-- Metrics per head: every group of the population has a row, also where nothing happened.
per_head as (
    select distinct measures.metric_id, measures.variant, period.period_id
    from {{ ref('metric_measure') }} as measures
    cross join {{ ref('dim_period') }} as period
    where measures.kind = 'rate' and period.period_type = 'calendar_year'
),

resident as (
    select
        per_head.metric_id,
        per_head.variant,
        per_head.period_id,
        population.subgroup_set,
        population.subgroup_value,
        population.age_band,
        population.persons
    from per_head
    cross join {{ ref('equity__population') }} as population
)

select
    coalesce(grouped.metric_id, resident.metric_id) as metric_id,
    coalesce(grouped.variant, resident.variant) as variant,
    coalesce(grouped.period_id, resident.period_id) as period_id,
    coalesce(grouped.subgroup_set, resident.subgroup_set) as subgroup_set,
    coalesce(grouped.subgroup_value, resident.subgroup_value) as subgroup_value,
    coalesce(grouped.age_band, resident.age_band) as age_band,
    coalesce(grouped.numerator, 0.0) as numerator,
    coalesce(resident.persons, grouped.denominator) as denominator,
    coalesce(grouped.excluded, 0.0) as excluded,
    coalesce(grouped.value_sum, 0.0) as value_sum,
    coalesce(grouped.value_squares, 0.0) as value_squares,
    coalesce(grouped.value_count, 0) as value_count
from grouped
full outer join resident
    on resident.metric_id = grouped.metric_id
    and resident.variant = grouped.variant
    and resident.period_id = grouped.period_id
    and resident.subgroup_set = grouped.subgroup_set
    and resident.subgroup_value = grouped.subgroup_value
    and resident.age_band = grouped.age_band
