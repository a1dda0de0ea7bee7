-- Directly standardised rates: the group's rates by age band, weighted with the county's own population. Variance for
-- Dobson's limits, which equity__metric adds. A group with no residents in a band has no rate there and no say.
with measure as (
    select metric_id, variant, measure
    from {{ ref('metric_measure') }}
    where kind = 'standardised_rate'
),

weight as (
    select age_band, persons as weight
    from {{ ref('equity__population') }}
    where subgroup_set = 'all'
),

stratum as (
    select
        counts.metric_id,
        measure.measure,
        counts.period_id,
        counts.subgroup_set,
        counts.subgroup_value,
        counts.numerator as events,
        counts.denominator as persons,
        weight.weight
    from {{ ref('equity__metric_count') }} as counts
    inner join measure on measure.metric_id = counts.metric_id and measure.variant = counts.variant
    inner join weight on weight.age_band = counts.age_band
    where counts.subgroup_set <> 'age_band' and counts.denominator > 0
)

select
    metric_id,
    measure,
    period_id,
    subgroup_set,
    subgroup_value,
    sum(events) as numerator,
    sum(persons) as denominator,
    {{ exact_sum('weight * events / persons') }} / sum(weight) as value,
    {{ exact_sum('weight * weight * events / (persons * persons)') }} / (sum(weight) * sum(weight)) as variance
from stratum
group by metric_id, measure, period_id, subgroup_set, subgroup_value
