{#- Columns persons_0, persons_1, … to rows: the id, the number in the name, the value. -#}
{% macro unpivot_numbered(relation, id_column, prefix, number_column) -%}
    {{ return(adapter.dispatch('unpivot_numbered', 'countywide')(relation, id_column, prefix, number_column)) }}
{%- endmacro %}

{% macro default__unpivot_numbered(relation, id_column, prefix, number_column) -%}
    {%- for name in numbered_columns(relation, prefix) if execute %}
select {{ id_column }}, {{ name.split('_')[-1] }} as {{ number_column }}, {{ name }} as {{ prefix }}
from {{ relation }}
where {{ name }} is not null
{{ 'union all' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{% macro duckdb__unpivot_numbered(relation, id_column, prefix, number_column) -%}
select
    {{ id_column }},
    cast(replace(column_name, '{{ prefix }}_', '') as integer) as {{ number_column }},
    {{ prefix }}
from (
    unpivot (select {{ id_column }}, columns('^{{ prefix }}_[0-9]+$') from {{ relation }})
    on columns(* exclude {{ id_column }})
    into name column_name value {{ prefix }}
)
{%- endmacro %}

{#- Text columns to rows: those of `kept`, the name of the column, what it says. A blank cell gives no row. -#}
{% macro unpivot_columns(relation, kept, columns, name_column, value_column) -%}
    {{ return(adapter.dispatch('unpivot_columns', 'countywide')(relation, kept, columns, name_column, value_column)) }}
{%- endmacro %}

{% macro default__unpivot_columns(relation, kept, columns, name_column, value_column) -%}
    {%- for name in columns %}
select {{ kept | join(', ') }}, '{{ name }}' as {{ name_column }}, {{ name }} as {{ value_column }}
from {{ relation }}
where {{ name }} is not null
{{ 'union all' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{% macro duckdb__unpivot_columns(relation, kept, columns, name_column, value_column) -%}
select {{ kept | join(', ') }}, {{ name_column }}, {{ value_column }}
from (
    unpivot {{ relation }}
    on {{ columns | join(', ') }}
    into name {{ name_column }} value {{ value_column }}
)
{%- endmacro %}
