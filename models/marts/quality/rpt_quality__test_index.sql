-- What is tested in this build: every dbt test and unit test, with what it looks at.
with test_index as (
    {% if execute %}
    {% for node in graph.nodes.values() if node.resource_type == 'test' %}
    select
        {{ dbt.string_literal(node.name) }} as test_name,
        '{{ node.test_metadata.name if node.test_metadata else "singular" }}' as test_kind,
        {{ dbt.string_literal((node.attached_node or '').split('.')[-1] or node.name) }} as tested,
        {{ dbt.string_literal(node.column_name) if node.column_name else 'null' }} as column_name
    union all
    {% endfor %}
    {% for node in (graph.unit_tests or {}).values() %}
    select {{ dbt.string_literal(node.name) }}, 'unit', {{ dbt.string_literal(node.model) }}, null
    union all
    {% endfor %}
    {% endif %}
    select cast(null as {{ dbt.type_string() }}), null, null, cast(null as {{ dbt.type_string() }})
    where false
)

select test_name, test_kind, tested, column_name
from test_index
