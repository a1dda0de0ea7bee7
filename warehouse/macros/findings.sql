{#- What a record holds in the element that a column names, as text. Elements are the columns of the model's contract that are named
    as the return names them: with a capital letter. -#}
{% macro record_item(record_model, element) -%}
    {%- set items = [] -%}
    {%- if execute -%}
        {%- set node = graph.nodes.values() | selectattr('resource_type', 'equalto', 'model')
            | selectattr('name', 'equalto', record_model) | first -%}
        {%- for column in node.columns.values() if column.name[0] | upper == column.name[0] -%}
            {%- do items.append(column.name) -%}
        {%- endfor -%}
    {%- endif -%}
    case {{ element }}
        {%- for name in items %}
        when '{{ name }}' then cast(record."{{ name }}" as {{ dbt.type_string() }})
        {%- else %}
        when '' then cast(null as {{ dbt.type_string() }})
        {%- endfor %}
    end
{%- endmacro %}

{#- The texts of a group as one, in the order of another column. -#}
{% macro joined_text(value, separator, order) -%}
    {{ return(adapter.dispatch('joined_text', 'countywide')(value, separator, order)) }}
{%- endmacro %}

{% macro default__joined_text(value, separator, order) -%}
    listagg({{ value }}, '{{ separator }}') within group (order by {{ order }})
{%- endmacro %}

{% macro duckdb__joined_text(value, separator, order) -%}
    string_agg({{ value }}, '{{ separator }}' order by {{ order }})
{%- endmacro %}

{#- Whether a list of values as findings show it (A=1; B=2) fits a pattern: the whole list, or any part of it between semicolons.
    * stands for any text, ? for one character; capitals do not count. -#}
{% macro fits_pattern(values_at_fault, pattern) -%}
    {%- set escaped = "replace(replace(replace(lower(" ~ pattern ~ "), '!', '!!'), '%', '!%'), '_', '!_')" -%}
    '; ' || lower({{ values_at_fault }}) || '; '
    like '%; ' || replace(replace({{ escaped }}, '*', '%'), '?', '_') || '; %' escape '!'
{%- endmacro %}
