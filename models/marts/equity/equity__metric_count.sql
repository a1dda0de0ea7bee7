-- The one pass over events and groups: what every measure is computed from. Events are added up in their smallest groups (a set
-- within a district; a ward, small area or school), and these in larger ones. Age bands are the event's own age, by the metric's
-- age rule; all other groups are those of the person in the year.
with series as (
    -- One number for metric, variant and period, because events are grouped by it some twenty times.
    select
        metric_id,
        variant,
        period_id,
        cast(row_number() over (order by metric_id, variant, period_id) as integer) as series_number
    from {{ ref('equity__metric_event') }}
    group by metric_id, variant, period_id
),

named as (
    {{ metric_event_in_groups() }}
),

event as (
    select
        series.series_number,
        named.*
    from named
    inner join series
        on series.metric_id = named.metric_id and series.variant = named.variant and series.period_id = named.period_id
),

smallest as (
    select
        series_number,
        {{ metric_group_columns(area_columns(), subgroup_columns()) }},
        {{ metric_sums(exact_decimal_sum) }}
    from event
    group by {{ metric_smallest_grouping_sets(
        ['series_number'], area_columns(), area_columns_by_subgroup(), subgroup_columns()
    ) }}
),

-- The county is its districts together, outside and unknown among them; everyone is all groups of any one set.
summed as (
    select
        series_number, area_level, area_code, subgroup_set, subgroup_value,
        {{ metric_sum_columns() | join(', ') }}
    from smallest
    union all
    select
        series_number,
        'county' as area_level,
        '{{ var("la_code") }}' as area_code,
        subgroup_set,
        subgroup_value,
        {{ metric_sums_of_sums() }}
    from smallest
    where area_level = 'district'
    group by series_number, subgroup_set, subgroup_value
    union all
    select
        series_number,
        area_level,
        area_code,
        'all' as subgroup_set,
        'all' as subgroup_value,
        {{ metric_sums_of_sums() }}
    from smallest
    where subgroup_set = 'sex'
    group by series_number, area_level, area_code
    union all
    select
        series_number,
        'county' as area_level,
        '{{ var("la_code") }}' as area_code,
        'all' as subgroup_set,
        'all' as subgroup_value,
        {{ metric_sums_of_sums() }}
    from smallest
    where area_level = 'district' and subgroup_set = 'sex'
    group by series_number
    union all
    -- Pairs of groups that a council asks for, county-wide: rows of subgroup_pair.csv.
    select
        event.series_number,
        'county' as area_level,
        '{{ var("la_code") }}' as area_code,
        pairs.subgroup_set,
        {{ subgroup_value_of('pairs.first_set') }} || ' & ' || {{ subgroup_value_of('pairs.second_set') }} as subgroup_value,
        {{ metric_sums(exact_decimal_sum) }}
    from event
    cross join {{ ref('subgroup_pair') }} as pairs
    group by event.series_number, pairs.subgroup_set, subgroup_value
),

grouped as (
    select
        series.metric_id,
        series.variant,
        series.period_id,
        summed.area_level,
        summed.area_code,
        summed.subgroup_set,
        summed.subgroup_value,
        {% for column in metric_sum_columns() -%}
        cast(summed.{{ column }} as {{ dbt.type_bigint() if column.endswith('_count') else 'double' }}) as {{ column }}{{ ',' if not loop.last }}
        {% endfor %}
    from summed
    inner join series on series.series_number = summed.series_number
    {%- for family in ['resource_base', 'council'] %}
    union all
    -- What is counted by place and not by child comes added up.
    select
        metric_id, variant, period_id, area_level, area_code, subgroup_set, subgroup_value, numerator, denominator, excluded, event_count,
        value_sum, value_squares, value_count, numerator_squares, denominator_squares, cross_products
    from {{ ref('equity__aggregate_' ~ family) }}
    {%- endfor %}
),

-- Metrics per head: only areas and groups that the population table knows, and a row for each, also where nothing happened.
per_head as (
    select metric_id, variant, min(population_age_from) as age_from, max(population_age_to) as age_to
    from {{ ref('metric_measure') }}
    where kind = 'rate'
    group by metric_id, variant
),

resident as (
    select
        per_head.metric_id,
        per_head.variant,
        period.period_id,
        population.area_level,
        population.area_code,
        population.subgroup_set,
        population.subgroup_value,
        sum(population.persons) as persons
    from per_head
    inner join {{ ref('metric') }} as metrics on metrics.metric_id = per_head.metric_id
    inner join {{ ref('dim_period') }} as period on period.period_type = metrics.period_type
    inner join {{ ref('equity__population') }} as population
        on population.age between per_head.age_from and per_head.age_to
    group by all
),

known_to_population as (
    select distinct area_level, subgroup_set
    from {{ ref('equity__population') }}
)

select
    coalesce(grouped.metric_id, resident.metric_id) as metric_id,
    coalesce(grouped.variant, resident.variant) as variant,
    coalesce(grouped.period_id, resident.period_id) as period_id,
    coalesce(grouped.area_level, resident.area_level) as area_level,
    coalesce(grouped.area_code, resident.area_code) as area_code,
    coalesce(grouped.subgroup_set, resident.subgroup_set) as subgroup_set,
    coalesce(grouped.subgroup_value, resident.subgroup_value) as subgroup_value,
    coalesce(grouped.numerator, 0.0) as numerator,
    coalesce(resident.persons, grouped.denominator) as denominator,
    coalesce(grouped.excluded, 0.0) as excluded,
    coalesce(grouped.event_count, 0) as event_count,
    coalesce(grouped.value_sum, 0.0) as value_sum,
    coalesce(grouped.value_squares, 0.0) as value_squares,
    coalesce(grouped.value_count, 0) as value_count,
    coalesce(grouped.numerator_squares, 0.0) as numerator_squares,
    coalesce(grouped.denominator_squares, 0.0) as denominator_squares,
    coalesce(grouped.cross_products, 0.0) as cross_products
from grouped
full outer join resident
    on resident.metric_id = grouped.metric_id
    and resident.variant = grouped.variant
    and resident.period_id = grouped.period_id
    and resident.area_level = grouped.area_level
    and resident.area_code = grouped.area_code
    and resident.subgroup_set = grouped.subgroup_set
    and resident.subgroup_value = grouped.subgroup_value
left join per_head on per_head.metric_id = grouped.metric_id and per_head.variant = grouped.variant
left join known_to_population
    on known_to_population.area_level = grouped.area_level and known_to_population.subgroup_set = grouped.subgroup_set
left join {{ ref('metric_without_subgroup') }} as left_out
    on left_out.metric_id = grouped.metric_id and left_out.subgroup_set = grouped.subgroup_set
where
    left_out.metric_id is null
    and (per_head.metric_id is null or grouped.metric_id is null or known_to_population.area_level is not null)
