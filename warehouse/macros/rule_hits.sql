{#-
Flags to findings: one row per record and rule whose flag is true and whose row is in force in the collection year.
`flags_model` has a boolean column per flag, declared in its contract, which is where the names are read from.
-#}
{% macro rule_hits(flags_model, record_columns) -%}
    {%- set relation = ref(flags_model) -%}
    {%- set rule = ref('rule') -%}
    {%- set flags = [] -%}
    {%- if execute -%}
        {%- set node = graph.nodes.values() | selectattr('resource_type', 'equalto', 'model')
            | selectattr('name', 'equalto', flags_model) | first -%}
        {%- for column in node.columns.values() if column.data_type == 'boolean' -%}
            {%- do flags.append(column.name) -%}
        {%- endfor -%}
    {%- endif -%}
    select
        {% for column in record_columns %}flags.{{ column }}, {% endfor %}
        rule.rule_id,
        rule.flag,
        rule.level
    from (
        -- Most records break nothing: only those that do are set against the rules.
        select * from {{ relation }} where {{ flags | join(' or ') or 'false' }}
    ) as flags
    inner join (
        select * from {{ rule }} where flag in ('{{ flags | join("', '") }}')
    ) as rule
        on flags.collection_year between coalesce(rule.first_year, 0) and coalesce(rule.last_year, 9999)
    where
        case rule.flag
            {%- for flag in flags %}
            when '{{ flag }}' then flags.{{ flag }}
            {%- endfor %}
            else false
        end
{%- endmacro %}
