-- Assessments in the return. A plan always has one above it: where the case system holds none, the plan stands for it.
-- The four marks and the exception are sent for decisions of the year (Y, N); of a historical one nothing more is asked.
-- A date or a yes on an assessment that is still open is a fault, and stays to be found (A04, R17).
with appeal as (
    select
        request_key,
        min(case when kind = 'mediation' and about = 'refuse_issue' then coalesce(held_date, registered_date) end) as mediation_date,
        min(case when kind = 'appeal' and about = 'refuse_issue' then coalesce(registered_date, held_date) end) as appeal_date,
        min(case when kind = 'mediation' and about <> 'refuse_issue' then coalesce(held_date, registered_date) end) as other_mediation_date,
        min(case when kind = 'appeal' and about <> 'refuse_issue' then coalesce(registered_date, held_date) end) as other_appeal_date
    from {{ ref('fct_appeal') }}
    where about <> 'refuse_assess'
    group by request_key
),

marked as (
    select
        sen2_case.*,
        coalesce(assessment.mediation_held, false) and coalesce(appeal.mediation_date <= sen2_case.census_day, true) as mediation_held,
        coalesce(assessment.appeal_made, false) and coalesce(appeal.appeal_date <= sen2_case.census_day, true) as appeal_made,
        coalesce(assessment.other_mediation_held, false)
            and coalesce(appeal.other_mediation_date <= sen2_case.census_day, true) as other_mediation_held,
        coalesce(assessment.other_appeal_made, false)
            and coalesce(appeal.other_appeal_date <= sen2_case.census_day, true) as other_appeal_made,
        assessment.exception_applies,
        assessment.source_file as assessment_source_file,
        assessment.source_row as assessment_source_row
    from {{ ref('sen2__case') }} as sen2_case
    left join {{ ref('fct_assessment') }} as assessment on sen2_case.assessment_key = assessment.assessment_key
    left join appeal on sen2_case.request_key = appeal.request_key
    where sen2_case.scope_case is not null and sen2_case.has_assessment
)

select
    collection_year,
    person_record_id,
    request_record_id,
    person_key,
    scope_case,
    scope_case_name,
    coalesce(assessment_source_file, source_file) as source_file,
    coalesce(assessment_source_row, source_row) as source_row,
    assessment_outcome as "AssessmentOutcome",
    case when assessment_outcome in ('Y', 'N', 'A') then assessment_outcome_date end as "AssessmentOutcomeDate",
    {{ sen2_mark('mediation_held', 'assessment_outcome') }} as "AssessmentMediation",
    {{ sen2_mark('appeal_made', 'assessment_outcome') }} as "AssessmentTribunal",
    {{ sen2_mark('other_mediation_held', 'assessment_outcome') }} as "OtherMediation",
    {{ sen2_mark('other_appeal_made', 'assessment_outcome') }} as "OtherTribunal",
    case when assessment_outcome in ('Y', 'N') then {{ sen2_flag('exception_applies') }} end as "Week20"
from marked
{{ and_returned('assessment') }}
