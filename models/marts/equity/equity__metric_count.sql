{%- set columns = area_columns() + subgroup_columns() %}
{%- set crossed, small_areas = area_columns_by_subgroup(), area_columns() | reject('in', area_columns_by_subgroup()) | list %}
{%- set crossed_columns = crossed | join(', ') %}
-- The one pass over events and groups: what every measure is computed from. Most events are alike (a child counts or does not), so
-- events of a group are not added up but counted, by outcome; then each outcome's numbers are taken so many times. Groups are
-- numbers until the end. Age bands are the event's own age, by the metric's age rule; all other groups are those of the person in
-- the year.
with alike as (
    select distinct metric_id, variant, period_id, numerator, denominator, excluded, value
    from {{ ref('equity__metric_event') }}
),

outcome as (
    select
        metric_id,
        variant,
        period_id,
        numerator as numerator_of_one,
        denominator as denominator_of_one,
        excluded as excluded_of_one,
        value as value_of_one,
        cast(row_number() over (order by metric_id, variant, period_id, numerator, denominator, excluded, value) as integer) as outcome_number,
        cast(dense_rank() over (order by metric_id, variant, period_id) as integer) as series_number,
        {{ metric_terms_of_one() }}
    from alike
),

series as (
    select distinct outcome.series_number, outcome.metric_id, outcome.variant, outcome.period_id, period.period_type
    from outcome
    inner join {{ ref('dim_period') }} as period on period.period_id = outcome.period_id
),

-- A number for each value of each area level and set; unknown is 0, and there is always one.
group_code as (
    select
        group_column,
        group_value,
        cast(
            case group_value
                when 'unknown' then 0
                else row_number() over (partition by group_column, group_value = 'unknown' order by group_value)
            end as smallint
        ) as group_code
    from (
        {% for column in columns -%}
        select '{{ column }}' as group_column, 'unknown' as group_value
        union
        select '{{ column }}', {{ column }} from {{ ref('age_band' if column == 'age_band' else 'equity__person_period') }}
        {{ 'union' if not loop.last }}
        {% endfor %}
    ) as known
),

person_code as (
    select
        people.period_id,
        people.person_key,
        {% for column in columns if column != 'age_band' -%}
        code_{{ column }}.group_code as {{ column }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('equity__person_period') }} as people
    {% for column in columns if column != 'age_band' -%}
    left join group_code as code_{{ column }}
        on code_{{ column }}.group_column = '{{ column }}' and code_{{ column }}.group_value = people.{{ column }}
    {% endfor %}
),

age_band_code as (
    select bands.age_from, bands.age_to, group_code.group_code as age_band
    from {{ ref('age_band') }} as bands
    inner join group_code on group_code.group_column = 'age_band' and group_code.group_value = bands.age_band
),

coded as (
    {{ metric_event_in_groups('person_code', 'age_band_code', '0') }}
),

event as (
    select
        outcome.outcome_number,
        {% for column in columns -%}
        coded.{{ column }}{{ ',' if not loop.last }}
        {% endfor %}
    from coded
    inner join outcome
        on outcome.metric_id = coded.metric_id
        and outcome.variant = coded.variant
        and outcome.period_id = coded.period_id
        {% for column in ['numerator', 'denominator', 'excluded', 'value'] -%}
        and outcome.{{ column }}_of_one is not distinct from coded.{{ column }}
        {% endfor %}
),

