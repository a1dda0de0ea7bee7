-- How many rows of each extract core holds, counted in core: as rows of their own, or as what they say of a row there.
-- restated: statements of a thing that a later month or return states again; core holds the last one.
-- rests_in: where to look. Look-ups are read where they are staged.
{% set pupil_key = key('pupil_term', ['staged.census_year', 'staged.census_term', 'staged.pupil_on_roll_table_id']) %}
{% set of_pupil = "select count(*) from {} as staged inner join "
    ~ ref('fct_pupil_term') ~ " as core on core.pupil_term_key = " ~ pupil_key %}
{% set of_person = "select count(*) from {} as staged inner join " ~ ref('bridge_person_identity')
    ~ " as core on core.source = '{}' and core.source_person_id = {}" %}
{% set rows_of = "select count(*) from {}" %}
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
    ('school_census', 'pupil_on_roll', rows_of.format(ref('fct_pupil_term')), none, 'fct_pupil_term'),
    ('school_census', 'sen_need', of_pupil.format(stg['school_census.sen_need']), none, 'fct_pupil_term'),
    ('school_census', 'address_on_roll', of_pupil.format(stg['school_census.address_on_roll']), none, 'fct_pupil_term'),
    ('school_census', 'fsm_period', of_pupil.format(stg['school_census.fsm_period']), none, 'fct_pupil_term'),
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
    ('cin', 'disability', "select count(*) from " ~ stg['cin.disability'] ~ " as staged inner join " ~ ref('bridge_person_identity')
        ~ " as person on person.source = 'cin' and person.source_person_id = staged.la_child_id inner join "
        ~ ref('bridge_person_disability') ~ " as core on core.person_key = person.person_key and core.disability = staged.disability",
        none, 'bridge_person_disability'),
    ('cin', 'cin_details', "select coalesce(sum(record_count), 0) from " ~ spells ~ " where kind = 'child_in_need'",
        repeated.format("(la_child_id, referral_date)", stg['cin.cin_details']), 'fct_care_episode'),
    ('cin', 'child_protection_plan', "select coalesce(sum(record_count), 0) from " ~ spells ~ " where kind = 'child_protection'",
        repeated.format("(la_child_id, plan_start)", stg['cin.child_protection_plan']), 'fct_care_episode'),
    ('council', 'sen2_explanation', rows_of.format(ref('fct_explanation')), none, 'fct_explanation'),
    ('council', 'link_override', rows_of.format(stg['council.link_override']), none, 'stg_council__link_override, for rpt_quality__link_override'),
    ('gias', 'establishment', rows_of.format(ref('dim_establishment')), none, 'dim_establishment'),
    ('gias', 'link', rows_of.format(stg['gias.link']), none, 'stg_gias__link, for dim_establishment'),
    ('geography', 'postcode', rows_of.format(stg['geography.postcode']), none, 'stg_geography__postcode, for dim_person'),
    ('geography', 'deprivation', rows_of.format(stg['geography.deprivation']), none, 'stg_geography__deprivation, for dim_area'),
    ('geography', 'population', rows_of.format(stg['geography.population']), none, 'stg_geography__population, for fct_population'),
    ('geography', 'lsoa_ward', "select count(*) from " ~ ref('dim_area') ~ " where area_level = 'lsoa'", none, 'dim_area'),
    ('geography', 'lsoa_change', rows_of.format(stg['geography.lsoa_change']), none,
        'stg_geography__lsoa_change, for dim_area'),
    ('geography', 'district_county', rows_of.format(stg['geography.district_county']), none,
        'stg_geography__district_county, for dim_area'),
    ('geography', 'local_authority', rows_of.format(stg['geography.local_authority']), none,
        'stg_geography__local_authority, for dim_area'),
    ('dfe_release', 'figure', rows_of.format(stg['dfe_release.figure']), none, 'stg_dfe_release__figure, for fct_published_figure'),
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
