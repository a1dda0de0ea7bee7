{#-
Which code sets and crosswalks staging reads. dbt has to see each ref while it parses, so the names stand here;
tests/dbt/config/code_set_is_listed.sql fails when the input contract names one that does not.
-#}
{% macro code_sets() -%}
    {{ return([
        'advice_type', 'appeal_about', 'appeal_kind', 'appeal_outcome', 'assessment_outcome', 'cease_reason', 'census_term',
        'cin_disability', 'cin_primary_need', 'csds_attendance', 'csds_team_type', 'direct_payments', 'enrolment_status',
        'ethnicity', 'exception_reason', 'gias_type', 'local_authority', 'nc_year', 'nhs_ethnic_category', 'nhs_gender',
        'placement_kind', 'rank', 'request_outcome', 'request_source', 'review_outcome', 'review_type', 'sen_provision',
        'sen_setting', 'sen_type', 'sen_type_census', 'sex', 'ssda903_sex', 'upn_unknown', 'work_based_placement',
        'plan_version_kind', 'plan_section', 'provision_type', 'audit_grade', 'participant_role', 'view_method', 'complaint_stage',
        'complaint_about', 'complaint_outcome', 'participation_activity', 'base_type', 'provision_phase', 'place_term',
        'admission_kind', 'transfer_phase', 'consultation_response', 'transport_mode', 'high_needs_line', 'day_kind',
    ]) }}
{%- endmacro %}

{#- warehouse/spec/crosswalks/xwalk_<source>_<set>.csv: what a council's own system says, and the official code. -#}
{% macro crosswalks() -%}
    {{ return([
        ('ehc', 'ethnicity'), ('ehc', 'sen_type'), ('ehc', 'sex'), ('school_census', 'sen_type_census'),
        ('cin', 'ethnicity'), ('ssda903', 'ethnicity'),
    ]) }}
{%- endmacro %}
