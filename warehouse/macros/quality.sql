{#- Raw rows of the files that count that staging left out, and why: a required key part is missing, or another row with the
    same key came later. -#}
{% macro left_out_of_staging(source_name, entity) -%}
    {%- set delivered = source(source_name, entity) -%}
    {%- set staged = ref('stg_' ~ source_name ~ '__' ~ entity) -%}
    {%- set current_file = ref('stg_landing__current_file') -%}
    {%- if execute -%}
    {%- set extract = declared_extract(source_name, entity) -%}
    {%- set missing = [] -%}
    {%- for column in extract.columns if column.name in extract.required_key -%}
        {%- set value = cast_column('delivered.' ~ column.name, column.data_type, extract.date_formats, column.format) -%}
        {%- if column.data_type == 'date' -%}{%- set value = plausible_date(value, extract.world) -%}{%- endif -%}
        {%- if column.between -%}{%- set value = plausible_number(value, column.between) -%}{%- endif -%}
        {%- do missing.append('(' ~ value ~ ') is null') -%}
    {%- endfor -%}
    select
        '{{ source_name }}' as source,
        '{{ entity }}' as entity,
        delivered._receipt_id as receipt_id,
        delivered._source_file as source_file,
        delivered._source_row as source_row,
        case when {{ missing | join(' or ') or 'false' }} then 'missing_key' else 'duplicate_key' end as reason
    from {{ delivered }} as delivered
    inner join {{ current_file }} as files on delivered._receipt_id = files.receipt_id
    left join {{ staged }} as staged
        on delivered._receipt_id = staged._receipt_id
        and delivered._source_row = staged._source_row
    where staged._receipt_id is null
    {%- endif -%}
{%- endmacro %}

{#- Cells of a staged extract that did not parse or lie outside their code set or format: one row per cell, no value. -#}
{% macro cell_issues(source_name, entity) -%}
    {{ return(adapter.dispatch('cell_issues', 'countywide')(source_name, entity)) }}
{%- endmacro %}

{% macro default__cell_issues(source_name, entity) -%}
    select
        '{{ source_name }}' as source,
        '{{ entity }}' as entity,
        issue,
        _receipt_id as receipt_id,
        _source_file as source_file,
        _source_row as source_row
    from {{ ref('stg_' ~ source_name ~ '__' ~ entity) }}
    lateral view explode(split(_issues, ' ')) as issue
    where _issues is not null
{%- endmacro %}

{% macro duckdb__cell_issues(source_name, entity) -%}
    select
        '{{ source_name }}' as source,
        '{{ entity }}' as entity,
        unnest(string_split(_issues, ' ')) as issue,
        _receipt_id as receipt_id,
        _source_file as source_file,
        _source_row as source_row
    from {{ ref('stg_' ~ source_name ~ '__' ~ entity) }}
    where _issues is not null
{%- endmacro %}

{#- Text as an SQL literal, whatever quotes it holds. -#}
{% macro text_literal(text) -%}
    '{{ (text or '') | replace("'", "''") }}'
{%- endmacro %}

{#- What is left of a receipt's period without the year, month or day in it: the provider, the term, the waiting list. Null for a
    period that is a time and nothing else. Deliveries of an extract are alike within one. -#}
{% macro series_of(period) -%}
    nullif(trim(regexp_replace('/' || {{ period }}, '/[0-9]{4}(-[0-9]{2}-[0-9]{2}|-?[0-9]{2})?(/|$)', '/'), '/'), '')
{%- endmacro %}

{#- A share as people read it. -#}
{% macro percent_text(share) -%}
    cast(cast(round(100 * ({{ share }})) as integer) as {{ dbt.type_string() }}) || '%'
{%- endmacro %}
