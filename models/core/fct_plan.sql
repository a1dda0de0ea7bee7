-- A plan's assessment is the one of its request that ended in a plan; of several the latest.
with assessment as (
    select request_key, assessment_key
    from {{ first_rows(
        ref('fct_assessment'), ['request_key'],
        "case outcome when 'Y' then 0 else 1 end, outcome_date desc nulls last, assessment_key"
    ) }}
)

select
    {{ key('plan', ['plan.plan_id']) }} as plan_key,
    identity.person_key,
    request.request_key,
    assessment.assessment_key,
    plan.start_date,
    plan.transferred_from_la_code,
    plan.transferred_in_date,
    plan.residential_weeks,
    plan.work_based_activity,
    budget.taken_up as personal_budget,
    budget.organised_arrangements,
    budget.direct_payments,
    plan.cease_date,
    plan.cease_reason,
    plan._source_file as source_file,
    plan._source_row as source_row,
    budget._source_file as budget_source_file,
    budget._source_row as budget_source_row
from {{ ref('stg_ehc__plan') }} as plan
inner join {{ ref('bridge_person_identity') }} as identity
    on identity.source = 'ehc' and plan.person_id = identity.source_person_id
left join {{ ref('fct_request') }} as request on {{ key('request', ['plan.request_id']) }} = request.request_key
left join assessment on request.request_key = assessment.request_key
left join {{ ref('stg_ehc__personal_budget') }} as budget on plan.plan_id = budget.plan_id
