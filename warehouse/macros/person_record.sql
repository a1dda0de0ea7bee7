{#-
The columns of int_person__record, as one source fills them. `sends` names those that it has under our own name, `reads` those
that are made of something else ({column: SQL}); what is in neither is null. `number` is the source's own number of a child,
`record` that of the row, `recorded_on` the day on which the row was true.
-#}
{% macro person_record(source, number, record=none, recorded_on='_snapshot_date', sends='', reads={}, of='') -%}
    {%- set types = {'birth_date': 'date', 'death_date': 'date'} -%}
    {%- set prefix = of ~ '.' if of else '' -%}
    select
        '{{ source }}' as source,
        {{ number }} as source_person_id,
        {{ record or number }} as record_id,
        {%- for column in [
            'birth_date', 'death_date', 'surname', 'former_surname', 'forename', 'sex', 'ethnicity_code', 'first_language', 'postcode',
            'upn', 'former_upn', 'uln', 'upn_unknown_reason', 'nhs_number', 'merged_into_id', 'case_officer',
        ] %}
        {% if column in reads -%} {{ reads[column] }}
        {%- elif column in sends.split() -%} {{ prefix ~ column }}
        {%- else -%} cast(null as {{ types.get(column, dbt.type_string()) }})
        {%- endif %} as {{ column }},
        {%- endfor %}
        {{ recorded_on }} as recorded_on,
        {{ prefix }}_source_file as source_file,
        {{ prefix }}_source_row as source_row
{%- endmacro %}
