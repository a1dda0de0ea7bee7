{#- Value and limits of one side (a group, or the rest of the county) by the measure's own method.
    `side` prefixes the columns that equity__metric has ready for it. -#}
{% macro metric_value(side) -%}
    case
        when kind in ('proportion', 'rate', 'mean') then {{ ratio_of(side ~ '_numerator', side ~ '_denominator') }} * multiplier
    end
{%- endmacro %}

{% macro metric_limit(side, end) -%}
    case
        when kind = 'proportion'
            then {{ wilson_limit(side ~ '_numerator', side ~ '_denominator', '-' if end == 'lower' else '+') }} * multiplier
        when kind = 'rate' and {{ side }}_denominator > 0
            then
                {% if end == 'lower' -%}
                {{ poisson_lower(side ~ '_numerator', side ~ '_poisson_lower') }}
                {%- else -%}
                {{ poisson_upper(side ~ '_numerator', side ~ '_poisson_upper') }}
                {%- endif %} / {{ side }}_denominator * multiplier
        when kind = 'mean' and {{ side }}_denominator > 1
            then
                {{ side }}_numerator / {{ side }}_denominator
                {{ '-' if end == 'lower' else '+' }} {{ student_t_95(side ~ '_denominator - 1', side ~ '_student_t') }}
                * {{ mean_standard_error(side ~ '_denominator', side ~ '_numerator', side ~ '_squares') }}
    end
{%- endmacro %}
