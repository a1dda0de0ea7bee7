{#- A date that a record can mean: 01/01/1900 and 31/12/9999 are how systems write "not known" and "no end".
    Registers are older than children, so reference sources keep their early dates. -#}
{% macro plausible_date(parsed, world) -%}
    {%- set earliest = '1000-01-01' if world == 'reference' else '1900-01-02' -%}
    case when {{ parsed }} between date '{{ earliest }}' and date '2099-12-31' then {{ parsed }} end
{%- endmacro %}

{#- A number that a record can mean: 999999 sessions in a term are a slip or a way to say "not known". -#}
{% macro plausible_number(parsed, between) -%}
    case when {{ parsed }} between {{ between[0] }} and {{ between[1] }} then {{ parsed }} end
{%- endmacro %}

{#- A sum of numbers of which one is not known is not known. -#}
{% macro sum_if_all_known(number) -%}
    case when count(*) = count({{ number }}) then sum({{ number }}) end
{%- endmacro %}
