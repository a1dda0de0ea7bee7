{#-
Dates count in whole days and completed calendar years; no timestamps, no 365.25.
Statutory weeks are days: 6, 16 and 20 weeks are 42, 112 and 140 (indicators rule 7).
-#}

{#- Whole days from one date to another: the same day is 0, the day after is 1. -#}
{% macro days_between(start_date, end_date) -%}
    {{ return(adapter.dispatch('days_between', 'countywide')(start_date, end_date)) }}
{%- endmacro %}

{% macro default__days_between(start_date, end_date) -%}
    cast(datediff({{ end_date }}, {{ start_date }}) as integer)
{%- endmacro %}

{% macro duckdb__days_between(start_date, end_date) -%}
    cast(date_diff('day', {{ start_date }}, {{ end_date }}) as integer)
{%- endmacro %}

{#- The day so many months after another; the last day of the month where the month is shorter. -#}
{% macro months_after(day, months) -%}
    {{ return(adapter.dispatch('months_after', 'countywide')(day, months)) }}
{%- endmacro %}

{% macro default__months_after(day, months) -%}
    add_months({{ day }}, {{ months }})
{%- endmacro %}

{% macro duckdb__months_after(day, months) -%}
    cast({{ day }} + to_months({{ months }}) as date)
{%- endmacro %}

{#- The academic year a date falls in, by the year in which it starts on 1 September. -#}
{% macro academic_year(day) -%}
    cast(extract(year from {{ day }}) - case when extract(month from {{ day }}) < 9 then 1 else 0 end as integer)
{%- endmacro %}

{#- The financial year a date falls in, by the year in which it starts on 1 April. -#}
{% macro financial_year(day) -%}
    cast(extract(year from {{ day }}) - case when extract(month from {{ day }}) < 4 then 1 else 0 end as integer)
{%- endmacro %}

{#- A date from numbers: date_of('census_year', 3, 31). -#}
{% macro date_of(year, month, day) -%}
    {{ return(adapter.dispatch('date_of', 'countywide')(year, month, day)) }}
{%- endmacro %}

{% macro default__date_of(year, month, day) -%}
    make_date({{ year }}, {{ month }}, {{ day }})
{%- endmacro %}

{#- A parameter such as as_at as a date. -#}
{% macro date_var(name) -%}
    cast('{{ var(name) }}' as date)
{%- endmacro %}

{#- A day so many days later. -#}
{% macro days_after(day, days) -%}
    {{ return(adapter.dispatch('days_after', 'countywide')(day, days)) }}
{%- endmacro %}

{% macro default__days_after(day, days) -%}
    date_add({{ day }}, {{ days }})
{%- endmacro %}

{% macro duckdb__days_after(day, days) -%}
    ({{ day }} + ({{ days }})::integer)
{%- endmacro %}

{#- One row per day, both ends included, in a column date_day. -#}
{% macro days_from_to(first_day, last_day) -%}
    {{ return(adapter.dispatch('days_from_to', 'countywide')(first_day, last_day)) }}
{%- endmacro %}

{% macro default__days_from_to(first_day, last_day) -%}
    select explode(sequence({{ first_day }}, {{ last_day }}, interval 1 day)) as date_day
{%- endmacro %}

{% macro duckdb__days_from_to(first_day, last_day) -%}
    select cast(unnest(generate_series({{ first_day }}, {{ last_day }}, interval 1 day)) as date) as date_day
{%- endmacro %}
