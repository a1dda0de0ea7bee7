{#- The columns of one metric event, in the order of the contract of equity__metric_event. -#}
{% macro metric_event_columns() -%}
    metric_id,
    variant,
    period_id,
    person_key,
    event_key,
    age_years,
    cast(numerator as double) as numerator,
    cast(denominator as double) as denominator,
    cast(excluded as double) as excluded,
    cast(value as double) as value
{%- endmacro %}
