{#- Small expressions of the equity models. -#}

{#- Months since year 0, to order days that are known to the month. -#}
{% macro months_of(day) -%}
    (12 * extract(year from {{ day }}) + extract(month from {{ day }}))
{%- endmacro %}

{#- yes, no or unknown for a boolean. -#}
{% macro yes_no(flag) -%}
    case when {{ flag }} then 'yes' when not {{ flag }} then 'no' else 'unknown' end
{%- endmacro %}

{#- A boolean as 1.0 or 0.0, unknown as 0.0: for numerators. -#}
{% macro counted(condition) -%}
    case when {{ condition }} then 1.0 else 0.0 end
{%- endmacro %}
