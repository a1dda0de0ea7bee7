-- Each figure of the county beside those that others publish of it, with the words that people read. Where ours lies is said of
-- its interval; the council's own published figure is the same children counted by others, so nothing is said of that.
select
    metrics.metric_id,
    metrics.metric_name,
    metrics.measure,
    metrics.measure_title,
    metrics.is_headline,
    metrics.period_id,
    metrics.is_whole_period,
    metrics.value,
    metrics.lower,
    metrics.upper,
    metrics.unit,
    metrics.polarity,
    comparators.comparator,
    case comparators.comparator
        when 'published_self' then 'This council, as published'
        when 'statistical_neighbours' then 'Statistical neighbours'
        when 'region' then area.region_name
        else 'England'
    end as comparator_name,
    comparators.value as comparator_value,
    case
        when length(comparators.time_period) = 6 then 'January 20' || right(comparators.time_period, 2)
        else comparators.time_period
    end as published_for,
    case
        when comparators.comparator <> 'statistical_neighbours' then 'as published'
        when comparators.denominator is null then 'mean of the areas'
        else 'areas pooled'
    end as put_together,
    comparators.area_count,
    case
        when comparators.comparator = 'published_self' then null
        when metrics.lower > comparators.value then 'higher'
        when metrics.upper < comparators.value then 'lower'
        when metrics.lower is not null then 'no clear difference'
    end as ours_is,
    comparators.difference,
    comparators.source,
    case comparators.comparator
        when 'published_self' then 1
        when 'statistical_neighbours' then 2
        when 'region' then 3
        else 4
    end as comparator_order
from {{ ref('rpt_equity__metric') }} as metrics
inner join {{ ref('equity__comparator') }} as comparators
    on comparators.metric_id = metrics.metric_id
    and comparators.measure = metrics.measure
    and comparators.period_id = metrics.period_id
left join {{ ref('release_area') }} as area on area.la_code = '{{ var("la_code") }}'
where metrics.breakdown = 'all'
