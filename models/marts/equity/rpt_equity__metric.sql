-- equity__metric with the words that people read.
select
    values_of.metric_id,
    metrics.name as metric_name,
    values_of.measure,
    measures.title as measure_title,
    measures.is_headline,
    values_of.period_id,
    values_of.period_type,
    values_of.is_whole_period,
    values_of.subgroup_set,
    groups.set_title,
    values_of.subgroup_value,
    coalesce(groups.subgroup_label, values_of.subgroup_value) as subgroup_label,
    values_of.numerator,
    values_of.denominator,
    values_of.excluded,
    values_of.value,
    values_of.lower,
    values_of.upper,
    values_of.unit,
    values_of.rest_value,
    values_of.ratio_to_rest,
    values_of.ratio_lower,
    values_of.ratio_upper,
    values_of.difference_from_rest,
    values_of.difference_lower,
    values_of.difference_upper,
    values_of.is_reliable,
    metrics.polarity,
    metrics.target,
    metrics.statutory_limit_days,
    values_of.stock_date,
    values_of.known_on,
    metrics.numerator as numerator_meaning,
    metrics.denominator as denominator_meaning,
    metrics.base,
    metrics.clock,
    metrics.age_rule,
    coalesce(groups.set_order, 999) as set_order,
    coalesce(groups.value_order, 998) as value_order,
    measures.sort_order as measure_order
from {{ ref('equity__metric') }} as values_of
inner join {{ ref('metric') }} as metrics on metrics.metric_id = values_of.metric_id
inner join {{ ref('metric_measure') }} as measures
    on measures.metric_id = values_of.metric_id and measures.measure = values_of.measure
left join {{ ref('equity__subgroup') }} as groups
    on groups.subgroup_set = values_of.subgroup_set and groups.subgroup_value = values_of.subgroup_value
