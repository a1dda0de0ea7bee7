{#-
Tables of DfE's release, from the rows of warehouse/spec/returns/sen2/release_*.csv: what a row is broken down by, which labels it
bears, and how percentages are rounded. The models of models/marts/sen2/release say only what is counted.
-#}

{#- Records, once for every row of a table of the release that they fall in: all columns of `record`, with breakdown_topic and
    breakdown. `dimensions` names the columns of `record` that topics of release_topic.csv may ask for. -#}
{% macro release_rows(release_table, record, dimensions) -%}
    (
        select
            {{ record }}.*,
            coalesce(topic.breakdown_topic, label.label) as breakdown_topic,
            label.label as breakdown
        from {{ record }}
        cross join (select * from {{ ref('release_topic') }} where release_table = '{{ release_table }}') as topic
        inner join {{ ref('release_label') }} as label
            on topic.label_set = label.label_set
            and {{ record }}.collection_year between coalesce(label.first_year, 0) and coalesce(label.last_year, 9999)
            and case topic.dimension
                when 'total' then label.code = 'total'
                {% for dimension in dimensions -%}
                when '{{ dimension }}' then
                    {%- if dimension.startswith('age') or dimension.startswith('years') %}
                        coalesce({{ record }}.{{ dimension }} between label.value_from and label.value_to, false)
                        or ({{ record }}.{{ dimension }} is null and coalesce(label.code = 'unknown', false))
                    {%- else %}
                        coalesce({{ record }}.{{ dimension }} = label.code, false)
                    {%- endif %}
                {% endfor -%}
            end
    )
{%- endmacro %}

{#- What every row begins with. `counted` has collection_year; `area` comes from release_area_join. -#}
{% macro release_identity(release_table, has_breakdowns=true) -%}
    counted.collection_year,
    {{ release_time_period(release_table, 'counted.collection_year') }} as time_period,
    case
        when (select time_basis from {{ ref('release_table') }} where release_table = '{{ release_table }}') = 'academic'
        then 'Academic year' else 'Calendar year'
    end as time_identifier,
    'Local authority' as geographic_level,
    'E92000001' as country_code,
    'England' as country_name,
    area.region_code,
    area.region_name,
    area.new_la_code,
    header."LEA" as old_la_code,
    coalesce(area.la_name, case when header."LEA" = '{{ var("la_code") }}' then '{{ var("council_name") | replace("'", "''") }}' end) as la_name
    {%- if has_breakdowns %},
    counted.breakdown_topic,
    counted.breakdown
    {%- endif %}
{%- endmacro %}

{#- The council of each collection year, as its return names it. -#}
{% macro release_area_join() -%}
    inner join {{ ref('sen2__header') }} as header on counted.collection_year = header.collection_year
    left join {{ ref('release_area') }} as area on header."LEA" = area.la_code
{%- endmacro %}

{#- 202425 for a census of January 2025, 2024 for what happened in the year before, 2025 for the header. -#}
{% macro release_time_period(release_table, collection_year) -%}
    case (select time_basis from {{ ref('release_table') }} where release_table = '{{ release_table }}')
        when 'academic' then
            cast({{ collection_year }} - 1 as {{ dbt.type_string() }})
            || lpad(cast(mod({{ collection_year }}, 100) as {{ dbt.type_string() }}), 2, '0')
        when 'calendar' then cast({{ collection_year }} - 1 as {{ dbt.type_string() }})
        else cast({{ collection_year }} as {{ dbt.type_string() }})
    end
{%- endmacro %}

{#- Whether a table is made for a collection year: some need items that the return did not have before. -#}
{% macro release_is_made(release_table, collection_year) -%}
    {{ collection_year }} >= (
        select min(made.first_year) from {{ ref('release_table') }} as made where made.release_table = '{{ release_table }}'
    )
{%- endmacro %}

{#- How many records meet a condition. -#}
{% macro count_where(condition) -%}
    count(case when {{ condition }} then 1 end)
{%- endmacro %}

{#- A percentage as DfE prints it: one decimal, halves up; null where there is no base. Exact: halves are never lost to binary
    fractions, because the quotient of two whole numbers is a whole number only where it truly is one. -#}
{% macro release_percent(numerator, denominator) -%}
    case
        when ({{ denominator }}) > 0
        then floor((2000.0 * ({{ numerator }}) + ({{ denominator }})) / (2.0 * ({{ denominator }}))) / 10.0
    end
{%- endmacro %}

{#- A parameter of release_parameter.csv in a collection year. -#}
{% macro release_parameter(parameter, year) -%}
    (
        select max(parameter.value) from {{ ref('release_parameter') }} as parameter
        where parameter.parameter = '{{ parameter }}'
            and {{ year }} between coalesce(parameter.first_year, 0) and coalesce(parameter.last_year, 9999)
    )
{%- endmacro %}

{#- The columns of caseload and new plans: a count per setting, their totals, and the totals as percentages of `plans`. -#}
{% macro release_setting_names() -%}
    {{ return([
        'mainstream_la_maintained', 'mainstream_la_maintained_resourced_provision', 'mainstream_la_maintained_senunit',
        'mainstream_academy', 'mainstream_academy_resourced_provision', 'mainstream_academy_senunit',
        'mainstream_free_school', 'mainstream_free_school_resourced_provision', 'mainstream_free_school_senunit',
        'mainstream_independent', 'special_la_maintained', 'special_academy', 'special_free_school', 'special_independent',
        'special_non_maintained', 'ap_pru_academy', 'ap_pru_free_school', 'ap_pru_la_maintained',
        'general_fe_tertiary_colleges', 'specialist_post_16_institutions', 'ukrlp_provider', 'elective_home_education',
        'other_arrangements_la', 'other_arrangements_parents', 'online_provider', 'w_settings', 'other_schools',
        'other_placement_settings', 'neet', 'neet_ntci', 'neet_other', 'neet_other_csa', 'nm_early_years',
        'placement_unknown',
    ]) }}
{%- endmacro %}

{% macro release_setting_totals() -%}
    {{ return(['mainstream_total', 'special_total', 'ap_pru_total', 'fe_total', 'ed_elsewhere']) }}
{%- endmacro %}

{% macro release_setting_counts(setting, setting_total) -%}
    {%- for name in release_setting_names() %}
    {{ count_where(setting ~ " = '" ~ name ~ "'") }} as {{ name }},
    {%- endfor %}
    {{ count_where(setting ~ " in ('special_academy', 'special_free_school')") }} as special_academy_free,
    {%- for name in release_setting_totals() %}
    {{ count_where(setting_total ~ " = '" ~ name ~ "'") }} as {{ name }}{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{% macro release_setting_columns(plans) -%}
    {%- for name in release_setting_names() %}
    counted.{{ name }},
    {%- endfor %}
    counted.special_academy_free,
    {%- for name in release_setting_totals() %}
    counted.{{ name }},
    {%- endfor %}
    {%- for name in release_setting_totals() + ['nm_early_years', 'placement_unknown'] %}
    {{ release_percent('counted.' ~ name, 'counted.' ~ plans) }} as {{ name }}_pc{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{#- The columns of the tables of needs. Down syndrome has a column of its own from 2026; until then it is null. -#}
{% macro release_need_names() -%}
    {{ return(['asd', 'ds', 'hi', 'mld', 'msi', 'oth', 'pd', 'pmld', 'semh', 'slcn', 'sld', 'spld', 'vi', 'need_unknown']) }}
{%- endmacro %}

{% macro release_need_counts() -%}
    {%- for name in release_need_names() %}
    {{ count_where("need_column = 'number_" ~ name ~ "'") }} as number_{{ name }}{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{% macro release_need_columns() -%}
    {%- for name in release_need_names() %}
    {{ release_need_asked('counted.number_' ~ name, name) }} as number_{{ name }},
    {%- endfor %}
    {%- for name in release_need_names() %}
    {{ release_need_asked(release_percent('counted.number_' ~ name, 'counted.ehc_plans'), name) }}
        as {{ 'unknown' if name == 'need_unknown' else name }}_pc{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{% macro release_need_asked(value, name) -%}
    {%- if name == 'ds' -%}
        case
            when counted.collection_year >= (
                select min(need.first_year) from {{ ref('release_need') }} as need where need.need_column = 'number_ds'
            ) then {{ value }}
        end
    {%- else -%}
        {{ value }}
    {%- endif -%}
{%- endmacro %}

{#- One row per table, column and collection year of what the total rows hold: long, for the headline. -#}
{% macro release_totals(columns_of) -%}
    {%- for release_table, columns in columns_of.items() %}
    {%- set last_table = loop.last %}
    {%- for column in columns %}
    select
        collection_year,
        '{{ release_table }}.{{ column }}' as column_name,
        cast({{ column }} as double) as value
    from {{ ref('sen2__release_' ~ release_table) }}
    where breakdown_topic = breakdown
    {{ 'union all' if not (last_table and loop.last) }}
    {%- endfor %}
    {%- endfor %}
{%- endmacro %}

{#- A quotient to one decimal, halves up, as release_percent. -#}
{% macro release_tenths(numerator, denominator) -%}
    case when ({{ denominator }}) > 0 then floor((20.0 * ({{ numerator }}) + ({{ denominator }})) / (2.0 * ({{ denominator }}))) / 10.0 end
{%- endmacro %}

{#- An officer's code in DfE's words. -#}
{% macro release_officer(code) -%}
    case {{ code }} when 'Y' then 'Yes' when 'N' then 'No' when 'R' then 'Recruiting' else 'Not returned' end
{%- endmacro %}
