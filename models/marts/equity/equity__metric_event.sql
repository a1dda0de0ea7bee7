-- Every metric, person by person or event by event. The registry (warehouse/spec/metrics) says what the numbers mean.
{% for family in [
    'identification', 'early_identification', 'timeliness', 'review', 'placement', 'health',
    'inclusion', 'attainment', 'placement_moves', 'adulthood', 'experience', 'money',
    'quality',
] -%}
select {{ metric_event_columns() }} from {{ ref('equity__event_' ~ family) }}
{% if not loop.last %}union all{% endif %}
{% endfor %}
