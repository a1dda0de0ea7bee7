-- How many rows of each extract core holds, counted in core: as rows of their own, or as what they say of a row there.
-- restated: statements of a thing that a later month or return states again; core holds the last one.
-- rests_in: where to look. Look-ups are read where they are staged.
{% set pupil_key = key('pupil_term', ['staged.census_year', 'staged.census_term', 'staged.pupil_on_roll_table_id']) %}
{% set of_pupil = "select count(*) from {} as staged inner join "
    ~ ref('fct_pupil_term') ~ " as core on core.pupil_term_key = " ~ pupil_key %}
{% set of_person = "select count(*) from {} as staged inner join " ~ ref('bridge_person_identity')
    ~ " as core on core.source = '{}' and core.source_person_id = {}" %}
{% set of_learner = "select count(*) from {} as staged inner join " ~ ref('fct_post16_activity') ~ " as core on core.post16_activity_key = "
    ~ key('ilr', ['staged.collection_year', 'staged.ukprn', 'staged.learner_reference']) %}
{% set records_of = "select coalesce(sum({}), 0) from {} where {}" %}
{% set rows_of = "select count(*) from {}" %}
{% set of_kind = "select count(*) from {} where kind = '{}'" %}
{% set repeated = "select count(*) - count(distinct {}) from {}" %}
{% set stg = {} %}
{% for source_name, entity in staged_extracts() %}
{% do stg.update({source_name ~ '.' ~ entity: ref('stg_' ~ source_name ~ '__' ~ entity)}) %}
{% endfor %}
{% set spells = ref('fct_care_episode') %}
{% set counts = [
    ('ehc', 'person', "select count(*) from " ~ ref('bridge_person_identity') ~ " where source = 'ehc'", none, 'bridge_person_identity'),
    ('ehc', 'request', rows_of.format(ref('fct_request')), none, 'fct_request'),
    ('ehc', 'advice', rows_of.format(ref('fct_advice')), none, 'fct_advice'),
    ('ehc', 'assessment', rows_of.format(ref('fct_assessment')), none, 'fct_assessment'),
    ('ehc', 'plan', rows_of.format(ref('fct_plan')), none, 'fct_plan'),
    ('ehc', 'personal_budget', "select count(*) from " ~ ref('fct_plan') ~ " as core inner join " ~ stg['ehc.personal_budget']
        ~ " as staged on core.plan_key = " ~ key('plan', ['staged.plan_id']), none, 'fct_plan'),
    ('ehc', 'need', rows_of.format(ref('fct_need')), none, 'fct_need'),
    ('ehc', 'placement', rows_of.format(ref('fct_placement')), none, 'fct_placement'),
    ('ehc', 'review', rows_of.format(ref('fct_review')), none, 'fct_review'),
    ('ehc', 'appeal', rows_of.format(ref('fct_appeal')), none, 'fct_appeal'),
    ('ehc', 'plan_version', rows_of.format(ref('fct_plan_version')), none, 'fct_plan_version'),
    ('ehc', 'provision', rows_of.format(ref('fct_provision')), none, 'fct_provision'),
    ('ehc', 'quality_audit', rows_of.format(ref('fct_quality_audit')), none, 'fct_quality_audit'),
    ('ehc', 'recorded_view', of_kind.format(ref('fct_participation'), 'views'), none, 'fct_participation'),
    ('ehc', 'review_attendance', of_kind.format(ref('fct_participation'), 'review'), none, 'fct_participation'),
    ('ehc', 'complaint', rows_of.format(ref('fct_complaint')), none, 'fct_complaint'),
    ('ehc', 'participation', of_kind.format(ref('fct_participation'), 'log'), none, 'fct_participation'),
    ('resource_base', 'base', rows_of.format(ref('dim_resource_base')), none, 'dim_resource_base'),
    ('resource_base', 'commissioned_place', of_kind.format(ref('fct_commissioned_place'), 'base'), none, 'fct_commissioned_place'),
    ('resource_base', 'proposal', rows_of.format(ref('dim_resource_base_proposal')), none, 'dim_resource_base_proposal'),
    ('special_place', 'place', of_kind.format(ref('fct_commissioned_place'), 'special_school'), none, 'fct_commissioned_place'),
    ('admission', 'consultation', rows_of.format(ref('fct_admission')), none, 'fct_admission'),
    ('transport', 'run', rows_of.format(ref('fct_transport')), none, 'fct_transport'),
    ('finance', 'commitment', of_kind.format(ref('fct_commitment'), 'placement'), none, 'fct_commitment'),
    ('finance', 'top_up', of_kind.format(ref('fct_commitment'), 'top_up'), none, 'fct_commitment'),
    ('finance', 'high_needs_spend', of_kind.format(ref('fct_commitment'), 'high_needs_spend'), none, 'fct_commitment'),
    ('term_dates', 'day_range', rows_of.format(ref('dim_term_date')), none, 'dim_term_date'),
    ('boundary', 'area', rows_of.format(ref('dim_boundary')), none, 'dim_boundary'),
    ('school_census', 'pupil_on_roll', rows_of.format(ref('fct_pupil_term')), none, 'fct_pupil_term'),
    ('school_census', 'sen_need', of_pupil.format(stg['school_census.sen_need']), none, 'fct_pupil_term'),
    ('school_census', 'address_on_roll', of_pupil.format(stg['school_census.address_on_roll']), none, 'fct_pupil_term'),
    ('school_census', 'fsm_period', of_pupil.format(stg['school_census.fsm_period']), none, 'fct_pupil_term'),
    ('school_census', 'pupil_off_roll', rows_of.format(ref('fct_school_leaver')), none, 'fct_school_leaver'),
    ('school_census', 'session_detail', records_of.format('record_count', ref('fct_attendance'), "stated_by = 'census'"), none,
        'fct_attendance'),
    ('school_census', 'exclusion', records_of.format('census_count', ref('fct_exclusion'), 'true'), none, 'fct_exclusion'),
    ('school_census', 'ap_placement', records_of.format('record_count', ref('fct_alternative_provision'), "arranged_by = 'school'"),
        none, 'fct_alternative_provision'),
    ('attainment', 'eyfsp', records_of.format('record_count', ref('fct_attainment'), "stage = 'eyfsp'"), none, 'fct_attainment'),
    ('attainment', 'phonics', records_of.format('record_count', ref('fct_attainment'), "stage = 'phonics'"), none, 'fct_attainment'),
    ('attainment', 'mtc', records_of.format('record_count', ref('fct_attainment'), "stage = 'mtc'"), none, 'fct_attainment'),
    ('attainment', 'ks2', records_of.format('record_count', ref('fct_attainment'), "stage = 'ks2'"), none, 'fct_attainment'),
    ('attainment', 'ks4', records_of.format('record_count', ref('fct_attainment'), "stage = 'ks4'"), none, 'fct_attainment'),
    ('ctf', 'pupil', "select count(*) from " ~ ref('int_person__record') ~ " as staged inner join " ~ ref('bridge_person_identity')
        ~ " as core on core.source = 'ctf' and staged.source = 'ctf' and core.source_person_id = staged.source_person_id",
        none, 'bridge_person_identity'),
    ('ctf', 'sen_history', records_of.format('record_count', ref('fct_sen_history'), 'true'), none, 'fct_sen_history'),
    ('ctf', 'school_history', rows_of.format(stg['ctf.school_history']), none, 'stg_ctf__school_history, for fct_sen_history'),
    ('nccis', 'young_person', records_of.format('1', ref('fct_post16_activity'), "stated_by = 'nccis'"), none, 'fct_post16_activity'),
    ('ilr', 'learner', records_of.format('1', ref('fct_post16_activity'), "stated_by = 'ilr'"), none, 'fct_post16_activity'),
    ('ilr', 'lldd', of_learner.format(stg['ilr.lldd']), none, 'fct_post16_activity'),
    ('ilr', 'funding_monitoring', of_learner.format(stg['ilr.funding_monitoring']), none, 'fct_post16_activity'),
    ('ilr', 'learning_delivery', of_learner.format(stg['ilr.learning_delivery']), none, 'fct_post16_activity'),
    ('ap_census', 'pupil', records_of.format('record_count', ref('fct_alternative_provision'), "arranged_by = 'council'"), none,
        'fct_alternative_provision'),
    ('early_years_census', 'child', rows_of.format(ref('fct_early_years_place')), none, 'fct_early_years_place'),
    ('attendance', 'session', records_of.format('record_count', ref('fct_attendance'), "stated_by = 'daily'"), none, 'fct_attendance'),
    ('attendance', 'termly_summary', records_of.format('record_count', ref('fct_attendance'), "stated_by = 'summary'"), none,
        'fct_attendance'),
    ('inclusion', 'exclusion', records_of.format('notice_count', ref('fct_exclusion'), 'true'), none, 'fct_exclusion'),
    ('inclusion', 'part_time_timetable', rows_of.format(ref('fct_inclusion_spell')) ~ " where kind = 'part_time_timetable'", none,
        'fct_inclusion_spell'),
    ('inclusion', 'elective_home_education', rows_of.format(ref('fct_inclusion_spell')) ~ " where kind = 'elective_home_education'", none,
        'fct_inclusion_spell'),
    ('inclusion', 'missing_education', rows_of.format(ref('fct_inclusion_spell')) ~ " where kind = 'missing_education'", none,
        'fct_inclusion_spell'),
    ('csds', 'patient_index', of_person.format(stg['csds.patient_index'], 'csds',
        "coalesce(staged.provider, '') || '|' || staged.local_patient_id"), none, 'bridge_person_identity'),
    ('csds', 'referral', "select count(distinct service_request_key) from " ~ ref('fct_health_referral'),
        repeated.format("(provider, service_request_id)", stg['csds.referral']), 'fct_health_referral'),
    ('csds', 'service_type', "select count(*) from " ~ ref('fct_health_referral') ~ " where team_type is not null",
        repeated.format("(provider, service_request_id, team_type)", stg['csds.service_type']), 'fct_health_referral'),
    ('csds', 'care_contact', rows_of.format(ref('fct_health_contact')),
        repeated.format("(provider, care_contact_id)", stg['csds.care_contact']), 'fct_health_contact'),
    ('ssda903', 'header', of_person.format(stg['ssda903.header'], 'ssda903', 'staged.child_id'), none, 'bridge_person_identity'),
    ('ssda903', 'episodes', "select coalesce(sum(record_count), 0) from " ~ spells ~ " where kind = 'looked_after'",
        repeated.format("(child_id, episode_start)", stg['ssda903.episodes']), 'fct_care_episode'),
    ('cin', 'child', of_person.format(stg['cin.child'], 'cin', 'staged.la_child_id'), none, 'bridge_person_identity'),
    ('care_system', 'person', of_person.format(stg['care_system.person'], 'care_system', 'staged.la_child_id'), none,
        'bridge_person_identity'),
    ('cin', 'disability', "select count(*) from " ~ stg['cin.disability'] ~ " as staged inner join " ~ ref('bridge_person_identity')
        ~ " as person on person.source = 'cin' and person.source_person_id = staged.la_child_id inner join "
        ~ ref('bridge_person_disability') ~ " as core on core.person_key = person.person_key and core.disability = staged.disability",
        none, 'bridge_person_disability'),
    ('cin', 'cin_details', "select coalesce(sum(record_count), 0) from " ~ spells ~ " where kind = 'child_in_need'",
        repeated.format("(la_child_id, referral_date)", stg['cin.cin_details']), 'fct_care_episode'),
    ('cin', 'child_protection_plan', "select coalesce(sum(record_count), 0) from " ~ spells ~ " where kind = 'child_protection'",
        repeated.format("(la_child_id, plan_start)", stg['cin.child_protection_plan']), 'fct_care_episode'),
    ('csds', 'coded_assessment', "select count(*) from " ~ ref('fct_health_score') ~ " as core inner join "
        ~ stg['csds.coded_assessment'] ~ " as staged on core.source_file = staged._source_file and core.source_row = staged._source_row",
        repeated.format("(provider, care_activity_id, tool_type)", stg['csds.coded_assessment']), 'fct_health_score'),
    ('csds', 'referral_assessment', "select count(*) from " ~ ref('fct_health_score') ~ " as core inner join "
        ~ stg['csds.referral_assessment'] ~ " as staged on core.source_file = staged._source_file and core.source_row = staged._source_row",
        repeated.format("(provider, service_request_id, tool_type, completed_date)", stg['csds.referral_assessment']), 'fct_health_score'),
    ('waiting_list', 'waiting', "select coalesce(sum(record_count), 0) from " ~ ref('fct_waiting'), none, 'fct_waiting'),
    ('health_visiting', 'review', rows_of.format(ref('fct_health_review')), none, 'fct_health_review'),
    ('equipment', 'episode', rows_of.format(ref('fct_equipment')), none, 'fct_equipment'),
    ('ssda903', 'outcome', rows_of.format(ref('fct_care_outcome')) ~ " where kind = 'looked_after'", none, 'fct_care_outcome'),
    ('ssda903', 'leaver', rows_of.format(ref('fct_care_outcome')) ~ " where kind = 'care_leaver'", none, 'fct_care_outcome'),
    ('short_break', 'short_break', rows_of.format(ref('fct_short_break')), none, 'fct_short_break'),
    ('council', 'sen2_explanation', rows_of.format(ref('fct_explanation')), none, 'fct_explanation'),
    ('council', 'link_override', rows_of.format(stg['council.link_override']), none, 'stg_council__link_override, for rpt_quality__link_override'),
    ('gias', 'establishment', rows_of.format(ref('dim_establishment')), none, 'dim_establishment'),
    ('gias', 'link', rows_of.format(stg['gias.link']), none, 'stg_gias__link, for dim_establishment'),
    ('geography', 'postcode', rows_of.format(stg['geography.postcode']), none, 'stg_geography__postcode, for dim_person'),
    ('geography', 'deprivation', rows_of.format(stg['geography.deprivation']), none, 'stg_geography__deprivation, for dim_area'),
    ('geography', 'deprivation_2019', rows_of.format(stg['geography.deprivation_2019']), none,
        'stg_geography__deprivation_2019, for dim_deprivation'),
    ('geography', 'population', rows_of.format(stg['geography.population']), none, 'stg_geography__population, for fct_population'),
    ('geography', 'lsoa_ward', "select count(*) from " ~ ref('dim_area') ~ " where area_level = 'lsoa'", none, 'dim_area'),
    ('geography', 'lsoa_msoa', rows_of.format(stg['geography.lsoa_msoa']), none, 'stg_geography__lsoa_msoa, for dim_area'),
    ('geography', 'msoa_name', rows_of.format(stg['geography.msoa_name']), none, 'stg_geography__msoa_name, for dim_area'),
    ('local_area', 'locality', rows_of.format(stg['local_area.locality']), none, 'stg_local_area__locality, for dim_area'),
    ('local_area', 'planning_area', rows_of.format(stg['local_area.planning_area']), none,
        'stg_local_area__planning_area, for dim_establishment'),
    ('geography', 'lsoa_change', rows_of.format(stg['geography.lsoa_change']), none,
        'stg_geography__lsoa_change, for dim_area'),
    ('geography', 'district_county', rows_of.format(stg['geography.district_county']), none,
        'stg_geography__district_county, for dim_area'),
    ('geography', 'local_authority', rows_of.format(stg['geography.local_authority']), none,
        'stg_geography__local_authority, for dim_area'),
    ('dfe_release', 'figure', rows_of.format(stg['dfe_release.figure']), none, 'stg_dfe_release__figure, for fct_published_figure'),
    ('dfe_release', 'lait_value', "select count(*) from " ~ ref('fct_published_figure') ~ " where release_table = 'lait'", none,
        'fct_published_figure'),
    ('dfe_release', 'attendance_gap', rows_of.format(stg['dfe_release.attendance_gap']), none,
        'stg_dfe_release__attendance_gap, for fct_published_figure'),
    ('dfe_release', 'statistical_neighbour', rows_of.format(stg['dfe_release.statistical_neighbour']), none,
        'stg_dfe_release__statistical_neighbour, for dim_statistical_neighbour'),
    ('sen2_return', 'header', rows_of.format(ref('fct_returned_header')), none, 'fct_returned_header'),
    ('sen2_return', 'person', rows_of.format(ref('fct_returned_person')), none, 'fct_returned_person'),
    ('sen2_return', 'requests', rows_of.format(ref('fct_returned_requests')), none, 'fct_returned_requests'),
    ('sen2_return', 'assessment', rows_of.format(ref('fct_returned_assessment')), none, 'fct_returned_assessment'),
    ('sen2_return', 'named_plan', rows_of.format(ref('fct_returned_named_plan')), none, 'fct_returned_named_plan'),
    ('sen2_return', 'plan_detail', rows_of.format(ref('fct_returned_plan_detail')), none, 'fct_returned_plan_detail'),
    ('sen2_return', 'active_plans', rows_of.format(ref('fct_returned_active_plans')), none, 'fct_returned_active_plans'),
    ('sen2_return', 'placement_detail', rows_of.format(ref('fct_returned_placement_detail')), none, 'fct_returned_placement_detail'),
    ('sen2_return', 'sen_need', rows_of.format(ref('fct_returned_sen_need')), none, 'fct_returned_sen_need'),
] %}
{% for events, fact in [(care_events(), ref('fct_care_event')), (health_events(), ref('fct_health_event'))] %}
{% for event in events %}
{% set staged = stg[event.source ~ '.' ~ event.entity] %}
{% do counts.append((
    event.source, event.entity, rows_of.format(fact) ~ " where source = '" ~ event.source ~ "' and kind = '" ~ event.kind ~ "'",
    repeated.format("(" ~ event.thing | join(', ') ~ ",)", staged) if event.year or event.source == 'csds', fact.identifier,
)) %}
{% endfor %}
{% endfor %}
{% for source_name, entity, in_core, restated, rests_in in counts %}
select
    '{{ source_name }}' as source,
    '{{ entity }}' as entity,
    (select count(*) from {{ stg[source_name ~ '.' ~ entity] }}) as rows_staged,
    cast(({{ restated or 'select 0' }}) as bigint) as rows_restated,
    cast(({{ in_core }}) as bigint) as rows_in_core,
    '{{ rests_in }}' as rests_in
{{ 'union all' if not loop.last }}
{% endfor %}
