-- Staged rows that core leaves out, and why. Reasons: orphan (what the row belongs to did not arrive, or was left out itself),
-- unknown_upn (the row names a child by UPN alone, and it leads to nobody, or to two),
-- no_measure (a result without any measure),
-- no_further_action (a referral to social care that made nobody a child in need).
{% set person = "not exists (select 1 from "
    ~ ref('bridge_person_identity') ~ " as known where known.source = '{}' and known.source_person_id = {})" %}
{% set request = "not exists (select 1 from "
    ~ ref('fct_request') ~ " as known where known.request_key = " ~ key('request', ['staged.request_id']) ~ ")" %}
{% set plan = "not exists (select 1 from "
    ~ ref('fct_plan') ~ " as known where known.plan_key = " ~ key('plan', ['staged.plan_id']) ~ ")" %}
{% set review = "not exists (select 1 from "
    ~ ref('fct_review') ~ " as known where known.review_key = " ~ key('review', ['staged.review_id']) ~ ")" %}
{% set pupil = "not exists (select 1 from " ~ ref('fct_pupil_term') ~ " as known where known.pupil_term_key = "
    ~ key('pupil_term', ['staged.census_year', 'staged.census_term', 'staged.pupil_on_roll_table_id']) ~ ")" %}
{% set detail = "not exists (select 1 from " ~ ref('fct_pupil_term')
    ~ " as known where coalesce(staged.roll, 'on') = 'on' and known.pupil_term_key = "
    ~ key('pupil_term', ['staged.census_year', 'staged.census_term', 'staged.pupil_on_roll_table_id'])
    ~ ") and not exists (select 1 from " ~ ref('fct_school_leaver')
    ~ " as known where coalesce(staged.roll, 'off') = 'off' and known.school_leaver_key = "
    ~ key('pupil_left', ['staged.census_year', 'staged.census_term', 'staged.pupil_on_roll_table_id']) ~ ")" %}
{% set in_file = "not exists (select 1 from " ~ ref('stg_ctf__pupil') ~ " as known where known.from_school = staged.from_school"
    ~ " and known.to_school = staged.to_school and known.serial = staged.serial and known.pupil_number = staged.pupil_number)" %}
{% set learner = "not exists (select 1 from " ~ ref('fct_post16_activity') ~ " as known where known.post16_activity_key = "
    ~ key('ilr', ['staged.collection_year', 'staged.ukprn', 'staged.learner_reference']) ~ ")" %}
{% set upn = "not exists (select 1 from " ~ ref('int_person__upn') ~ " as known where known.upn = staged.upn)" %}
{% set referral = "not exists (select 1 from " ~ ref('int_health__referral') ~ " as known where known.service_request_key = "
    ~ key('service_request', ['staged.provider', 'staged.service_request_id']) ~ ")" %}
{% set patient = "coalesce(staged.provider, '') || '|' || staged.local_patient_id" %}
{% set contact = "not exists (select 1 from " ~ ref('fct_health_contact') ~ " as known where known.health_contact_key = "
    ~ key('health_contact', ['staged.provider', 'staged.care_contact_id']) ~ ")" %}
{% set activity = "not exists (select 1 from " ~ ref('stg_csds__care_activity') ~ " as activity inner join " ~ ref('fct_health_contact')
    ~ " as known on known.health_contact_key = " ~ key('health_contact', ['activity.provider', 'activity.care_contact_id'])
    ~ " where coalesce(activity.provider, '') = coalesce(staged.provider, '') and activity.care_activity_id = staged.care_activity_id)" %}
{% set checks = [
    ('ehc', 'request', 'orphan', person.format('ehc', 'staged.person_id')),
    ('ehc', 'plan', 'orphan', person.format('ehc', 'staged.person_id')),
    ('ehc', 'appeal', 'orphan', person.format('ehc', 'staged.person_id')),
    ('ehc', 'advice', 'orphan', request),
    ('ehc', 'assessment', 'orphan', request),
    ('ehc', 'personal_budget', 'orphan', plan),
    ('ehc', 'need', 'orphan', plan),
    ('ehc', 'placement', 'orphan', plan),
    ('ehc', 'review', 'orphan', plan),
    ('ehc', 'plan_version', 'orphan', plan),
    ('ehc', 'provision', 'orphan', plan),
    ('ehc', 'quality_audit', 'orphan', plan),
    ('ehc', 'review_attendance', 'orphan', review),
    ('school_census', 'sen_need', 'orphan', pupil),
    ('school_census', 'address_on_roll', 'orphan', pupil),
    ('school_census', 'fsm_period', 'orphan', pupil),
    ('school_census', 'session_detail', 'orphan', detail),
    ('school_census', 'exclusion', 'orphan', detail),
    ('school_census', 'ap_placement', 'orphan', detail),
    ('attainment', 'eyfsp', 'unknown_upn', upn),
    ('attainment', 'phonics', 'unknown_upn', upn),
    ('attainment', 'mtc', 'unknown_upn', upn),
    ('attainment', 'ks2', 'unknown_upn', upn),
    ('attainment', 'ks4', 'unknown_upn', upn),
    ('ctf', 'sen_history', 'orphan', in_file),
    ('ilr', 'lldd', 'orphan', learner),
    ('ilr', 'funding_monitoring', 'orphan', learner),
    ('ilr', 'learning_delivery', 'orphan', learner),
    ('attendance', 'session', 'unknown_upn', upn),
    ('attendance', 'termly_summary', 'unknown_upn', upn),
    ('csds', 'referral', 'orphan', person.format('csds', patient)),
    ('csds', 'service_type', 'orphan', referral),
    ('csds', 'care_contact', 'orphan', referral),
    ('ssda903', 'episodes', 'orphan', person.format('ssda903', 'staged.child_id')),
    ('cin', 'disability', 'orphan', person.format('cin', 'staged.la_child_id')),
    ('cin', 'cin_details', 'orphan', person.format('cin', 'staged.la_child_id')),
    ('cin', 'cin_details', 'no_further_action',
        'coalesce(staged.referral_no_further_action, false) and not ' ~ person.format('cin', 'staged.la_child_id')),
    ('cin', 'child_protection_plan', 'orphan', person.format('cin', 'staged.la_child_id')),
    ('csds', 'coded_assessment', 'orphan', activity),
    ('csds', 'referral_assessment', 'orphan', referral),
    ('ssda903', 'outcome', 'orphan', person.format('ssda903', 'staged.child_id')),
    ('ssda903', 'leaver', 'orphan', person.format('ssda903', 'staged.child_id')),
] %}
{% for stage, measures in attainment_measures().items() %}
{% do checks.append(('attainment', stage, 'no_measure',
    'staged.' ~ measures | join(' is null and staged.') ~ ' is null and not ' ~ upn)) %}
{% endfor %}
-- A thing that several periods state is judged once, by its last statement; the earlier ones are counted as restated.
{% set things = {
    'csds.referral': (['provider', 'service_request_id'], 'reporting_period desc'),
    'csds.service_type': (['provider', 'service_request_id', 'team_type'], 'reporting_period desc'),
    'csds.care_contact': (['provider', 'care_contact_id'], 'reporting_period desc'),
    'ssda903.episodes': (['child_id', 'episode_start'], 'return_year desc'),
    'cin.cin_details': (['la_child_id', 'referral_date'], 'collection_year desc'),
    'cin.child_protection_plan': (['la_child_id', 'plan_start'], 'collection_year desc'),
    'csds.coded_assessment': (['provider', 'care_activity_id', 'tool_type'], 'reporting_period desc'),
    'csds.referral_assessment': (['provider', 'service_request_id', 'tool_type', 'completed_date'], 'reporting_period desc'),
} %}
{% for event in care_events() if event.source != 'transition' %}
{% do checks.append((event.source, event.entity, 'orphan', person.format(event.source, 'staged.' ~ event.child))) %}
{% do things.update({event.source ~ '.' ~ event.entity: (event.thing, event.year ~ ' desc')}) %}
{% endfor %}
{% for event in health_events() if event.source == 'csds' %}
{% do checks.append((event.source, event.entity, 'orphan',
    {'patient': person.format('csds', patient), 'referral': referral, 'contact': contact}[event.of])) %}
{% do things.update({event.source ~ '.' ~ event.entity: (event.thing, 'reporting_period desc')}) %}
{% endfor %}
{% for source_name, entity, reason, condition in checks %}
{% set thing = things.get(source_name ~ '.' ~ entity) %}
{% set staged = ref('stg_' ~ source_name ~ '__' ~ entity) %}
select
    '{{ source_name }}' as source,
    '{{ entity }}' as entity,
    staged._receipt_id as receipt_id,
    staged._source_file as source_file,
    staged._source_row as source_row,
    '{{ reason }}' as reason
from {{ first_rows(staged, thing[0], thing[1]) if thing else staged }} as staged
where {{ condition }}
{{ 'union all' if not loop.last }}
{% endfor %}
