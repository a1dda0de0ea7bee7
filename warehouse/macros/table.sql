{#- dbt's own materialization builds beside an old table and swaps the two. A database here is made anew by each run and
    published whole (docs/decisions/0001), so there is nothing to swap: one statement a model instead of six. -#}
{% materialization table, adapter="duckdb", supported_languages=["sql", "python"] %}
    {%- set target_relation = this.incorporate(type="table") -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {{ drop_relation_if_exists(load_cached_relation(this)) }}
    {% call statement("main", language=model["language"]) -%}
        {{- create_table_as(False, target_relation, compiled_code, model["language"]) }}
    {%- endcall %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({"relations": [target_relation]}) }}
{% endmaterialization %}
