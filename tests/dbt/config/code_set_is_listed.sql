-- What: a source YAML names a code set that macro code_sets() does not list. When: a code set was added to the input contract.
-- It endangers: no value of that column would be mapped. Resolve: add the name to code_sets() in warehouse/macros/codes.sql.
{% set missing = [] %}
{% if execute %}
{% for node in graph.sources.values() %}
{% for column in node.columns.values() %}
{% set code_set = (column.config.meta or column.meta or {}).get('code_set') %}
{% if code_set and code_set not in code_sets() and code_set not in missing %}{% do missing.append(code_set) %}{% endif %}
{% endfor %}
{% endfor %}
{% endif %}
{% for code_set in missing %}
select '{{ code_set }}' as code_set
union all
{% endfor %}
select null as code_set
where false
