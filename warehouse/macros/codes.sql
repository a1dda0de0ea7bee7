{#-
Which code sets and crosswalks staging reads. dbt has to see each ref while it parses, so the names stand here;
tests/dbt/config/code_set_is_listed.sql fails when the input contract names one that does not.
-#}
{% macro code_sets() -%}
    {{ return([
        'advice_type', 'ap_reason', 'ap_setting_type', 'appeal_about', 'appeal_kind', 'appeal_outcome', 'assessment_outcome', 'attendance', 'cease_reason', 'census_term',
        'cin_disability', 'cin_primary_need', 'cme_reason', 'csds_attendance', 'csds_team_type', 'direct_payments', 'ehe_reason', 'enrolment_status',
        'ethnicity', 'exception_reason', 'exclusion_category', 'exclusion_reason', 'gias_type', 'local_authority', 'nc_year', 'nccis_activity', 'nhs_ethnic_category', 'nhs_gender', 'part_time_reason',
        'placement_kind', 'rank', 'request_outcome', 'request_source', 'review_outcome', 'review_type', 'sen_provision',
        'sen_setting', 'sen_type', 'sen_type_census', 'sex', 'ssda903_sex', 'upn_unknown', 'work_based_placement',
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
