-- What others publish beside a metric of this council: its own figure as published, its statistical neighbours, its region and
-- England, of the latest year that is out for England and not after ours. A figure of which a part is not published (z, x, c) is no
-- figure, and no older one stands in for it. Areas are pooled: all their cases over all their bases; where only a finished figure is
-- published, the mean of the areas.
with part as (
    select
        metric_id,
        measure,
        side,
        release_table,
        published_measure,
        weight,
        breakdown_topic,
        breakdowns,
        count(*) over (partition by metric_id, measure) as parts
    from {{ ref('metric_comparator_part') }}
),

-- The areas of each comparator, by what the published figures call them.
area as (
    select
        'published_self' as comparator,
        'Local authority' as geographic_level,
        '{{ var("la_code") }}' as area
    union all
    select
        'statistical_neighbours' as comparator,
        'Local authority' as geographic_level,
        neighbour_la_code as area
    from {{ ref('dim_statistical_neighbour') }}
    where la_code = '{{ var("la_code") }}'
    union all
    select
        'region' as comparator,
        'Regional' as geographic_level,
        lower(region_name) as area
    from {{ ref('release_area') }}
    where la_code = '{{ var("la_code") }}'
    union all
    select
        'england' as comparator,
        'National' as geographic_level,
        'england' as area
),

-- A return of January 2025 is of the calendar year 2024, and of the school year that began in it.
figure as (
    select
        comparators.metric_id,
        comparators.measure,
        comparators.source,
        comparators.multiplier,
        comparators.difference,
        coalesce(
            published.collection_year - 1, {{ to_integer('left(published.time_period, 4)') }} - comparators.years_back
        ) as published_year,
        published.time_period,
        area.comparator,
        area.area,
        part.side,
        part.parts,
        part.published_measure,
        part.weight * published.value as value
    from {{ ref('metric_comparator') }} as comparators
    inner join part on part.metric_id = comparators.metric_id and part.measure = comparators.measure
    inner join {{ ref('fct_published_figure') }} as published
        on published.release_table = part.release_table
        and published.measure = part.published_measure
        and (
            (part.breakdowns is null and published.is_total)
            or (
                published.breakdown_topic = part.breakdown_topic
                and '|' || part.breakdowns || '|' like '%|' || published.breakdown || '|%'
            )
        )
    inner join area
        on area.geographic_level = published.geographic_level
        and area.area = case when published.geographic_level = 'Local authority' then published.la_code else lower(published.area_name) end
),

of_area as (
    select
        metric_id,
        measure,
        source,
        multiplier,
        difference,
        published_year,
        max(time_period) as time_period,
        comparator,
        area,
        sum(case when side = 'numerator' then value end) as numerator,
        sum(case when side = 'denominator' then value end) as denominator,
        sum(case when side = 'value' then value end) as value
    from figure
    group by metric_id, measure, source, multiplier, difference, published_year, comparator, area, parts
    having count(value) = count(*) and count(distinct side || published_measure) = parts
),

pooled as (
    select
        metric_id,
        measure,
        source,
        multiplier,
        difference,
        published_year,
        max(time_period) as time_period,
        comparator,
        sum(numerator) as numerator,
        sum(denominator) as denominator,
        avg(value) as value,
        count(*) as area_count
    from of_area
    where value is not null or denominator > 0
    group by metric_id, measure, source, multiplier, difference, published_year, comparator
),

latest as (
    select
        pooled.metric_id,
        pooled.measure,
        period.period_id,
        max(pooled.published_year) as published_year
    from pooled
    inner join {{ ref('metric') }} as metrics on metrics.metric_id = pooled.metric_id
    inner join {{ ref('dim_period') }} as period
        on period.period_type = metrics.period_type
        -- a month stands beside the census or year before it, never beside one that is still to come
        and {{ to_integer('period.year_period_id') }}
        >= pooled.published_year + case when metrics.period_type = 'month' then 1 else 0 end
    where pooled.comparator = 'england'
    group by pooled.metric_id, pooled.measure, period.period_id
)

select
    pooled.metric_id,
    pooled.measure,
    latest.period_id,
    pooled.comparator,
    pooled.multiplier * coalesce(pooled.value, pooled.numerator / pooled.denominator) as value,
    pooled.numerator,
    pooled.denominator,
    pooled.published_year,
    pooled.time_period,
    cast(pooled.area_count as integer) as area_count,
    case pooled.source
        when 'lait' then 'DfE, Local Authority Interactive Tool'
        else 'DfE, Education, health and care plans'
    end as source,
    pooled.difference
from latest
inner join pooled
    on pooled.metric_id = latest.metric_id
    and pooled.measure = latest.measure
    and pooled.published_year = latest.published_year
