with case_record as (
    select
        request_id,
        bool_or(about = 'refuse_issue' and kind = 'mediation' and held_date is not null) as mediation_held,
        bool_or(about = 'refuse_issue' and kind = 'appeal') as appeal_made,
        bool_or(about not in ('refuse_assess', 'refuse_issue') and kind = 'mediation' and held_date is not null) as other_mediation_held,
        bool_or(about not in ('refuse_assess', 'refuse_issue') and kind = 'appeal') as other_appeal_made
    from {{ ref('stg_ehc__appeal') }}
    where request_id is not null
    group by request_id
)

select
    {{ key('assessment', ['assessment.assessment_id']) }} as assessment_key,
    request.request_key,
    request.person_key,
    assessment.outcome,
    assessment.outcome_date,
    assessment.draft_issued_date,
    {% for flag in ['mediation_held', 'appeal_made', 'other_mediation_held', 'other_appeal_made'] -%}
    coalesce(assessment.{{ flag }}, false) or coalesce(case_record.{{ flag }}, false) as {{ flag }},
    {% endfor -%}
    assessment.exception_applies,
    assessment.exception_reason,
    request.received_date as request_received_date,
    {{ days_between('request.received_date', 'assessment.outcome_date') }} as days_from_request,
    assessment._source_file as source_file,
    assessment._source_row as source_row
from {{ ref('stg_ehc__assessment') }} as assessment
inner join {{ ref('fct_request') }} as request on {{ key('request', ['assessment.request_id']) }} = request.request_key
left join case_record on assessment.request_id = case_record.request_id
