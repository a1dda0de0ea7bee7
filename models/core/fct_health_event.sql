-- What health says of a child beside referrals, contacts and scores, one form for all: practice, special need, further reasons,
-- clocks, onward referrals, activities, and notifications under section 23. Which columns say it: warehouse/macros/events.sql.
-- An activity is of the day of its contact.
{% set nothing = "cast(null as " ~ dbt.type_string() ~ ")" %}
{% for event in health_events() %}
{% set parts = ["'" ~ event.kind ~ "'"] %}
{% for name in event.thing %}{% do parts.append('staged.' ~ name) %}{% endfor %}
select
    {{ key('health_event', parts) }} as health_event_key,
    owner.person_key,
    '{{ event.source }}' as source,
    '{{ event.kind }}' as kind,
    {{ 'owner.service_request_key' if event.of in ('referral', 'contact') else nothing }} as service_request_key,
    {{ 'owner.contact_date' if event.of == 'contact' else 'staged.' ~ event.start_date if event.start_date else 'cast(null as date)' }}
        as start_date,
    {{ 'staged.' ~ event.end_date if event.end_date else 'cast(null as date)' }} as end_date,
    staged.{{ event.code }} as code,
    {{ 'staged.' ~ event.organisation if event.organisation else nothing }} as organisation_code,
    {{ 'staged.duration_minutes' if event.of == 'contact' else 'cast(null as integer)' }} as duration_minutes,
    staged._source_file as source_file,
    staged._source_row as source_row
from {{ last_statements(event, 'reporting_period' if event.source == 'csds' else none) }} as staged
{{ joined_owner(event) }}
{{ 'union all' if not loop.last }}
{% endfor %}
