-- What: a crosswalk file is not listed in macro crosswalks(). When: a council added one.
-- It endangers: its rows would do nothing. Resolve: add (source, set) to crosswalks() in warehouse/macros/codes.sql.
{% set listed = [] %}
{% for source_name, code_set in crosswalks() %}{% do listed.append('xwalk_' ~ source_name ~ '_' ~ code_set) %}{% endfor %}
{% set missing = [] %}
{% if execute %}
{% for node in graph.nodes.values() if node.resource_type == 'seed' and node.name.startswith('xwalk_') and node.name not in listed %}
{% do missing.append(node.name) %}
{% endfor %}
{% endif %}
{% for crosswalk in missing %}
select '{{ crosswalk }}' as crosswalk
union all
{% endfor %}
select null as crosswalk
where false