-- Areas that are broken down by every set, together.
counted as (
    {% for set in subgroup_columns() -%}
    select
        outcome_number,
        {{ crossed_columns }},
        '{{ set }}' as subgroup_set,
        {{ set }} as subgroup_code,
        count(*) as events
    from event
    group by outcome_number, {{ crossed_columns }}, {{ set }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

smallest as (
    select
        outcome.series_number, {{ crossed_columns }}, counted.subgroup_set, counted.subgroup_code,
        {{ metric_sums_of_terms('counted.events') }}
    from counted
    inner join outcome on outcome.outcome_number = counted.outcome_number
    group by outcome.series_number, {{ crossed_columns }}, counted.subgroup_set, counted.subgroup_code
),

counted_in_small_area as (
    {% for area in small_areas -%}
    select outcome_number, '{{ area }}' as area_level, {{ area }} as area_code, count(*) as events
    from event
    group by outcome_number, {{ area }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- Pairs of groups that a council asks for, county-wide: rows of subgroup_pair.csv.
counted_in_pair as (
    select
        event.outcome_number,
        pairs.subgroup_set,
        pairs.first_set,
        pairs.second_set,
        {{ subgroup_value_of('pairs.first_set') }} as first_code,
        {{ subgroup_value_of('pairs.second_set') }} as second_code,
        count(*) as events
    from event
    cross join {{ ref('subgroup_pair') }} as pairs
    group by event.outcome_number, pairs.subgroup_set, pairs.first_set, pairs.second_set, first_code, second_code
),

-- The county is its districts together, outside and unknown among them; everyone is all groups of any one set. Only a year is told
-- of the groups of an area.
summed as (
    {% for area in crossed -%}
    select
        smallest.series_number, '{{ area }}' as area_level, smallest.{{ area }} as area_code, smallest.subgroup_set, smallest.subgroup_code,
        {{ metric_sums_of_terms() }}
    from smallest
    inner join series on series.series_number = smallest.series_number
    where {{ is_year('series.period_type') }}
    group by smallest.series_number, smallest.{{ area }}, smallest.subgroup_set, smallest.subgroup_code
    union all
    select
        series_number, '{{ area }}', {{ area }}, 'all', null,
        {{ metric_sums_of_terms() }}
    from smallest
    where subgroup_set = 'sex'
    group by series_number, {{ area }}
    union all
    {% endfor -%}
    select
        series_number, 'county', null, subgroup_set, subgroup_code,
        {{ metric_sums_of_terms() }}
    from smallest
    group by series_number, subgroup_set, subgroup_code
    union all
    select
        series_number, 'county', null, 'all', null,
        {{ metric_sums_of_terms() }}
    from smallest
    where subgroup_set = 'sex'
    group by series_number
    union all
    select
        outcome.series_number, counted.area_level, counted.area_code, 'all', null,
        {{ metric_sums_of_terms('counted.events') }}
    from counted_in_small_area as counted
    inner join outcome on outcome.outcome_number = counted.outcome_number
    group by outcome.series_number, counted.area_level, counted.area_code
),

grouped as (
    select
        series.metric_id,
        series.variant,
        series.period_id,
        summed.area_level,
        coalesce(area.group_value, '{{ var("la_code") }}') as area_code,
        summed.subgroup_set,
        coalesce(subgroup.group_value, 'all') as subgroup_value,
        {{ metric_terms() | join(', ') }}
    from summed
    inner join series on series.series_number = summed.series_number
    left join group_code as area on area.group_column = summed.area_level and area.group_code = summed.area_code
    left join group_code as subgroup on subgroup.group_column = summed.subgroup_set and subgroup.group_code = summed.subgroup_code
    union all
    select
        outcome.metric_id,
        outcome.variant,
        outcome.period_id,
        'county' as area_level,
        '{{ var("la_code") }}' as area_code,
        counted.subgroup_set,
        first_group.group_value || ' & ' || second_group.group_value as subgroup_value,
        {{ metric_sums_of_terms('counted.events') }}
    from counted_in_pair as counted
    inner join outcome on outcome.outcome_number = counted.outcome_number
    inner join group_code as first_group
        on first_group.group_column = counted.first_set and first_group.group_code = counted.first_code
    inner join group_code as second_group
        on second_group.group_column = counted.second_set and second_group.group_code = counted.second_code
    group by outcome.metric_id, outcome.variant, outcome.period_id, counted.subgroup_set, first_group.group_value, second_group.group_value
),

with_aggregates as (
    select
        metric_id, variant, period_id, area_level, area_code, subgroup_set, subgroup_value,
        {% for column in metric_terms() -%}
        cast({{ column }} as {{ dbt.type_bigint() if column.endswith('_count') else 'double' }}) as {{ column }}{{ ',' if not loop.last }}
        {% endfor %}
    from grouped
    {%- for family in ['resource_base', 'council'] %}
    union all
    -- What is counted by place and not by child comes added up.
    select
        metric_id, variant, period_id, area_level, area_code, subgroup_set, subgroup_value,
        {{ metric_terms() | join(', ') }}
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
    inner join {{ periods_told() }} as told on told.metric_id = per_head.metric_id
    inner join {{ ref('dim_period') }} as period on period.period_type = told.period_type
    inner join {{ ref('equity__population') }} as population
        on population.age between per_head.age_from and per_head.age_to
        and ({{ is_year('period.period_type') }} or population.area_level = 'county' or population.subgroup_set = 'all')
    group by all
),

known_to_population as (
    select distinct area_level, subgroup_set
    from {{ ref('equity__population') }}
)

select
    coalesce(counts.metric_id, resident.metric_id) as metric_id,
    coalesce(counts.variant, resident.variant) as variant,
    coalesce(counts.period_id, resident.period_id) as period_id,
    coalesce(counts.area_level, resident.area_level) as area_level,
    coalesce(counts.area_code, resident.area_code) as area_code,
    coalesce(counts.subgroup_set, resident.subgroup_set) as subgroup_set,
    coalesce(counts.subgroup_value, resident.subgroup_value) as subgroup_value,
    coalesce(counts.numerator, 0.0) as numerator,
    coalesce(resident.persons, counts.denominator) as denominator,
    coalesce(counts.excluded, 0.0) as excluded,
    coalesce(counts.event_count, 0) as event_count,
    coalesce(counts.value_sum, 0.0) as value_sum,
    coalesce(counts.value_squares, 0.0) as value_squares,
    coalesce(counts.value_count, 0) as value_count,
    coalesce(counts.numerator_squares, 0.0) as numerator_squares,
    coalesce(counts.denominator_squares, 0.0) as denominator_squares,
    coalesce(counts.cross_products, 0.0) as cross_products
from with_aggregates as counts
full outer join resident
    on resident.metric_id = counts.metric_id
    and resident.variant = counts.variant
    and resident.period_id = counts.period_id
    and resident.area_level = counts.area_level
    and resident.area_code = counts.area_code
    and resident.subgroup_set = counts.subgroup_set
    and resident.subgroup_value = counts.subgroup_value
left join per_head on per_head.metric_id = counts.metric_id and per_head.variant = counts.variant
left join known_to_population
    on known_to_population.area_level = counts.area_level and known_to_population.subgroup_set = counts.subgroup_set
left join {{ ref('metric_without_subgroup') }} as left_out
    on left_out.metric_id = counts.metric_id and left_out.subgroup_set = counts.subgroup_set
where
    left_out.metric_id is null
    and (per_head.metric_id is null or counts.metric_id is null or known_to_population.area_level is not null)
