{#- Value and limits of one side (a group, or the rest of the county) by the measure's own method.
    `side` prefixes the columns that equity__metric has ready for it. -#}
{% macro metric_value(side) -%}
    case
        when kind in ('proportion', 'rate', 'mean', 'ratio') then {{ ratio_of(side ~ '_numerator', side ~ '_denominator') }} * multiplier
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
                {%- set limit = mean_limit(side, end) %}
                -- No wait, age, distance or sum of money is below 0; progress in points may be. Where all are alike nothing
                -- is known of how they would differ.
                case
                    when not coalesce({{ has_spread(ratio_of(side ~ '_numerator', side ~ '_denominator'), mean_error(side)) }}, false)
                        then null
                    when {{ limit }} < 0 and unit <> 'points' then 0
                    else {{ limit }}
                end
        when kind = 'ratio' and {{ side }}_denominator > 0 and {{ side }}_events > 1
            then
                case interval_method
                    when 'wilson_effective'
                        then {{ wilson_limit(ratio_count(side), side ~ '_size', '-' if end == 'lower' else '+') }}
                    when 'byar_effective'
                        then {{ byar_lower(ratio_count(side)) if end == 'lower' else byar_upper(ratio_count(side)) }} / {{ side }}_size
                    when 'linearised'
                        then {{ linearised_limit(side, end) }}
                end * multiplier
    end
{%- endmacro %}

{% macro mean_limit(side, end) -%}
    {{ side }}_numerator / {{ side }}_denominator
    {{ '-' if end == 'lower' else '+' }} {{ student_t_95(side ~ '_denominator - 1', side ~ '_student_t') }}
    * {{ mean_error(side) }}
{%- endmacro %}

{% macro mean_error(side) %}{{ mean_standard_error(side ~ '_denominator', side ~ '_numerator', side ~ '_squares') }}{% endmacro %}

{#- Student's t with as many degrees as there are children: those of the normal distribution are too narrow for few. Sums of
    money and places, which no count stands for; where all are alike there is nothing to make limits of. -#}
{% macro linearised_limit(side, end) -%}
    {%- set value = ratio_of(side ~ '_numerator', side ~ '_denominator') -%}
    {%- set reach -%}
        {{ student_t_95(side ~ '_events - 1', side ~ '_student_t') }} * {{ side }}_error
    {%- endset -%}
    case
        when {{ has_spread(value, side ~ '_error') }}
            then {% if end == 'lower' %}greatest({{ value }} - {{ reach }}, 0){% else %}{{ value }} + {{ reach }}{% endif %}
    end
{%- endmacro %}

{#- Standard error of a ratio of two sums over children, such as sessions missed over sessions possible: linearised, because
    a child's sessions hang together (Cochran 1977, 6.4; n / (n - 1) for the mean of few). Null for a single child. -#}
{% macro ratio_error(side) -%}
    {{ ratio_standard_error(
        side ~ '_events', side ~ '_numerator', side ~ '_denominator', side ~ '_squares', side ~ '_denominator_squares',
        side ~ '_cross_products'
    ) }}
{%- endmacro %}

{#- How many independent children a side is worth; null for money and places, which have no such number. -#}
{% macro ratio_size(side) -%}
    {%- set value = ratio_of(side ~ '_numerator', side ~ '_denominator') -%}
    case
        when interval_method in ('wilson_effective', 'byar_effective')
            then {{ effective_size(
                value,
                value ~ " * case interval_method when 'wilson_effective' then greatest(1 - " ~ value ~ ", 0) else 1 end",
                side ~ '_denominator', side ~ '_denominator_squares', side ~ '_error',
                student_t_95(side ~ '_events - 1', side ~ '_student_t')
            ) }}
    end
{%- endmacro %}

{#- The count that has the side's value among as many as it is worth. -#}
{% macro ratio_count(side) %}{{ ratio_of(side ~ '_numerator', side ~ '_denominator') }} * {{ side }}_size{% endmacro %}

{#- A ratio of sums over that of the rest, with log limits from the errors of both; null where either numerator is 0. -#}
{% macro ratio_of_ratios(sign=none) -%}
    case
        when
            group_numerator > 0 and rest_numerator > 0 and group_denominator > 0 and rest_denominator > 0
            then group_numerator / group_denominator / (rest_numerator / rest_denominator)
            {%- if sign %} * exp({{ sign }} {{ normal_95() }} * sqrt(
                {{ log_variance('group') }} + {{ log_variance('rest') }}
            )){% endif %}
    end
{%- endmacro %}

{% macro log_variance(side) -%}
    {%- set value = ratio_of(side ~ '_numerator', side ~ '_denominator') -%}
    case interval_method
        when 'wilson_effective' then greatest(1 - {{ value }}, 0) / ({{ ratio_count(side) }})
        when 'byar_effective' then 1 / ({{ ratio_count(side) }})
        when 'linearised' then case when {{ has_spread(value, side ~ '_error') }} then power({{ side }}_error / ({{ value }}), 2) end
    end
{%- endmacro %}
