{#-
Which code sets and crosswalks staging reads. dbt has to see each ref while it parses, so the names stand here;
tests/dbt/config/code_set_is_listed.sql fails when the input contract names one that does not.
-#}
{% macro code_sets() -%}
    {{ return([
        'admission_kind', 'advice_type', 'ap_reason', 'ap_setting_type', 'appeal_about', 'appeal_kind', 'appeal_outcome',
        'assessment_outcome', 'attendance', 'audit_grade', 'base_type', 'cease_reason', 'census_term', 'cin_disability',
        'cin_primary_need', 'cme_reason', 'complaint_about', 'complaint_outcome', 'complaint_stage', 'consultation_response',
        'csds_assessment_tool', 'csds_attendance', 'csds_team_type', 'day_kind', 'direct_payments', 'ehe_reason',
        'enrolment_status', 'ethnicity', 'exception_reason', 'exclusion_category', 'exclusion_reason', 'gias_type',
        'health_service', 'high_needs_line', 'hv_review', 'local_authority', 'nc_year', 'nccis_activity', 'nhs_ethnic_category',
        'nhs_gender', 'part_time_reason', 'participant_role', 'participation_activity', 'place_term', 'placement_kind',
        'plan_section', 'plan_version_kind', 'provision_phase', 'provision_type', 'rank', 'request_outcome', 'request_source',
        'review_outcome', 'review_type', 'rtt_status', 'sen_provision', 'sen_setting', 'sen_type', 'sen_type_census', 'sex',
        'short_break_unit', 'ssda903_missing', 'ssda903_participation', 'ssda903_sex', 'transfer_phase', 'transition_decision',
        'transport_mode', 'upn_unknown', 'view_method', 'waiting_status', 'work_based_placement',
    ]) }}
{%- endmacro %}

{#- warehouse/spec/crosswalks/xwalk_<source>_<set>.csv: what a council's own system says, and the official code. -#}
{% macro crosswalks() -%}
    {{ return([
        ('ehc', 'ethnicity'), ('ehc', 'sen_type'), ('ehc', 'sex'), ('school_census', 'sen_type_census'),
        ('school_census', 'census_term'), ('school_census', 'exclusion_category'),
        ('cin', 'ethnicity'), ('ssda903', 'ethnicity'),
    ]) }}
{%- endmacro %}
