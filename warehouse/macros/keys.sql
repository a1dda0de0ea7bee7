{#-
A key is a hash of what makes the thing unique, in the order given; it begins with a word for the kind of thing, so that
a request and a plan with the same number never share a key. A null part counts as empty.
-#}
{% macro key(kind, columns) -%}
    md5('{{ kind }}'
    {%- for column in columns %} || '|' || coalesce(cast({{ column }} as {{ dbt.type_string() }}), ''){% endfor %})
{%- endmacro %}

{#- The row that comes first in each group: {{ first_rows('relation', ['id'], 'day desc') }}, a subquery without an alias. -#}
{% macro first_rows(relation, group_columns, order) -%}
    (
        select * from (
            select *, row_number() over (partition by {{ group_columns | join(', ') }} order by {{ order }}) as row_in_group
            from {{ relation }}
        ) as numbered
        where row_in_group = 1
    )
{%- endmacro %}

{#- Inside a group: the first value that is known, in the order of another column. -#}
{% macro first_known(value, order) -%}
    {{ return(adapter.dispatch('first_known', 'countywide')(value, order)) }}
{%- endmacro %}

{% macro default__first_known(value, order) -%}
    min_by({{ value }}, {{ order }}) filter (where {{ value }} is not null)
{%- endmacro %}

{% macro duckdb__first_known(value, order) -%}
    arg_min({{ value }}, {{ order }}) filter (where {{ value }} is not null)
{%- endmacro %}
