{#-
Which code sets and crosswalks staging reads. dbt has to see each ref while it parses, so the names stand here;
tests/dbt/config/code_set_is_listed.sql fails when the input contract names one that does not.
-#}
{% macro code_sets() -%}
    {{ return([
        'advice_type', 'appeal_about', 'appeal_kind', 'appeal_outcome', 'assessment_outcome', 'cease_reason', 'census_term',
        'cin_disability', 'cin_primary_need', 'csds_assessment_tool', 'csds_attendance', 'csds_team_type', 'direct_payments',
        'enrolment_status', 'ethnicity', 'exception_reason', 'gias_type', 'health_service', 'hv_review', 'local_authority',
        'nc_year', 'nhs_ethnic_category', 'nhs_gender', 'placement_kind', 'rank', 'request_outcome', 'request_source',
        'review_outcome', 'review_type', 'rtt_status', 'sen_provision', 'sen_setting', 'sen_type', 'sen_type_census', 'sex',
        'short_break_unit', 'ssda903_missing', 'ssda903_participation', 'ssda903_sex', 'transition_decision', 'upn_unknown',
        'waiting_status', 'work_based_placement',
    ]) }}
{%- endmacro %}

{#- warehouse/spec/crosswalks/xwalk_<source>_<set>.csv: what a council's own system says, and the official code. -#}
{% macro crosswalks() -%}
    {{ return([
        ('ehc', 'ethnicity'), ('ehc', 'sen_type'), ('ehc', 'sex'), ('school_census', 'sen_type_census'),
        ('cin', 'ethnicity'), ('ssda903', 'ethnicity'),
    ]) }}
{%- endmacro %}
