{#- The columns of one metric event, in the order of the contract of equity__metric_event. -#}
{% macro metric_event_columns() -%}
    metric_id,
    variant,
    period_id,
    person_key,
    event_key,
    age_years,
    numerator,
    denominator,
    excluded,
    value
{%- endmacro %}
