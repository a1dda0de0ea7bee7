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

{#- Kilometres as the crow flies between two rows that have easting and northing (metres, EPSG:27700); null where either has not. -#}
{% macro straight_line_km(a, b) -%}
    sqrt(power({{ a }}.easting - {{ b }}.easting, 2) + power({{ a }}.northing - {{ b }}.northing, 2)) / 1000
{%- endmacro %}

{#- The phase of provision (code_provision_phase) that a child of an age at 31 August is taught in; null where it is not known. -#}
{% macro provision_phase(age) -%}
    case when {{ age }} < 4 then 'EY' when {{ age }} < 11 then 'PRI' when {{ age }} < 16 then 'SEC' when {{ age }} >= 16 then 'P16' end
{%- endmacro %}
