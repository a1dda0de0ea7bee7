{#-
Spells out of rows with a start and an end (null is open): rows of one group that touch or overlap become one spell. A row that
starts on the day the one before ended, or on the day after, touches it. Gives each row the start of its spell, as spell_start.
-#}
{% macro with_spell_start(relation, group_columns, start_date, end_date) -%}
    {%- set groups = group_columns | join(', ') -%}
    (
        select
            *,
            max(case when begins_spell then {{ start_date }} end) over (
                partition by {{ groups }} order by {{ start_date }}
                rows between unbounded preceding and current row
            ) as spell_start
        from (
            select
                *,
                coalesce(
                    {{ start_date }} > {{ days_after("max(coalesce(" ~ end_date ~ ", date '9999-12-01')) over (partition by "
                        ~ groups ~ " order by " ~ start_date ~ " rows between unbounded preceding and 1 preceding)", 1) }},
                    true
                ) as begins_spell
            from {{ relation }}
        ) as marked
    )
{%- endmacro %}
