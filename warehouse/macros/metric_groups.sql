{#-
The groups that metrics are counted in. Rows of subgroup_set.csv and area_level.csv say what they mean; a set or level is a
column of equity__person_period (age_band is the event's own age). tests/contract/test_metric_parity.py binds the two.
-#}
{% macro area_columns() -%}
    {{ return(['district', 'locality', 'ward', 'msoa', 'lsoa', 'planning_area', 'school']) }}
{%- endmacro %}

{#- Areas that are broken down by every set, as the county is; the others are small, and have a row for everyone only. -#}
{% macro area_columns_by_subgroup() -%}
    {{ return(['district', 'locality']) }}
{%- endmacro %}

{#- Areas that are laid against a funnel, and whose support is held against what was to be expected. -#}
{% macro area_columns_compared() -%}
    {{ return(['district', 'locality', 'ward', 'school']) }}
{%- endmacro %}

{#- Areas and sets that the population table knows. -#}
{% macro area_columns_of_population() -%}
    {{ return(['district', 'locality', 'ward', 'msoa', 'lsoa']) }}
{%- endmacro %}

{% macro subgroup_columns_of_population() -%}
    {{ return(['idaci_quintile', 'idaci_decile_county', 'imd_decile_county', 'idaci_decile', 'imd_decile', 'age_band']) }}
{%- endmacro %}

{% macro subgroup_columns() -%}
    {{ return([
        'idaci_quintile', 'idaci_decile_county', 'imd_decile_county', 'idaci_decile', 'imd_decile', 'ethnicity',
        'ethnicity_group', 'sex', 'age_band', 'year_group', 'primary_need', 'sen_status', 'setting', 'fsm', 'ever_6_fsm',
        'eal', 'looked_after', 'child_in_need',
    ]) }}
{%- endmacro %}

{#- Kinds of period that are a year. The others lie in years or across them; they are told of areas and of groups, and not of the
    groups of an area, of whom hardly anybody is in one. -#}
{% macro is_year(period_type) -%}
    {{ period_type }} in ('calendar_year', 'academic_year', 'financial_year')
{%- endmacro %}

{#- The kinds of period that a metric is told by: its own, and those of metric_period.csv. -#}
{% macro periods_told() -%}
    (
        select metric_id, period_type from {{ ref('metric') }}
        union
        select metric_id, period_type from {{ ref('metric_period') }}
    )
{%- endmacro %}

{#- Whether areas of a level are known. Where its list has not landed, the level would be one area, unknown, with everybody in it. -#}
{% macro is_landed_level(area_level) -%}
    (
        {{ area_level }} in ('county', 'school')
        or {{ area_level }} in (select known.area_level from {{ ref('dim_area') }} as known where known.in_county)
    )
{%- endmacro %}

{#- Grouping sets: `kept` columns with each area and subgroup; one pass over the rows for all of them. -#}
{% macro metric_grouping_sets(kept, areas, by_subgroup, sets) -%}
grouping sets (
    ({{ kept | join(', ') }})
    {%- for set in sets %},
    ({{ (kept + [set]) | join(', ') }})
    {%- endfor %}
    {%- for area in areas %},
    ({{ (kept + [area]) | join(', ') }})
    {%- if area in by_subgroup %}{% for set in sets %},
    ({{ (kept + [area, set]) | join(', ') }})
    {%- endfor %}{% endif %}
    {%- endfor %}
)
{%- endmacro %}

{#- The names of the group that a row of such a grouping is of. The columns are never null, so null is: not in this set. -#}
{% macro metric_group_columns(areas, sets) -%}
    case {% for area in areas %}when grouping({{ area }}) = 0 then '{{ area }}' {% endfor %}else 'county' end as area_level,
    coalesce({{ areas | join(', ') }}, '{{ var("la_code") }}') as area_code,
    case {% for set in sets %}when grouping({{ set }}) = 0 then '{{ set }}' {% endfor %}else 'all' end as subgroup_set,
    coalesce({{ sets | join(', ') }}, 'all') as subgroup_value
{%- endmacro %}

{#- Metric events with the areas and groups of their person; who is in no period's table is unknown everywhere. By name, or
    in numbers where `people` and `bands` have them. -#}
{% macro metric_event_in_groups(people=ref('equity__person_period'), bands=ref('age_band'), unknown="'unknown'") -%}
    select
        events.metric_id,
        events.variant,
        events.period_id,
        events.event_key,
        events.numerator,
        events.denominator,
        events.excluded,
        events.value,
        coalesce(bands.age_band, {{ unknown }}) as age_band,
        {% for column in area_columns() + subgroup_columns() if column != 'age_band' -%}
        coalesce(people.{{ column }}, {{ unknown }}) as {{ column }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('equity__metric_event') }} as events
    inner join {{ ref('dim_period') }} as period on period.period_id = events.period_id
    left join {{ people }} as people
        on people.period_id = period.year_period_id and people.person_key = events.person_key
    left join {{ bands }} as bands on events.age_years between bands.age_from and bands.age_to
{%- endmacro %}

{#- A code that its set knows; null for any other, which has no label and is told by rpt_quality__unmapped_code. -#}
{% macro known_code(code, of) -%}
    case when {{ code }} in (select known.code from {{ ref(of) }} as known) then {{ code }} end
{%- endmacro %}

{#- An area of the county that its look-up knows; null for any other, which has no label. -#}
{% macro known_area(code, area_level) -%}
    case
        when {{ code }} in (
            select known.area_code from {{ ref('dim_area') }} as known where known.area_level = '{{ area_level }}' and known.in_county
        ) then {{ code }}
    end
{%- endmacro %}

{#- A tenth or fifth as the name of its group; null for a number that is none. -#}
{% macro tenth(number) -%}
    case when {{ number }} between 1 and 10 then cast({{ number }} as {{ dbt.type_string() }}) end
{%- endmacro %}

{#- A home's area, tenth or fifth: outside the county and unknown are groups of their own. -#}
{% macro home_area(area, in_county) -%}
    coalesce({{ area }}, case when {{ in_county }} = false then 'outside' else 'unknown' end)
{%- endmacro %}

{#- The month that a school census is taken in, counted from year 0. -#}
{% macro census_month(year, term) -%}
    12 * {{ year }} + case {{ term }} when 'spring' then 1 when 'summer' then 5 else 10 end
{%- endmacro %}

{#- The column that a set is called, of a row that has them all. -#}
{% macro subgroup_value_of(set) -%}
    case {{ set }} {% for column in subgroup_columns() %}when '{{ column }}' then {{ column }} {% endfor %}end
{%- endmacro %}


{#- What is added up of the events of a group, and what each event adds. Squares and products are for intervals of means and of
    ratios of sums. -#}
{% macro metric_terms() -%}
    {{ return({
        'numerator': 'numerator',
        'denominator': 'denominator',
        'excluded': 'excluded',
        'event_count': 'case when denominator > 0 then 1 else 0 end',
        'value_sum': 'value',
        'value_squares': 'value * value',
        'value_count': 'case when value is not null then 1 else 0 end',
        'numerator_squares': 'numerator * numerator',
        'denominator_squares': 'denominator * denominator',
        'cross_products': 'numerator * denominator',
    }) }}
{%- endmacro %}

{#- Counts are whole; all else is an exact decimal until the end, because it is added up again. -#}
{% macro metric_term_type(column) -%}
    {{ return(dbt.type_bigint() if column.endswith('_count') else exact_type()) }}
{%- endmacro %}

{#- What one event adds. -#}
{% macro metric_terms_of_one() -%}
    {% for column, term in metric_terms().items() -%}
    cast({{ term }} as {{ metric_term_type(column) }}) as {{ column }}{{ ',' if not loop.last }}
    {% endfor %}
{%- endmacro %}

{#- Such terms added up, or `times` each of them. -#}
{% macro metric_sums_of_terms(times=none) -%}
    {% for column in metric_terms() -%}
    cast(sum({{ column }}{{ ' * ' ~ times if times }}) as {{ metric_term_type(column) }}) as {{ column }}{{ ',' if not loop.last }}
    {% endfor %}
{%- endmacro %}

{#- Events added up at once, as numbers that are not added up again. -#}
{% macro metric_sums() -%}
    {% for column, term in metric_terms().items() -%}
    {{ 'cast(sum(' ~ term ~ ') as ' ~ dbt.type_bigint() ~ ')' if column.endswith('_count') else exact_sum(term) }} as {{ column }}{{ ',' if not loop.last }}
    {% endfor %}
{%- endmacro %}

{#- The values of a group in order, and one of them by its place (from 1); null outside the list. -#}
{% macro sorted_values(value) -%}
    {{ return(adapter.dispatch('sorted_values', 'countywide')(value)) }}
{%- endmacro %}
{% macro default__sorted_values(value) -%}
    sort_array(collect_list({{ value }}))
{%- endmacro %}
{% macro duckdb__sorted_values(value) -%}
    list({{ value }} order by {{ value }})
{%- endmacro %}

{% macro value_at(values, place, n) -%}
    case when {{ place }} between 1 and {{ n }} then {{ values }}[cast({{ place }} as integer){{ adapter.dispatch('first_place', 'countywide')() }}] end
{%- endmacro %}
{% macro default__first_place() %} - 1{% endmacro %}
{% macro duckdb__first_place() %}{% endmacro %}
