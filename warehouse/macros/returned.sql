{#-
A return that landed, table by table. Its ids are positions in the file; the word and the year before them keep them apart
from those of a return that is made here, and of another year.
-#}
{% macro returned(entity) -%}
    {%- set staged = ref('stg_sen2_return__' ~ entity) -%}
    {%- if execute -%}
    {%- set extract = declared_extract('sen2_return', entity) -%}
select
    collection_year,
    {%- for name in extract.key if name != 'collection_year' %}
    'returned-' || cast(collection_year as {{ dbt.type_string() }}) || '-' || {{ name }} as {{ name }},
    {%- endfor %}
    _source_file as source_file,
    _source_row as source_row
    {%- for column in extract.columns if column.name not in extract.key %},
    "{{ column.name }}"
    {%- endfor %}
from {{ staged }}
    {%- endif -%}
{%- endmacro %}

{#- Records of the years that are not made here, to follow on the made ones; what only those have (person_key) is null. -#}
{% macro and_returned(entity, more='') -%}
    {{ return(adapter.dispatch('and_returned', 'countywide')(entity, more)) }}
{%- endmacro %}

{% macro default__and_returned(entity, more='') -%}
    {{ exceptions.raise_compiler_error("write the columns of both sides out: this engine has no union by name") }}
{%- endmacro %}

{% macro duckdb__and_returned(entity, more='') -%}
    union all by name
    select returned.*{{ more }}
    from {{ ref('fct_returned_' ~ entity) }} as returned
    inner join {{ ref('dim_collection') }} as collection on returned.collection_year = collection.collection_year
    where collection.record_origin = 'landed'
{%- endmacro %}

{#- The collection years of the settings, to stand inside `in (…)`; there may be none. -#}
{% macro made_years() -%}
    {{ var('collection_years') | join(', ') or 'null' }}
{%- endmacro %}
