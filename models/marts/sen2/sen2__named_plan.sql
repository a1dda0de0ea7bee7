-- Plans in the return, as they stood on census day.
select
    sen2_case.collection_year,
    sen2_case.person_record_id,
    sen2_case.request_record_id,
    sen2_case.person_key,
    sen2_case.scope_case,
    sen2_case.scope_case_name,
    plan.source_file,
    plan.source_row,
    sen2_case.start_date as "StartDate",
    {{ sen2_residential('plan.residential_weeks', 'sen2_case.collection_year') }} as "PlanRes",
    plan.work_based_activity as "PlanWBP",
    {{ sen2_flag('plan.personal_budget') }} as "PB",
    case when plan.personal_budget or plan.organised_arrangements then {{ sen2_flag('plan.organised_arrangements') }} end as "OA",
    plan.direct_payments as "DP",
    sen2_case.cease_date as "CeaseDate",
    -- A reason without any date is a fault that must show; a reason dated after census day is not known yet.
    case when plan.cease_date is null or sen2_case.cease_date is not null then plan.cease_reason end as "CeaseReason"
from {{ ref('sen2__case') }} as sen2_case
inner join {{ ref('fct_plan') }} as plan on sen2_case.plan_key = plan.plan_key
where sen2_case.scope_case is not null and sen2_case.has_plan
{{ and_returned('named_plan') }}
