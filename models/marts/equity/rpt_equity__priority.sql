-- Each priority of the three strategies with the indicators that answer it, the strongest first: the newest whole period of the county
-- (the one under way, where no whole one has figures), the one before, and how unequal it is. An indicator that is not built says why; a layer (EQ) says where it is to be read.
with headline as (
    select
        metrics.metric_id,
        measures.measure,
        metrics.period_id,
        metrics.value,
        metrics.lower,
        metrics.upper,
        metrics.numerator,
        metrics.denominator,
        metrics.unit,
        period.is_whole as is_whole_period,
        row_number() over (
            partition by metrics.metric_id order by period.is_whole desc, period.end_date desc, metrics.period_id
        ) as nth
    from {{ ref('fct_metric') }} as metrics
    inner join {{ ref('metric_measure') }} as measures
        on measures.metric_id = metrics.metric_id and measures.measure = metrics.measure and measures.is_headline
    inner join {{ ref('metric') }} as registry on registry.metric_id = metrics.metric_id
    inner join {{ ref('dim_period') }} as period
        on period.period_id = metrics.period_id and period.period_type = registry.period_type
    where metrics.area_level = 'county' and metrics.subgroup_set = 'all' and metrics.denominator > 0
),

newest as (
    select headline.*, before.period_id as earlier_period_id, before.value as earlier_value
    from headline
    left join headline as before on before.metric_id = headline.metric_id and before.nth = 2
    where headline.nth = 1
),

districts as (
    select
        metric_id,
        measure,
        period_id,
        cast(count(*) as integer) as district_count,
        cast(sum(case when funnel_class <> 'within' then 1 else 0 end) as integer) as unusual_district_count
    from {{ ref('equity__funnel') }}
    where area_level = 'district'
    group by metric_id, measure, period_id
),

slope as (
    select metric_id, measure, period_id, value, lower, upper
    from {{ ref('equity__inequality') }}
    where statistic = 'slope_index' and breakdown = 'idaci_quintile'
)

select
    priorities.priority_id,
    priorities.council,
    priorities.title as priority_title,
    answers.sort_order,
    answers.indicator_id,
    coalesce(registry.name, layers.name, not_built.name) as indicator_name,
    coalesce(registry.question, layers.question) as question,
    case
        when registry.metric_id is not null then 'built'
        when layers.indicator_id is not null then 'layer'
        else 'not_built'
    end as standing,
    coalesce(not_built.reason, 'Read it in ' || layers.reads) as note,
    newest.measure,
    newest.period_id,
    newest.is_whole_period,
    newest.value,
    newest.lower,
    newest.upper,
    newest.numerator,
    newest.denominator,
    newest.unit,
    registry.polarity,
    registry.target,
    newest.earlier_period_id,
    newest.earlier_value,
    districts.district_count,
    districts.unusual_district_count,
    slope.value as slope_index,
    slope.lower as slope_index_lower,
    slope.upper as slope_index_upper
from {{ ref('priority') }} as priorities
inner join {{ ref('priority_indicator') }} as answers on answers.priority_id = priorities.priority_id
left join {{ ref('metric') }} as registry on registry.metric_id = answers.indicator_id
left join {{ ref('metric_layer') }} as layers on layers.indicator_id = answers.indicator_id
left join {{ ref('metric_not_built') }} as not_built on not_built.metric_id = answers.indicator_id
left join newest on newest.metric_id = answers.indicator_id
left join districts
    on districts.metric_id = newest.metric_id
    and districts.measure = newest.measure
    and districts.period_id = newest.period_id
left join slope
    on slope.metric_id = newest.metric_id and slope.measure = newest.measure and slope.period_id = newest.period_id
