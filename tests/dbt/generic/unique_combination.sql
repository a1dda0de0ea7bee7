{#- What: no two rows share these columns. It matters because a broken grain doubles counts. Resolve: find the join that fans out. -#}
{% test unique_combination(model, columns) %}
    select {{ columns | join(', ') }}
    from {{ model }}
    group by {{ columns | join(', ') }}
    having count(*) > 1
{% endtest %}
