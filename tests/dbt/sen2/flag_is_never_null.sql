-- What: a flag is true or false. It matters because a null flag is a rule that says nothing. Resolve: coalesce the comparison.
{% set flags_models = [
    ref('sen2__header_flags'), ref('sen2__person_flags'), ref('sen2__request_flags'), ref('sen2__assessment_flags'),
    ref('sen2__plan_flags'), ref('sen2__plan_detail_flags'), ref('sen2__active_plan_flags'), ref('sen2__placement_flags'),
    ref('sen2__need_flags'),
] %}
{% if execute %}
{% for relation in flags_models %}
{%- set node = graph.nodes.values() | selectattr('resource_type', 'equalto', 'model')
    | selectattr('name', 'equalto', relation.identifier) | first -%}
select '{{ relation.identifier }}' as model_name, collection_year, request_record_id
from {{ relation }}
where {% for column in node.columns.values() if column.data_type == 'boolean' %}{{ column.name }} is null{{ ' or ' if not loop.last }}{% endfor %}
{% if not loop.last %}union all{% endif %}
{% endfor %}
{% endif %}
