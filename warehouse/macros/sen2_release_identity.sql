{#-
What holds in DfE's tables whatever the council, and so must hold in ours: table, left, comparison, right, in our names.
tests/dbt/sen2/release_identity_holds.sql asks it of our tables, tests/integration/test_release_realdata.py of the published ones.
-#}
{% macro release_identities() -%}
    {{ return([
        ('caseload', 'mainstream_total', '=', release_sum_of('mainstream')),
        ('caseload', 'special_total', '=',
            'special_la_maintained + special_academy_free + special_independent + special_non_maintained'),
        ('caseload', 'special_academy_free', '=', 'special_academy + special_free_school'),
        ('caseload', 'ap_pru_total', '=', 'ap_pru_academy + ap_pru_free_school + ap_pru_la_maintained'),
        ('caseload', 'fe_total', '=', 'general_fe_tertiary_colleges + specialist_post_16_institutions + ukrlp_provider'),
        ('caseload', 'ed_elsewhere', '=', release_sum_of('elsewhere')),
        ('caseload', 'ehcplans', '=', release_sum_of('totals')),
        ('new_plans', 'mainstream_total', '=', release_sum_of('mainstream')),
        ('new_plans', 'special_total', '=',
            'special_la_maintained + special_academy_free + special_independent + special_non_maintained'),
        ('new_plans', 'ed_elsewhere', '=', release_sum_of('elsewhere')),
        ('new_plans', 'new_ehc_plans', '=', release_sum_of('totals')),
        ('sen_need_all_plans', 'ehc_plans', '=', release_sum_of('needs')),
        ('sen_need_new_plans', 'ehc_plans', '=', release_sum_of('needs')),
        ('requests', 'requests_received_in_year', '>=',
            'requests_decided_to_assess + requests_decided_not_to_assess + requests_decision_not_made + requests_withdrawn'),
        ('requests', 'requests_decided_in_year', '>=', 'request_outcome_six_weeks + request_outcome_over_6_weeks'),
        ('requests', 'tribunal_related_request', '>=', 'tribunal_after_mediation_request'),
        ('requests', 'mediation_related_request', '>=', 'tribunal_after_mediation_request'),
        ('assessments', 'assess_in_year', '=', 'assess_issued + assess_not_issued + assess_not_made + assess_withdrawn'),
        ('assessments', 'assess_not_issued', '>=', 'outcome_decision_within_time + outcome_decision_over_time'),
        ('timeliness_20_week', 'plans_issued_den', '>=',
            'plans_issued_within_20_weeks + plans_issued_gt20weeks_ltyear + plans_issued_gt_1_year'),
        ('timeliness_20_week', 'plans_issued_den_ex', '>=',
            'plans_issued_20_weeks_ex + plans_issued_gt20weeks_ltyear_ex + plans_issued_gt_1_year_ex'),
        ('timeliness_20_week', 'plans_issued_den', '>=', 'plans_issued_den_ex'),
        ('annual_reviews', 'total_ehc_plans', '=', 'review_expected + review_not_expected'),
        ('annual_reviews', 'review_expected', '=', 'total_review_meeting + no_review_meeting'),
        ('annual_reviews', 'total_review_meeting', '=',
            'review_meeting_census_year + review_meeting_in_year + review_meeting_before'),
        ('annual_reviews', 'total_review_meeting', '=',
            'review_decision_census_year + review_decision_in_year + review_decision_before + review_decision_not_due'
            ~ ' + review_decision_outstanding'),
        ('annual_reviews', 'total_review_meeting', '=', 'outcome_amend + outcome_cease + outcome_maintan + no_outcome'),
        ('annual_reviews', 'number_decsion_4weeks + number_decision_gt_4weeks', '>=',
            'review_decision_census_year + review_decision_in_year + review_decision_before'),
        ('personal_budgets', 'personal_budget', '>=', 'pb_health + pb_education + pb_social + pb_integrated'),
        ('personal_budgets', 'personal_budget', '>=', 'org_arrangments'),
        ('residential_settings', 'res_tot', '=', 'res_3851 + res_52'),
        ('work_based_placements', 'open_wbp', '=', 'open_supp_intern + open_apprentice + open_trainee'),
        ('ceased_plans', 'total_ceased', '>=',
            'max_age + needs_met + he + employ + transfer + no_engage + moved_outside_eng + deceased + not_rec + other'),
        ('phase_transfers', 'number_plans', '>=', 'due_in_year + due_census_year'),
    ]) }}
{%- endmacro %}

{#- Columns that add up to another one. -#}
{% macro release_sum_of(what) -%}
    {%- if what == 'needs' -%}
        {%- set names = ['number_need_unknown', 'coalesce(number_ds, 0)'] -%}
        {%- for name in release_need_names() if name not in ('ds', 'need_unknown') -%}
            {%- do names.append('number_' ~ name) -%}
        {%- endfor -%}
    {%- elif what == 'totals' -%}
        {%- set names = release_setting_totals() + ['nm_early_years', 'placement_unknown'] -%}
    {%- elif what == 'mainstream' -%}
        {%- set names = release_setting_names() | select('in', [
            'mainstream_la_maintained', 'mainstream_la_maintained_resourced_provision', 'mainstream_la_maintained_senunit',
            'mainstream_academy', 'mainstream_academy_resourced_provision', 'mainstream_academy_senunit',
            'mainstream_free_school', 'mainstream_free_school_resourced_provision', 'mainstream_free_school_senunit',
            'mainstream_independent',
        ]) | list -%}
    {%- else -%}
        {%- set names = [
            'elective_home_education', 'other_arrangements_la', 'other_arrangements_parents', 'online_provider', 'w_settings',
            'other_schools', 'other_placement_settings', 'neet', 'neet_ntci', 'neet_other', 'neet_other_csa',
        ] -%}
    {%- endif -%}
    {{ return(names | join(' + ')) }}
{%- endmacro %}

{#- What each table counts: the groups of every topic add up to the total row. -#}
{% macro release_counts() -%}
    {{ return([
        ('caseload', 'ehcplans'), ('new_plans', 'new_ehc_plans'), ('sen_need_all_plans', 'ehc_plans'),
        ('sen_need_new_plans', 'ehc_plans'), ('requests', 'requests_received_in_year'), ('requests', 'mediation_related_request'),
        ('assessments', 'assess_in_year'), ('assessments', 'number_other_tribunal'), ('timeliness_20_week', 'plans_issued_den'),
        ('annual_reviews', 'total_ehc_plans'), ('annual_reviews', 'review_expected'), ('personal_budgets', 'personal_budget'),
        ('residential_settings', 'res_tot'), ('work_based_placements', 'open_wbp'), ('ceased_plans', 'total_ceased'),
    ]) }}
{%- endmacro %}

{#- Total rows of two tables that say the same. -#}
{% macro release_equal_totals() -%}
    {{ return([
        ('caseload', 'ehcplans', 'sen_need_all_plans', 'ehc_plans'),
        ('caseload', 'ehcplans', 'annual_reviews', 'total_ehc_plans'),
        ('new_plans', 'new_ehc_plans', 'sen_need_new_plans', 'ehc_plans'),
    ]) }}
{%- endmacro %}
