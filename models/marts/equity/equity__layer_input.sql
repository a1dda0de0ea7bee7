-- What gradients and funnels are drawn from: the headline share or rate of every metric, by area and by deprivation, in every period
-- but months; and of the county by whole months, for control charts, where the months count what happened in them (metric_period.csv).
-- An area with an empty base says nothing. A ratio of
-- sums over children is a share or rate of as many as its spread is worth; sums of money and places are neither.
select
    metrics.metric_id,
    metrics.measure,
    case measures.interval_method
        when 'wilson_effective' then 'proportion'
        when 'byar_effective' then 'rate'
        else measures.kind
    end as kind,
    measures.kind = 'ratio' as is_of_sums,
    metrics.multiplier,
    metrics.period_id,
    case
        when metrics.period_type = 'month' then 'month'
        when metrics.area_level = 'county' then metrics.subgroup_set
        else metrics.area_level
    end as breakdown,
    case when metrics.area_level = 'county' then metrics.subgroup_value else metrics.area_code end as group_value,
    metrics.numerator,
    metrics.denominator,
    case when measures.kind = 'ratio' then metrics.effective_size else metrics.denominator end as size,
    metrics.value,
    metrics.lower,
    metrics.upper,
    registry.polarity,
    measures.target
from {{ ref('fct_metric') }} as metrics
inner join {{ ref('metric_measure') }} as measures
    on measures.metric_id = metrics.metric_id and measures.measure = metrics.measure
inner join {{ ref('metric') }} as registry on registry.metric_id = metrics.metric_id
where
    metrics.denominator > 0
    and (
        (
            (measures.kind in ('proportion', 'rate') or metrics.effective_size > 0)
            and metrics.period_type <> 'month'
            and (
                (metrics.area_level in ('{{ area_columns_compared() | join("', '") }}') and metrics.subgroup_set = 'all')
                or (
                    metrics.area_level = 'county'
                    and metrics.subgroup_set in (
                        'idaci_quintile', 'idaci_decile_county', 'imd_decile_county', 'idaci_decile', 'imd_decile'
                    )
                )
            )
        )
        or (
            (measures.kind in ('proportion', 'rate', 'mean') or metrics.effective_size > 0)
            and metrics.period_type = 'month'
            -- of a stock each month is much like the last, and the limits would mark them all
            and exists (
                select 1 from {{ ref('metric_period') }} as told
                where told.metric_id = metrics.metric_id and told.period_type = 'month' and told.counts = 'flow'
            )
            and metrics.is_whole_period
            and metrics.area_level = 'county'
            and metrics.subgroup_set = 'all'
        )
    )
