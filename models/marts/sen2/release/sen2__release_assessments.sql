-- Assessments of the calendar year and their outcome; refusals in time; mediation and tribunal.
with record as (
    select
        *,
        is_assessed_in_year and assessment_outcome = 'N'
        and days_to_outcome <= {{ release_parameter('refusal_days', 'records.collection_year') }} as is_in_time,
        is_assessed_in_year and assessment_outcome = 'N'
        and days_to_outcome > {{ release_parameter('refusal_days', 'records.collection_year') }} as is_late
    from {{ ref('int_sen2__release_request') }} as records
    where is_assessment
),

counted as (
    select
        collection_year,
        breakdown_topic,
        breakdown,
        {{ count_where('is_assessed_in_year') }} as assess_in_year,
        {{ count_where("is_assessed_in_year and assessment_outcome = 'Y'") }} as assess_issued,
        {{ count_where("is_assessed_in_year and assessment_outcome = 'N'") }} as assess_not_issued,
        {{ count_where("is_assessed_in_year and assessment_outcome = 'A'") }} as assess_not_made,
        {{ count_where("is_assessed_in_year and assessment_outcome = 'W'") }} as assess_withdrawn,
        {{ count_where('is_in_time') }} as outcome_decision_within_time,
        {{ count_where('is_late') }} as outcome_decision_over_time,
        {{ count_where('assessment_mediation') }} as number_assess_mediation,
        {{ count_where('assessment_tribunal') }} as number_assess_tribunal,
        {{ count_where('assessment_mediation and assessment_tribunal') }} as number_asssess_mediation_tribunal,
        {{ count_where('other_mediation') }} as number_other_mediation,
        {{ count_where('other_tribunal') }} as number_other_tribunal,
        {{ count_where('other_mediation and other_tribunal') }} as number_other_mediation_tribunal
    from {{ release_rows('assessments', 'record', ['age_received', 'ethnicity', 'sex']) }}
    group by collection_year, breakdown_topic, breakdown
)

select
    {{ release_identity('assessments') }},
    counted.assess_in_year,
    counted.assess_issued,
    {{ release_percent('counted.assess_issued', 'counted.assess_in_year') }} as assess_issued_pc,
    counted.assess_not_issued,
    {{ release_percent('counted.assess_not_issued', 'counted.assess_in_year') }} as assess_not_issued_pc,
    counted.assess_not_made,
    {{ release_percent('counted.assess_not_made', 'counted.assess_in_year') }} as assess_not_made_pc,
    counted.assess_withdrawn,
    {{ release_percent('counted.assess_withdrawn', 'counted.assess_in_year') }} as assess_withdrawn_pc,
    counted.outcome_decision_within_time,
    counted.outcome_decision_over_time,
    {{ release_percent(
        'counted.outcome_decision_within_time', 'counted.outcome_decision_within_time + counted.outcome_decision_over_time'
    ) }} as outcome_decision_within_time_pc,
    {{ release_percent(
        'counted.outcome_decision_over_time', 'counted.outcome_decision_within_time + counted.outcome_decision_over_time'
    ) }} as outcome_decision_over_time_pc,
    counted.number_assess_mediation,
    counted.number_assess_tribunal,
    counted.number_asssess_mediation_tribunal,
    counted.number_other_mediation,
    counted.number_other_tribunal,
    counted.number_other_mediation_tribunal
from counted
{{ release_area_join() }}
