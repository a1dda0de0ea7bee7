{#-
Every measure of the registry side by side, a row per period and area of one level, for people who pivot. The measures are the
columns that the model declares, <metric id>_<measure> in lower case; tests/contract/test_wide_views.py writes them from the registry.
-#}
{% macro metric_wide(area_level) -%}
with figure as (
    select
        metrics.period_id,
        metrics.period_type,
        period.is_whole as is_whole_period,
        metrics.area_code,
        lower(metrics.metric_id || '_' || metrics.measure) as measure_name,
        -- What rests on a part of an ended period has no room here to say so.
        case when metrics.is_whole_period = period.is_whole then metrics.value end as value
    from {{ ref('fct_metric') }} as metrics
    inner join {{ ref('dim_period') }} as period on period.period_id = metrics.period_id
    where metrics.area_level = '{{ area_level }}' and metrics.subgroup_set = 'all'
),

label as (
    select breakdown_value, subgroup_label
    from {{ ref('equity__subgroup') }}
    where breakdown = '{{ 'all' if area_level == 'county' else area_level }}'
)

select
    figure.period_id,
    figure.period_type,
    figure.is_whole_period,
    figure.area_code,
    coalesce(max(label.subgroup_label), figure.area_code) as area_name
    {%- for name in wide_measures(area_level) %},
    max(case when figure.measure_name = '{{ name }}' then figure.value end) as {{ name }}
    {%- endfor %}
from figure
left join label on label.breakdown_value = {{ "'all'" if area_level == 'county' else 'figure.area_code' }}
group by figure.period_id, figure.period_type, figure.is_whole_period, figure.area_code
{%- endmacro %}

{#- The measures that the wide view of a level declares, in the order of the registry; only while dbt executes. -#}
{% macro wide_measures(area_level) -%}
    {%- set names = [] -%}
    {%- if execute -%}
        {%- set node = graph.nodes.values() | selectattr('resource_type', 'equalto', 'model')
            | selectattr('name', 'equalto', 'rpt_equity__wide_' ~ area_level) | first -%}
        {%- for name in node.columns if name not in ['period_id', 'period_type', 'is_whole_period', 'area_code', 'area_name'] -%}
            {%- do names.append(name) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(names) }}
{%- endmacro %}
