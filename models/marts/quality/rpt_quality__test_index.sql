-- What is tested in this build: every dbt test and unit test, in words, with what it looks at.
{% set words = {
    'filled': 'none of its columns that must be filled is ever blank',
    'unique': 'no two rows share it',
    'unique_combination': 'no two rows share these columns',
    'relationships': 'each value has its row in the table it points to',
    'accepted_values': 'no other value',
} %}
with test_index as (
    {% if execute %}
    {% for node in graph.nodes.values() if node.resource_type == 'test' %}
    {% set kind = node.test_metadata.name if node.test_metadata else 'singular' %}
    {% set header = node.raw_code.split('When:')[0].split('What:')[-1] | replace('\n-- ', ' ') | trim %}
    select
        {{ text_literal(node.name) }} as test_name,
        '{{ kind }}' as test_kind,
        {{ text_literal(words.get(kind, kind) if node.test_metadata else header) }} as what,
        {{ text_literal((node.attached_node or '').split('.')[-1] or node.name) }} as tested,
        {{ text_literal(node.column_name) if node.column_name else 'null' }} as column_name
    union all
    {% endfor %}
    {% for node in (graph.unit_tests or {}).values() %}
    select {{ text_literal(node.name) }}, 'unit', {{ text_literal(node.description) }}, {{ text_literal(node.model) }}, null
    union all
    {% endfor %}
    {% endif %}
    select cast(null as {{ dbt.type_string() }}), null, null, null, cast(null as {{ dbt.type_string() }})
    where false
)

select test_name, test_kind, what, tested, column_name
from test_index
