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
                {{ side }}_numerator / {{ side }}_denominator
                {{ '-' if end == 'lower' else '+' }} {{ student_t_95(side ~ '_denominator - 1', side ~ '_student_t') }}
                * {{ mean_standard_error(side ~ '_denominator', side ~ '_numerator', side ~ '_squares') }}
        when kind = 'ratio' and {{ side }}_denominator > 0 and {{ side }}_events > 1
            then
                {% if end == 'lower' -%}
                case when {{ ratio_limit(side, '-') }} < 0 then 0 else {{ ratio_limit(side, '-') }} end
                {%- else -%}
                -- A share of a whole (sessions missed) ends at 1; percent of places may pass 100.
                case
                    when unit = 'proportion' and {{ ratio_limit(side, '+') }} > 1 then 1 else {{ ratio_limit(side, '+') }}
                end
                {%- endif %} * multiplier
    end
{%- endmacro %}

{#- Student's t with as many degrees as there are children: those of the normal distribution are too narrow for few. -#}
{% macro ratio_limit(side, sign) -%}
    {{ side }}_numerator / {{ side }}_denominator
    {{ sign }} {{ student_t_95(side ~ '_events - 1', side ~ '_student_t') }} * {{ ratio_error(side) }}
{%- endmacro %}

{#- Standard error of a ratio of two sums over children, such as sessions missed over sessions possible: linearised, because
    a child's sessions hang together (Cochran 1977, 6.4; n / (n - 1) for the mean of few). Null for a single child. -#}
{% macro ratio_error(side) -%}
    {{ ratio_standard_error(
        side ~ '_events', side ~ '_numerator', side ~ '_denominator', side ~ '_squares', side ~ '_denominator_squares',
        side ~ '_cross_products'
    ) }}
{%- endmacro %}

{#- A ratio of sums over that of the rest, with log limits from the errors of both; null where either numerator is 0. -#}
{% macro ratio_of_ratios(sign=none) -%}
    case
        when
            group_numerator > 0 and rest_numerator > 0 and group_denominator > 0 and rest_denominator > 0
            then group_numerator / group_denominator / (rest_numerator / rest_denominator)
            {%- if sign %} * exp({{ sign }} {{ normal_95() }} * sqrt(
                power({{ ratio_error('group') }} / (group_numerator / group_denominator), 2)
                + power({{ ratio_error('rest') }} / (rest_numerator / rest_denominator), 2)
            )){% endif %}
    end
{%- endmacro %}
