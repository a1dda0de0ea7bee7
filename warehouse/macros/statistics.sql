{#- 95% intervals and comparisons over counts, as expressions. Formulas: equity-methods reference, sections 1 and 4.
    Arguments are SQL expressions; counts may be fractional; every macro gives null where its statistic has no meaning.
    tests/unit/metrics/test_statistics.py holds each to published examples and to an independent package. -#}

{#- Normal quantile at 0.975. -#}
{% macro normal_95() %}1.959963984540054{% endmacro %}

{#- Normal quantile at 0.999: the outer pair of limits of public health. -#}
{% macro normal_998() %}3.090232306167813{% endmacro %}

{#- x / n, null where n is 0. -#}
{% macro ratio_of(x, n) -%}
    ({{ x }}) / nullif({{ n }}, 0)
{%- endmacro %}

{#- Wilson score limits of the proportion x / n (Wilson 1927). -#}
{% macro wilson_limit(x, n, sign) -%}
    case
        when ({{ n }}) > 0 then
            (
                2 * ({{ x }}) + power({{ normal_95() }}, 2)
                {{ sign }} {{ normal_95() }} * sqrt(
                    power({{ normal_95() }}, 2) + greatest(4 * ({{ x }}) * (1 - ({{ x }}) / nullif({{ n }}, 0)), 0)
                )
            ) / (2 * (({{ n }}) + power({{ normal_95() }}, 2)))
    end
{%- endmacro %}
{% macro wilson_lower(x, n) %}{{ wilson_limit(x, n, '-') }}{% endmacro %}
{% macro wilson_upper(x, n) %}{{ wilson_limit(x, n, '+') }}{% endmacro %}

{#- Limits of a Poisson count: Byar's approximation from 10 events, exact below (chi-square quantiles, which SQL has not:
    pass the row of the seed poisson_limit for this count). Divide by the population for the limits of a rate. -#}
{% macro poisson_lower(x, exact) -%}
    case when ({{ x }}) >= 10 then {{ byar_lower(x) }} else {{ exact }} end
{%- endmacro %}
{% macro poisson_upper(x, exact) -%}
    case when ({{ x }}) >= 10 then {{ byar_upper(x) }} else {{ exact }} end
{%- endmacro %}

{#- Byar's approximation for any count, whole or not; 0 is the lower limit of none. -#}
{% macro byar_lower(x) -%}
    coalesce(
        ({{ x }}) * power(
            greatest(1 - 1 / (9 * nullif({{ x }}, 0)) - {{ normal_95() }} / (3 * sqrt(nullif({{ x }}, 0))), 0), 3
        ), 0
    )
{%- endmacro %}
{% macro byar_upper(x) -%}
    (({{ x }}) + 1) * power(1 - 1 / (9 * (({{ x }}) + 1)) + {{ normal_95() }} / (3 * sqrt(({{ x }}) + 1)), 3)
{%- endmacro %}

{#- Student's t at 0.975: the row of the seed student_t to 100 degrees of freedom, beyond that the expansion of
    Abramowitz and Stegun 26.7.5, right to 1e-10 there. -#}
{% macro student_t_95(degrees, exact) -%}
    {%- set z = 1.959963984540054 -%}
    {%- set terms = [
        (z ** 3 + z) / 4,
        (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96,
        (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384,
        (79 * z ** 9 + 776 * z ** 7 + 1482 * z ** 5 - 1920 * z ** 3 - 945 * z) / 92160,
    ] -%}
    case
        when ({{ degrees }}) <= 100 then {{ exact }}
        else {{ z }}
            {%- for term in terms %} + {{ term }} / power({{ degrees }}, {{ loop.index }}){% endfor %}
    end
{%- endmacro %}

{#- Standard error of a mean from n values, their sum and the sum of their squares. -#}
{% macro mean_standard_error(n, total, squares) -%}
    case
        when ({{ n }}) > 1
            then sqrt(greatest(({{ squares }}) - power({{ total }}, 2) / ({{ n }}), 0) / (({{ n }}) - 1) / ({{ n }}))
    end
{%- endmacro %}

{#- Standard error of sum(x) / sum(n) over `units` that are independent of each other, from the sums of x, n, x x, n n and x n:
    linearised (Cochran, Sampling Techniques, 1977, section 6.4). Null for fewer than two units. -#}
{% macro ratio_standard_error(units, x, n, xx, nn, xn) -%}
    case
        when ({{ units }}) > 1 and ({{ n }}) > 0
            then sqrt(
                greatest(
                    ({{ xx }}) - 2 * ({{ x }}) / ({{ n }}) * ({{ xn }}) + power(({{ x }}) / ({{ n }}), 2) * ({{ nn }}), 0
                ) * ({{ units }}) / (({{ units }}) - 1)
            ) / ({{ n }})
    end
{%- endmacro %}

{#- Whether a ratio of sums shows any spread between its units; below that is the noise of doubles. -#}
{% macro has_spread(value, error) %}({{ error }}) > 1e-6 * abs({{ value }}){% endmacro %}

{#- How many independent units a ratio of sums is worth, for limits of counts (Korn and Graubard, Survey Methodology 24, 1998; with
    Wilson's limits Dean and Pagano, Journal of Survey Statistics and Methodology 3, 2015): as many as would have its standard
    error, fewer by Student's t. `variance` is that of one unit: p (1 - p) of a share, the rate of counted events. Where all
    units are alike, so where none has an event, Kish's number n n / sum(n n): an error of 0 would say that we are certain. -#}
{% macro effective_size(value, variance, n, nn, error, t) -%}
    case
        when {{ has_spread(value, error) }} then ({{ variance }}) / power({{ error }}, 2) * power({{ normal_95() }} / ({{ t }}), 2)
        else power({{ n }}, 2) / nullif({{ nn }}, 0)
    end
{%- endmacro %}

{#- Ratio of two proportions with Katz's log limits; null where either count is 0: then the counts speak, not a ratio. -#}
{% macro risk_ratio(x1, n1, x0, n0, sign=none) -%}
    case
        when ({{ x1 }}) > 0 and ({{ x0 }}) > 0 and ({{ n1 }}) > 0 and ({{ n0 }}) > 0
            then ({{ x1 }}) / ({{ n1 }}) / (({{ x0 }}) / ({{ n0 }}))
            {%- if sign %} * exp({{ sign }} {{ normal_95() }} * sqrt(
                greatest(1 / ({{ x1 }}) - 1 / ({{ n1 }}) + 1 / ({{ x0 }}) - 1 / ({{ n0 }}), 0)
            )){% endif %}
    end
{%- endmacro %}

{#- Ratio of two rates of counted events, log limits; null where either count is 0. -#}
{% macro rate_ratio(x1, n1, x0, n0, sign=none) -%}
    case
        when ({{ x1 }}) > 0 and ({{ x0 }}) > 0 and ({{ n1 }}) > 0 and ({{ n0 }}) > 0
            then ({{ x1 }}) / ({{ n1 }}) / (({{ x0 }}) / ({{ n0 }}))
            {%- if sign %} * exp({{ sign }} {{ normal_95() }} * sqrt(1 / ({{ x1 }}) + 1 / ({{ x0 }}))){% endif %}
    end
{%- endmacro %}

{#- Limits of a difference from the limits of its two parts (Newcombe 1998, method 10 where the parts are Wilson's). -#}
{% macro difference_lower(value1, lower1, value0, upper0) -%}
    ({{ value1 }}) - ({{ value0 }}) - sqrt(power(({{ value1 }}) - ({{ lower1 }}), 2) + power(({{ upper0 }}) - ({{ value0 }}), 2))
{%- endmacro %}
{% macro difference_upper(value1, upper1, value0, lower0) -%}
    ({{ value1 }}) - ({{ value0 }}) + sqrt(power(({{ upper1 }}) - ({{ value1 }}), 2) + power(({{ value0 }}) - ({{ lower0 }}), 2))
{%- endmacro %}

{#- A sum that does not depend on the order of the rows: doubles added in another order differ in their last digits, and a
    build from the same files would not have the same bytes. Exact to twelve decimals. -#}
{% macro exact_sum(x) %}cast(sum(cast({{ x }} as {{ exact_type() }})) as double){% endmacro %}

{% macro exact_type() %}decimal(38, 12){% endmacro %}
