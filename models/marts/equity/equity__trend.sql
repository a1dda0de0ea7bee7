-- Months of the whole county against control limits (XmR, Making Data Count): is this month like the others? Of what happens in a
-- month, not of stocks; from twelve whole months with 20 or more in the base of each. And will the target be met, if all goes on?
select
    layers.metric_id,
    layers.measure,
    layers.period_id,
    metrics.numerator,
    metrics.denominator,
    metrics.value,
    metrics.unit,
    layers.value as mean_value,
    layers.lower as lower_limit,
    layers.upper as upper_limit,
    layers.note as variation,
    assured.value as target,
    assured.note as assurance
from {{ ref('int_equity__layer') }} as layers
inner join {{ ref('fct_metric') }} as metrics
    on metrics.metric_id = layers.metric_id
    and metrics.measure = layers.measure
    and metrics.period_id = layers.period_id
    and metrics.area_level = 'county'
    and metrics.subgroup_set = 'all'
left join {{ ref('int_equity__layer') }} as assured
    on assured.metric_id = layers.metric_id and assured.measure = layers.measure and assured.statistic = 'xmr_assurance'
where layers.statistic = 'xmr'
