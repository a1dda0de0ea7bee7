{#- What: none of these columns is ever blank. It matters because a key that is blank joins nothing, and a flag that is blank is
    counted nowhere. Resolve: the row that this returns names the columns; find the join or the case that has no else.
    One query for a table: a test of each column by itself costs the build more than the data does. -#}
{% test filled(model, columns) %}
    select blank_columns
    from (
        select
            concat_ws(
                ', '
                {%- for column in columns %},
                case when count({{ column }}) < count(*) then '{{ column }}' end
                {%- endfor %}
            ) as blank_columns
        from {{ model }}
    ) as counted
    where blank_columns <> ''
{% endtest %}
