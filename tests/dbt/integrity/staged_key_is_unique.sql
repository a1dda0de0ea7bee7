-- What: two rows of a staging table share the key that their extract declares. When: a staging model does not go through
-- macro staged(), or the macro no longer keeps the last statement alone. It endangers: every count made of the table.
-- Resolve: see the model named. One query for all of them, because a test node costs the build more than the rows do.
{% for source_name, entity in staged_extracts() %}
{% set model = 'stg_' ~ source_name ~ '__' ~ entity %}
{% set staged_model = ref(model) %}
{% if execute %}
{% set key = declared_extract(source_name, entity).key | join(', ') %}
select '{{ model }}' as model, '{{ key }}' as declared_key
where (select count(*) from {{ staged_model }}) <> (select count(*) from (select distinct {{ key }} from {{ staged_model }}))
{{ 'union all' if not loop.last }}
{% endif %}
{% endfor %}
