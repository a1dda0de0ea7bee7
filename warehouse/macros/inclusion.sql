{#- The child of a row of the inclusion registers: its UPN with the birth date, else the row, for a register has no number for a
    child. -#}
{% macro inclusion_child(entity, id_column) -%}
    case
        when {{ is_valid_upn('upn') }} then upn || '|' || coalesce(cast(birth_date as {{ dbt.type_string() }}), '')
        else '{{ entity }}|' || {{ id_column }}
    end
{%- endmacro %}

{#- Rows of one inclusion register with the person whose they are. -#}
{% macro inclusion_rows(entity, id_column) -%}
    select register.*, identity.person_key
    from (select *, {{ inclusion_child(entity, id_column) }} as source_person_id from {{ ref('stg_inclusion__' ~ entity) }}) as register
    inner join {{ ref('bridge_person_identity') }} as identity
        on identity.source = 'inclusion' and register.source_person_id = identity.source_person_id
{%- endmacro %}
