-- Events of social care beside the spells of fct_care_episode: assessments and their factors, enquiries, plans, reviews,
-- times missing and the like, one form for all. Which columns of which file say it: warehouse/macros/events.sql.
{% for event in care_events() %}
{% set parts = ["'" ~ event.kind ~ "'"] %}
{% for name in event.thing %}{% do parts.append('staged.' ~ name) %}{% endfor %}
select
    {{ key('care_event', parts) }} as care_event_key,
    identity.person_key,
    '{{ event.source }}' as source,
    '{{ event.kind }}' as kind,
    {{ event.start_date or 'cast(null as date)' }} as start_date,
    {{ event.end_date or 'cast(null as date)' }} as end_date,
    {{ 'staged.' ~ event.item if event.item else 'cast(null as ' ~ dbt.type_string() ~ ')' }} as item,
    {{ 'cast(staged.' ~ event.year ~ ' as integer)' if event.year else 'cast(null as integer)' }} as return_year,
    staged._source_file as source_file,
    staged._source_row as source_row
from {{ last_statements(event, event.year) }} as staged
inner join {{ ref('bridge_person_identity') }} as identity
    on identity.source = '{{ event.source }}' and identity.source_person_id = staged.{{ event.child }}
{{ 'union all' if not loop.last }}
{% endfor %}
