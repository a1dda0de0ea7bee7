{#-
Which staged rows are an event of social care, and what each says: read by fct_care_event and by the counts of quality.
child: the source's own number of the child. thing: what makes it one event, whichever year states it; the latest statement counts.
-#}
{% macro care_events() -%}
    {%- set rows = [] -%}
    {%- for entity, kind, start_date, end_date, item, thing in [
        ('assessment', 'assessment', 'start_date', 'authorised_date', none, ['referral_date', 'start_date']),
        ('assessment_factor', 'assessment_factor', 'start_date', none, 'factor', ['referral_date', 'start_date', 'factor']),
        ('cin_plan', 'child_in_need_plan', 'start_date', 'end_date', none, ['referral_date', 'start_date']),
        ('section_47', 'section_47', 'start_date', 'conference_date', none, ['referral_date', 'start_date']),
        ('protection_review', 'child_protection_review', 'review_date', none, none, ['plan_start', 'review_date']),
        ('pre_proceedings', 'pre_proceedings', 'start_date', 'decision_date', 'outcome', ['referral_date', 'start_date']),
    ] -%}
        {%- do rows.append({
            'source': 'cin', 'entity': entity, 'kind': kind, 'child': 'la_child_id', 'start_date': start_date, 'end_date': end_date,
            'item': item, 'thing': ['la_child_id'] + thing, 'year': 'collection_year',
        }) -%}
    {%- endfor -%}
    {%- for entity, kind, start_date, end_date, item, thing in [
        ('review', 'looked_after_review', 'review_date', none, 'participation', ['review_date']),
        ('unaccompanied', 'unaccompanied', none, 'ceased_date', none, []),
        ('previous_permanence', 'previous_permanence', 'permanence_date', none, 'permanence', []),
        ('missing', 'missing', 'start_date', 'end_date', 'kind', ['start_date']),
        ('social_worker', 'social_worker', 'start_date', 'end_date', 'reason', ['start_date', 'worker_id']),
        ('adoption', 'adoption', 'decided_date', 'matched_date', none, []),
        ('adoption_placement', 'placed_for_adoption', 'placed_date', 'ceased_date', 'ceased_reason', ['placed_date']),
        ('deprivation_of_liberty', 'deprivation_of_liberty', 'start_date', 'end_date', none, ['start_date']),
    ] -%}
        {%- do rows.append({
            'source': 'ssda903', 'entity': entity, 'kind': kind, 'child': 'child_id', 'start_date': start_date, 'end_date': end_date,
            'item': item, 'thing': ['child_id'] + thing, 'year': 'return_year',
        }) -%}
    {%- endfor -%}
    {%- do rows.append({
        'source': 'transition', 'entity': 'assessment', 'kind': 'transition_assessment', 'child': 'client_id',
        'start_date': 'requested_date', 'end_date': 'decision_date', 'item': 'decision', 'thing': ['client_id', 'requested_date'],
        'year': none,
    }) -%}
    {{ return(rows) }}
{%- endmacro %}

{#- Likewise of health: beside referrals, contacts and scores. `of` says whose: a patient, a referral, a contact, or a child who is
    named in the row itself. -#}
{% macro health_events() -%}
    {%- set rows = [] -%}
    {%- for entity, kind, of, start_date, end_date, code, organisation, thing in [
        ('practice', 'practice', 'patient', 'start_date', 'end_date', 'practice_code', 'responsible_organisation',
            ['local_patient_id', 'practice_code', 'start_date']),
        ('special_need', 'special_need', 'patient', none, none, 'need_type', none, ['local_patient_id', 'need_type']),
        ('other_reason', 'other_reason', 'referral', none, none, 'reason', none, ['service_request_id', 'reason']),
        ('rtt', 'referral_to_treatment', 'referral', 'start_date', 'end_date', 'status', none,
            ['service_request_id', 'measurement_type', 'start_date']),
        ('onward_referral', 'onward_referral', 'referral', 'onward_date', none, 'reason', 'receiving_organisation',
            ['service_request_id', 'onward_date', 'receiving_organisation']),
        ('care_activity', 'activity', 'contact', none, none, 'activity_type', none, ['care_activity_id']),
    ] -%}
        {%- do rows.append({
            'source': 'csds', 'entity': entity, 'kind': kind, 'of': of, 'start_date': start_date, 'end_date': end_date, 'code': code,
            'organisation': organisation, 'thing': ['provider'] + thing,
        }) -%}
    {%- endfor -%}
    {%- do rows.append({
        'source': 'notification', 'entity': 'notification', 'kind': 'section_23', 'of': 'child', 'start_date': 'received_date',
        'end_date': none, 'code': 'need', 'organisation': none, 'thing': ['notification_id'],
    }) -%}
    {{ return(rows) }}
{%- endmacro %}

{#- The staged rows of one kind of event, the latest statement of each. -#}
{% macro last_statements(event, order) -%}
    {%- set staged = ref('stg_' ~ event.source ~ '__' ~ event.entity) -%}
    {%- if order -%}{{ first_rows(staged, event.thing, order ~ ' desc') }}{%- else -%}{{ staged }}{%- endif -%}
{%- endmacro %}

{#- Whose an event of health is: `owner`, joined to `staged`. -#}
{% macro joined_owner(event) -%}
    {%- if event.of == 'patient' -%}
inner join {{ ref('int_health__patient') }} as owner
    on coalesce(staged.provider, '') = coalesce(owner.provider, '') and staged.local_patient_id = owner.local_patient_id
    {%- elif event.of == 'referral' -%}
inner join {{ ref('int_health__referral') }} as owner
    on {{ key('service_request', ['staged.provider', 'staged.service_request_id']) }} = owner.service_request_key
    {%- elif event.of == 'contact' -%}
inner join {{ ref('fct_health_contact') }} as owner
    on {{ key('health_contact', ['staged.provider', 'staged.care_contact_id']) }} = owner.health_contact_key
    {%- else -%}
inner join {{ ref('bridge_person_identity') }} as owner
    on owner.source = '{{ event.source }}' and owner.source_person_id = staged.{{ event.thing[0] }}
    {%- endif -%}
{%- endmacro %}
