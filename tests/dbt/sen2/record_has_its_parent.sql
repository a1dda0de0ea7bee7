-- What: every record stands under another one of the same person, request and year.
-- It matters because the writer nests records and stops at an orphan. Resolve: both models must select the same cases.
{% set pairs = [
    ('sen2__requests', 'sen2__person', ['person_record_id']),
    ('sen2__assessment', 'sen2__requests', ['person_record_id', 'request_record_id']),
    ('sen2__named_plan', 'sen2__assessment', ['person_record_id', 'request_record_id']),
    ('sen2__plan_detail', 'sen2__named_plan', ['person_record_id', 'request_record_id']),
    ('sen2__active_plans', 'sen2__requests', ['person_record_id', 'request_record_id']),
    ('sen2__placement_detail', 'sen2__active_plans', ['person_record_id', 'request_record_id']),
    ('sen2__sen_need', 'sen2__active_plans', ['person_record_id', 'request_record_id']),
] %}
{% for child, parent, ids in pairs %}
select '{{ child }}' as child, record.collection_year, record.request_record_id
from {{ ref(child) }} as record
left join {{ ref(parent) }} as above
    on record.collection_year = above.collection_year
    {%- for id in ids %} and record.{{ id }} = above.{{ id }}{% endfor %}
where above.collection_year is null
{% if not loop.last %}union all{% endif %}
{% endfor %}
