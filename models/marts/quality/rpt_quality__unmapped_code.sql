-- Values that arrived in a coded column and are neither an official code nor in the source's crosswalk. To mend: correct them
-- in the source, or add a row to warehouse/spec/crosswalks/xwalk_<source>_<set>.csv. A long value may be free text about a
-- child and is not shown.
with unmapped as (
    {% for source_name, entity in staged_extracts() %}
    {% set staged = ref('stg_' ~ source_name ~ '__' ~ entity) %}
    {% if execute %}
    {% for column in declared_extract(source_name, entity).columns if column.code_set %}
    select
        '{{ source_name }}' as source,
        '{{ entity }}' as entity,
        '{{ column.name }}' as column_name,
        '{{ column.code_set }}' as code_set,
        cast({{ column.name }} as {{ dbt.type_string() }}) as delivered
    from {{ staged }}
    where _issues like '%{{ column.name }}:unknown_code%'
    union all
    {% endfor %}
    {% endif %}
    {% endfor %}
    select null, null, null, null, null
    where false
)

select
    source,
    entity,
    column_name,
    code_set,
    case when length(delivered) <= 12 then delivered else '(longer than a code)' end as delivered_value,
    count(*) as row_count
from unmapped
group by all
