-- What: a record that is made here knows its child and its scope case; only those of a return that landed do not.
-- It matters because a record that nobody can be asked about is of no use. Resolve: look at sen2__case and dim_person.
{% set tables = [
    'sen2__person', 'sen2__requests', 'sen2__assessment', 'sen2__named_plan', 'sen2__plan_detail', 'sen2__active_plans',
    'sen2__placement_detail', 'sen2__sen_need',
] %}
{% for table in tables %}
select '{{ table }}' as record_table, record.collection_year, record.person_record_id
from {{ ref(table) }} as record
inner join {{ ref('dim_collection') }} as collection on record.collection_year = collection.collection_year
where
    collection.record_origin = 'made'
    and (record.person_key is null or record.scope_case is null or record.scope_case_name is null)
{% if not loop.last %}union all{% endif %}
{% endfor %}
