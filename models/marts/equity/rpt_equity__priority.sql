-- Each priority of the three strategies with the indicators that answer it, the strongest first: the newest whole period of the county
-- (the one under way, where no whole one has figures), the one before, and how unequal it is. An indicator that is not built says why.
-- A layer (EQ) says of how many headline measures, districts or groups it finds more than chance, and where they are to be read.
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
        metrics.is_whole_period,
        row_number() over (
            partition by metrics.metric_id order by metrics.is_whole_period desc, period.end_date desc, metrics.period_id
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
),

-- What each layer looked at in the newest period of every headline measure, and in how many of these it found more than chance.
inequality as (
    select layers.*
    from {{ ref('equity__inequality') }} as layers
    inner join newest
        on newest.metric_id = layers.metric_id
        and newest.measure = layers.measure
        and newest.period_id = layers.period_id
),

looked as (
    select
        'EQ01' as indicator_id,
        'slopes over fifths clear of 0' as looked_at,
        0.05 as by_chance,
        lower > 0 or upper < 0 as is_found
    from inequality
    where statistic = 'slope_index' and breakdown = 'idaci_quintile' and lower is not null
    union all
    select
        'EQ02' as indicator_id,
        'differences of a district from the rest clear of 0' as looked_at,
        0.05 as by_chance,
        metrics.difference_lower > 0 or metrics.difference_upper < 0 as is_found
    from {{ ref('fct_metric') }} as metrics
    inner join newest
        on newest.metric_id = metrics.metric_id
        and newest.measure = metrics.measure
        and newest.period_id = metrics.period_id
    where
        metrics.area_level = 'district'
        and metrics.subgroup_set = 'all'
        and metrics.difference_lower is not null
        and metrics.difference_upper is not null
    union all
    select
        'EQ03' as indicator_id,
        'districts, of all funnels, outside the 99.8% limits' as looked_at,
        0.002 as by_chance,
        funnels.funnel_class in ('high_998', 'low_998') as is_found
    from {{ ref('equity__funnel') }} as funnels
    inner join newest
        on newest.metric_id = funnels.metric_id
        and newest.measure = funnels.measure
        and newest.period_id = funnels.period_id
    where funnels.area_level = 'district' and funnels.funnel_class is not null
    union all
    -- Its outcomes are not all headlines: the newest period of each.
    select
        'EQ04' as indicator_id,
        'groups of the county at 1.5 times the risk of others, or two thirds' as looked_at,
        0.002 as by_chance,
        is_alert as is_found
    from {{ ref('equity__disproportionality') }}
    where area_level = 'county' and is_large_enough
    qualify period_id = max(period_id) over (partition by metric_id, measure)
    union all
    select
        'EQ05' as indicator_id,
        'Ginis of districts above the band of chance' as looked_at,
        0.025 as by_chance,
        value > upper as is_found
    from inequality
    where statistic = 'gini' and breakdown = 'district' and upper is not null
    union all
    select
        'EQ06' as indicator_id,
        'gaps between districts above the band of chance' as looked_at,
        0.025 as by_chance,
        gaps.value > bands.upper as is_found
    from inequality as gaps
    inner join inequality as bands
        on bands.metric_id = gaps.metric_id
        and bands.measure = gaps.measure
        and bands.period_id = gaps.period_id
        and bands.breakdown = gaps.breakdown
        and bands.statistic = 'gap_by_chance'
    where gaps.statistic = 'gap'
    union all
    select
        'EQ08' as indicator_id,
        'districts with more or less support than expected' as looked_at,
        0.05 as by_chance,
        lower > 100 or upper < 100 as is_found
    from {{ ref('equity__expected') }}
    where area_level = 'district' and ratio is not null
    qualify period_id = max(period_id) over (partition by metric_id, variant)
),

layer_figure as (
    select
        indicator_id,
        'share_beyond_chance' as measure,
        cast(null as varchar) as period_id,
        cast(count(*) filter (where is_found) as double) as numerator,
        cast(count(*) as double) as denominator,
        100.0 * count(*) filter (where is_found) / count(*) as value,
        cast(null as double) as lower,
        cast(null as double) as upper,
        'percent' as unit,
        count(*) filter (where is_found) || ' of ' || count(*) || ' ' || max(looked_at) || '; chance alone would make '
        || round(count(*) * max(by_chance), 1) || '. ' as said
    from looked
    group by indicator_id
    union all
    select
        'EQ07' as indicator_id,
        'gini' as measure,
        period_id,
        cast(null as double) as numerator,
        cast(area_count as double) as denominator,
        value,
        lower,
        upper,
        'index' as unit,
        'Gini of places within reach over ' || area_count || ' small areas, 0 if all are alike. ' as said
    from {{ ref('equity__inequality') }}
    where indicator_id = 'EQ07' and value is not null
    qualify row_number() over (order by period_id desc) = 1
    union all
    select
        'PL18' as indicator_id,
        'plans' as measure,
        cast(extract(year from target_date) as varchar) as period_id,
        cast(null as double) as numerator,
        cast(plans_at_start as double) as denominator,
        plans as value,
        lower,
        upper,
        'count' as unit,
        'Plans a year ahead; specialist places that would be needed, less those planned: ' || round(gap) || '. ' as said
    from {{ ref('equity__forecast') }}
    where area_level = 'county' and need = 'all' and phase = 'all' and actual is null
    qualify row_number() over (order by made_from desc, years_ahead) = 1
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
    coalesce(not_built.reason, coalesce(layer_figure.said, '') || 'Read it in ' || layers.reads) as note,
    coalesce(newest.measure, layer_figure.measure) as measure,
    coalesce(newest.period_id, layer_figure.period_id) as period_id,
    newest.is_whole_period,
    coalesce(newest.value, layer_figure.value) as value,
    coalesce(newest.lower, layer_figure.lower) as lower,
    coalesce(newest.upper, layer_figure.upper) as upper,
    coalesce(newest.numerator, layer_figure.numerator) as numerator,
    coalesce(newest.denominator, layer_figure.denominator) as denominator,
    coalesce(newest.unit, layer_figure.unit) as unit,
    registry.polarity,
    coalesce(registry.target, layers.target) as target,
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
left join layer_figure on layer_figure.indicator_id = answers.indicator_id
left join districts
    on districts.metric_id = newest.metric_id
    and districts.measure = newest.measure
    and districts.period_id = newest.period_id
left join slope
    on slope.metric_id = newest.metric_id and slope.measure = newest.measure and slope.period_id = newest.period_id
