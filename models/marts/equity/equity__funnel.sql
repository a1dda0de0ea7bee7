-- Each area against the funnel of its level: where chance alone would leave it, whether it lies outside, and its rate drawn towards
-- the county's for maps. An area is never ranked.
with wide as (
    select
        metric_id,
        measure,
        period_id,
        breakdown as area_level,
        area_code,
        max(case when statistic = 'funnel_95' then lower end) as lower_95,
        max(case when statistic = 'funnel_95' then upper end) as upper_95,
        max(case when statistic = 'funnel_998' then lower end) as lower_998,
        max(case when statistic = 'funnel_998' then upper end) as upper_998,
        max(case when statistic = 'funnel_95' then value end) as side_95,
        max(case when statistic = 'funnel_998' then value end) as side_998,
        max(case when statistic = 'shrunk' then value end) as shrunk_value,
        max(case when statistic = 'shrunk_weight' then value end) as shrunk_weight,
        max(case when statistic = 'funnel_95' then note end) as note,
        max(case when statistic = 'shrunk' then note end) as shrunk_note,
        max(area_count) as area_count
    from {{ ref('int_equity__layer') }}
    where area_code is not null
    group by metric_id, measure, period_id, breakdown, area_code
)

select
    wide.metric_id,
    wide.measure,
    wide.period_id,
    wide.area_level,
    wide.area_code,
    metrics.numerator,
    metrics.denominator,
    coalesce(metrics.effective_size, metrics.denominator) as size,
    metrics.value,
    metrics.unit,
    wide.lower_95,
    wide.upper_95,
    wide.lower_998,
    wide.upper_998,
    case
        when wide.side_998 > 0 then 'high_998'
        when wide.side_998 < 0 then 'low_998'
        when wide.side_95 > 0 then 'high_95'
        when wide.side_95 < 0 then 'low_95'
        when wide.side_95 = 0 then 'within'
    end as funnel_class,
    wide.shrunk_value,
    wide.shrunk_weight,
    wide.area_count,
    wide.note,
    wide.shrunk_note
from wide
inner join {{ ref('fct_metric') }} as metrics
    on metrics.metric_id = wide.metric_id
    and metrics.measure = wide.measure
    and metrics.period_id = wide.period_id
    and metrics.area_level = wide.area_level
    and metrics.area_code = wide.area_code
    and metrics.subgroup_set = 'all'
