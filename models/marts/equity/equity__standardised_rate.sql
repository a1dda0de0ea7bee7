-- Directly standardised rates: the group's rates by age band, weighted with the county's own population. Variance for
-- Dobson's limits, which fct_metric adds. A group with no residents in a band has no rate there and no say.
{%- set areas = area_columns_of_population() -%}
{%- set sets = subgroup_columns_of_population() | reject('equalto', 'age_band') | list %}
with measure as (
    select metric_id, variant, measure, population_age_from, population_age_to
    from {{ ref('metric_measure') }}
    where kind = 'standardised_rate'
),

event as (
    {{ metric_event_in_groups() }}
    where exists (
        select 1 from measure where measure.metric_id = events.metric_id and measure.variant = events.variant
    )
),

counted as (
    select
        metric_id,
        variant,
        period_id,
        age_band,
        {{ metric_group_columns(areas, sets) }},
        sum(numerator) as events
    from event
    group by {{ metric_grouping_sets(
        ['metric_id', 'variant', 'period_id', 'age_band'], areas, area_columns_by_subgroup(), sets
    ) }}
),

resident as (
    select
        measure.metric_id,
        measure.variant,
        measure.measure,
        period.period_id,
        population.area_level,
        population.area_code,
        population.subgroup_set,
        population.subgroup_value,
        bands.age_band,
        sum(population.persons) as persons
    from measure
    inner join {{ ref('metric') }} as metrics on metrics.metric_id = measure.metric_id
    inner join {{ ref('dim_period') }} as period on period.period_type = metrics.period_type
    inner join {{ ref('equity__population') }} as population
        on population.age between measure.population_age_from and measure.population_age_to
        and population.subgroup_set <> 'age_band'
    inner join {{ ref('age_band') }} as bands on population.age between bands.age_from and bands.age_to
    group by all
),

stratum as (
    select
        resident.metric_id,
        resident.measure,
        resident.period_id,
        resident.area_level,
        resident.area_code,
        resident.subgroup_set,
        resident.subgroup_value,
        coalesce(counted.events, 0.0) as events,
        resident.persons,
        weight.persons as weight
    from resident
    inner join resident as weight
        on weight.metric_id = resident.metric_id
        and weight.measure = resident.measure
        and weight.period_id = resident.period_id
        and weight.age_band = resident.age_band
        and weight.area_level = 'county'
        and weight.subgroup_set = 'all'
    left join counted
        on counted.metric_id = resident.metric_id
        and counted.variant = resident.variant
        and counted.period_id = resident.period_id
        and counted.age_band = resident.age_band
        and counted.area_level = resident.area_level
        and counted.area_code = resident.area_code
        and counted.subgroup_set = resident.subgroup_set
        and counted.subgroup_value = resident.subgroup_value
    where resident.persons > 0
)

select
    metric_id,
    measure,
    period_id,
    area_level,
    area_code,
    subgroup_set,
    subgroup_value,
    sum(events) as numerator,
    sum(persons) as denominator,
    {{ exact_sum('weight * events / persons') }} / sum(weight) as value,
    {{ exact_sum('weight * weight * events / (persons * persons)') }} / (sum(weight) * sum(weight)) as variance
from stratum
group by metric_id, measure, period_id, area_level, area_code, subgroup_set, subgroup_value
