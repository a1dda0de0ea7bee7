{#- Which extracts the tables of these schemas are made from, however far back: [schema, table, source, entity, by] of each pair. `by` is
    people where the extract does no more than help to say who is who, else rows. What we write ourselves (receipts, the register of
    keys) is none. -#}
{% macro extracts_behind(schemas) -%}
    {%- set known = {} -%}
    {%- set by_rows = {} -%}
    {%- set found = [] -%}
    {%- for node in graph.nodes.values() | sort(attribute='unique_id') if node.resource_type == 'model' and node.schema in schemas -%}
        {%- do sources_behind(node.unique_id, known) -%}
        {%- do sources_behind(node.unique_id, by_rows, but_not=['int_person__record']) -%}
        {%- for name in known[node.unique_id] if graph.sources[name].source_name not in ['landing', 'person'] -%}
            {%- do found.append([
                node.schema, node.name, graph.sources[name].source_name, graph.sources[name].name,
                'rows' if name in by_rows[node.unique_id] else 'people',
            ]) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}

{#- Fill `known` with the sources behind a node and behind each node on the way, so that none is walked twice; `but_not` are
    models at which the way back ends. -#}
{% macro sources_behind(name, known, but_not=[]) -%}
    {%- if name not in known -%}
        {%- set found = [] -%}
        {%- for parent in graph.nodes[name].depends_on.nodes -%}
            {%- if parent in graph.sources -%}
                {%- do found.append(parent) -%}
            {%- elif graph.nodes[parent].name not in but_not -%}
                {%- do sources_behind(parent, known, but_not) -%}
                {%- do found.extend(known[parent]) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- do known.update({name: found | unique | sort | list}) -%}
    {%- endif -%}
{%- endmacro %}
