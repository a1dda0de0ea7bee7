-- fct_metric with the words that people read. `breakdown` is the set of a county-wide group or the level of an area; null for a
-- group within an area, which has two.
with named as (
    select
        values_of.*,
        case
            when values_of.area_level = 'county' then values_of.subgroup_set
            when values_of.subgroup_set = 'all' then values_of.area_level
        end as breakdown,
        case
            when values_of.area_level = 'county' then values_of.subgroup_value
            when values_of.subgroup_set = 'all' then values_of.area_code
        end as breakdown_value,
        case when values_of.area_level = 'county' then 'all' else values_of.area_level end as area_breakdown,
        case when values_of.area_level = 'county' then 'all' else values_of.area_code end as area_value
    from {{ ref('fct_metric') }} as values_of
)

select
    values_of.metric_id,
    metrics.name as metric_name,
    values_of.measure,
    measures.title as measure_title,
    measures.is_headline,
    values_of.period_id,
    values_of.period_type,
    values_of.is_whole_period,
    values_of.area_level,
    values_of.area_code,
    coalesce(areas.subgroup_label, values_of.area_code) as area_name,
    values_of.subgroup_set,
    values_of.subgroup_value,
    values_of.breakdown,
    values_of.breakdown_value,
    coalesce(groups.set_title, areas.set_title || ', ' || sets.set_title) as set_title,
    coalesce(
        groups.subgroup_label,
        case when values_of.breakdown is null then coalesce(areas.subgroup_label, values_of.area_code) || ', ' || sets.subgroup_label end,
        values_of.breakdown_value
    ) as subgroup_label,
    values_of.numerator,
    values_of.denominator,
    values_of.excluded,
    values_of.value,
    values_of.lower,
    values_of.upper,
    values_of.unit,
    values_of.compared_with,
    values_of.rest_value,
    values_of.ratio_to_rest,
    values_of.ratio_lower,
    values_of.ratio_upper,
    values_of.difference_from_rest,
    values_of.difference_lower,
    values_of.difference_upper,
    values_of.is_reliable,
    metrics.family,
    metrics.polarity,
    metrics.target,
    metrics.statutory_limit_days,
    values_of.stock_date,
    values_of.known_on,
    provenance.oldest_extract_date,
    provenance.not_fresh,
    provenance.missing_part,
    provenance.unlinked_share,
    metrics.numerator as numerator_meaning,
    metrics.denominator as denominator_meaning,
    metrics.base,
    metrics.clock,
    metrics.age_rule,
    coalesce(groups.set_order, 1000 + areas.set_order * 100 + sets.set_order) as set_order,
    coalesce(groups.value_order, areas.value_order * 1000 + sets.value_order, 998) as value_order,
    measures.sort_order as measure_order
from named as values_of
inner join {{ ref('metric') }} as metrics on metrics.metric_id = values_of.metric_id
inner join {{ ref('metric_measure') }} as measures
    on measures.metric_id = values_of.metric_id and measures.measure = values_of.measure
inner join {{ ref('equity__provenance') }} as provenance
    on provenance.metric_id = values_of.metric_id and provenance.period_id = values_of.period_id
left join {{ ref('equity__subgroup') }} as groups
    on groups.breakdown = values_of.breakdown and groups.breakdown_value = values_of.breakdown_value
left join {{ ref('equity__subgroup') }} as areas
    on areas.breakdown = values_of.area_breakdown and areas.breakdown_value = values_of.area_value
left join {{ ref('equity__subgroup') }} as sets
    on sets.breakdown = values_of.subgroup_set and sets.breakdown_value = values_of.subgroup_value
