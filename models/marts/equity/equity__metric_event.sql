-- Every metric, person by person or event by event. The registry (warehouse/spec/metrics) says what the numbers mean.
{% for family in ['identification', 'timeliness', 'placement', 'placement_moves', 'health', 'adulthood', 'experience', 'money', 'quality'] -%}
select {{ metric_event_columns() }} from {{ ref('equity__event_' ~ family) }}
{% if not loop.last %}union all{% endif %}
{% endfor %}
