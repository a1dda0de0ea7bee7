{#-
What the rows of warehouse/spec/returns/sen2 say, inside SQL. `year` is the column that holds the collection year.
-#}

{#- A value where the element is part of the year's return, else null. -#}
{% macro sen2_in_year(module, element, year, value) -%}
    case
        when {{ year }} in (
            select collection_year from {{ ref('sen2__element_year') }} where module = '{{ module }}' and element = '{{ element }}'
        ) then {{ value }}
    end
{%- endmacro %}

{#- Whether a value is one of the year's codes; never null: a blank is no code. -#}
{% macro sen2_is_code(value, code_set, year) -%}
    coalesce(
        {{ value }} in (
            select code.code from {{ ref('sen2__code') }} as code
            where code.code_set = '{{ code_set }}' and code.collection_year = {{ year }}
        ),
        false
    )
{%- endmacro %}

{#- Whether a value is given and is not one of the year's codes. -#}
{% macro sen2_not_a_code(value, code_set, year) -%}
    ({{ value }} is not null and not {{ sen2_is_code(value, code_set, year) }})
{%- endmacro %}

{#- A rule's threshold in a collection year: the council's own, else that of rule_parameter.csv; null in a year without one. -#}
{% macro sen2_threshold(rule_id, parameter, year) -%}
    (
        select max({{ var('thresholds').get(rule_id ~ '.' ~ parameter, 'threshold.value') }}) from {{ ref('rule_parameter') }} as threshold
        where threshold.rule_id = '{{ rule_id }}' and threshold.parameter = '{{ parameter }}'
            and {{ year }} between coalesce(threshold.first_year, 0) and coalesce(threshold.last_year, 9999)
    )
{%- endmacro %}

{#- 1 or 0 as the return writes a yes or a no; null stays null. -#}
{% macro sen2_flag(value) -%}
    case when {{ value }} then '1' when not {{ value }} then '0' end
{%- endmacro %}

{#- A mark of mediation or appeal: answered for a decision (Y, N); elsewhere only a yes is kept, so that a rule can find it. -#}
{% macro sen2_mark(value, outcome) -%}
    case
        when {{ outcome }} in ('Y', 'N') then {{ sen2_flag(value) }}
        when {{ outcome }} in ('A', 'W') and {{ value }} then '1'
    end
{%- endmacro %}

{#- The residential code of so many weeks a year, by the reading that the settings choose (hole O19). -#}
{% macro sen2_residential(weeks, year) -%}
    (
        select max(residential.code) from {{ ref('code_residential') }} as residential
        where residential.reading = '{{ var("residential_reading") }}'
            and {{ year }} between coalesce(residential.first_year, 0) and coalesce(residential.last_year, 9999)
            and {{ weeks }} between residential.weeks_from and residential.weeks_to
    )
{%- endmacro %}

{#- Whether a plan is in force on a day: both ends count. -#}
{% macro sen2_in_force(start_date, end_date, day) -%}
    ({{ start_date }} <= {{ day }} and ({{ end_date }} is null or {{ end_date }} >= {{ day }}))
{%- endmacro %}

{#- Whether a value is one of the codes that a rule names in rule_code.csv. -#}
{% macro sen2_rule_names(rule_id, value) -%}
    coalesce(
        cast({{ value }} as {{ dbt.type_string() }}) in (
            select named.code from {{ ref('rule_code') }} as named where named.rule_id = '{{ rule_id }}'
        ),
        false
    )
{%- endmacro %}

{#- Of records that nothing else tells apart, the one that stands last in the latest file comes first. -#}
{% macro latest_row_first(record=none) -%}
    {%- set record = record ~ '.' if record else '' -%}
    {{ record }}source_file desc nulls last, {{ record }}source_row desc nulls last
{%- endmacro %}

{#- The latest review first. -#}
{% macro sen2_review_order(review) -%}
    {{ review }}.meeting_date desc nulls last, {{ review }}.decision_date desc nulls last, {{ latest_row_first(review) }}, {{ review }}.review_key
{%- endmacro %}

{#- The day so many calendar months before another. -#}
{% macro sen2_months_before(day, months) -%}
    {{ return(adapter.dispatch('sen2_months_before', 'countywide')(day, months)) }}
{%- endmacro %}

{% macro default__sen2_months_before(day, months) -%}
    add_months({{ day }}, -cast({{ months }} as int))
{%- endmacro %}

{% macro duckdb__sen2_months_before(day, months) -%}
    cast({{ day }} - to_months(cast({{ months }} as integer)) as date)
{%- endmacro %}
