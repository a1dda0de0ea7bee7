{#- Schemas are named for their layer alone (core, sen2, …): an analyst types core.dim_person, not main_core.dim_person. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ custom_schema_name or target.schema }}
{%- endmacro %}
