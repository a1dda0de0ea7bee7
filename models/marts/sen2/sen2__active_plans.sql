-- Placement, review and transfer of every plan in the return, as known on census day.
with plan as (
    select *
    from {{ ref('sen2__case') }}
    where scope_case is not null and has_plan
),

-- The latest meeting by census day, and what was known of its outcome then. Interim reviews are not annual reviews.
meeting as (
    select
        plan.collection_year,
        plan.plan_key,
        review.meeting_date,
        case when review.decision_date <= plan.census_day then review.decision_date end as decision_date,
        case when coalesce(review.decision_date <= plan.census_day, true) then review.outcome end as outcome,
        case when review.draft_issued_date <= plan.census_day then review.draft_issued_date end as draft_issued_date,
        row_number() over (
            partition by plan.collection_year, plan.plan_key
            order by {{ sen2_review_order('review') }}
        ) as latest_first
    from plan
    inner join {{ ref('sen2__plan_version') }} as version
        on plan.collection_year = version.collection_year and plan.plan_key = version.record_plan_key
    inner join {{ ref('fct_review') }} as review on version.plan_key = review.plan_key
    where review.meeting_date <= plan.census_day and coalesce(review.review_type <> 'interim', true)
),

-- The phase transfer due in the year, or in the year of the census.
phase_transfer as (
    select
        plan.collection_year,
        plan.plan_key,
        review.phase_transfer_due_date as due_date,
        case when review.phase_transfer_final_date <= plan.census_day then review.phase_transfer_final_date end as final_date,
        row_number() over (
            partition by plan.collection_year, plan.plan_key
            order by review.phase_transfer_due_date desc nulls last, review.phase_transfer_final_date desc nulls last, review.review_key
        ) as latest_first
    from plan
    inner join {{ ref('sen2__plan_version') }} as version
        on plan.collection_year = version.collection_year and plan.plan_key = version.record_plan_key
    inner join {{ ref('fct_review') }} as review on version.plan_key = review.plan_key
    where
        coalesce(review.meeting_date <= plan.census_day, true)
        and (
            review.phase_transfer_due_date between plan.year_start and {{ date_of('plan.collection_year', 12, 31) }}
            or (
                review.phase_transfer_due_date is null
                and review.phase_transfer_final_date between plan.year_start and plan.census_day
            )
        )
),

-- 2023 asked for residence and work-based activity once, not for each placement: those of the main current one.
current_placement as (
    select
        collection_year,
        plan_key,
        residential_weeks,
        work_based_activity,
        row_number() over (
            partition by collection_year, plan_key
            order by rank nulls last, entry_date desc nulls last, {{ latest_row_first() }}, placement_key
        ) as best_first
    from {{ ref('sen2__placement_known') }}
    where kind = 'attended' and leaving_date is null
)

select
    plan.collection_year,
    plan.person_record_id,
    plan.request_record_id,
    plan.person_key,
    plan.scope_case,
    plan.scope_case_name,
    fct_plan.source_file,
    fct_plan.source_row,
    plan.transfer_la_code as "TransferLA",
    {{ sen2_in_year('active_plans', 'Res', 'plan.collection_year',
        sen2_residential('current_placement.residential_weeks', 'plan.collection_year')) }} as "Res",
    {{ sen2_in_year('active_plans', 'WBP', 'plan.collection_year', 'current_placement.work_based_activity') }} as "WBP",
    {{ sen2_in_year('active_plans', 'ReviewMeeting', 'plan.collection_year', 'meeting.meeting_date') }} as "ReviewMeeting",
    {{ sen2_in_year('active_plans', 'ReviewOutcome', 'plan.collection_year', 'meeting.outcome') }} as "ReviewOutcome",
    {{ sen2_in_year('active_plans', 'ReviewDraft', 'plan.collection_year', 'meeting.draft_issued_date') }} as "ReviewDraft",
    {{ sen2_in_year('active_plans', 'PhaseTransferDueDate', 'plan.collection_year', 'phase_transfer.due_date') }}
        as "PhaseTransferDueDate",
    {{ sen2_in_year('active_plans', 'PhaseTransferFinalDate', 'plan.collection_year', 'phase_transfer.final_date') }}
        as "PhaseTransferFinalDate",
    meeting.decision_date as "LastReview"
from plan
inner join {{ ref('fct_plan') }} as fct_plan on plan.plan_key = fct_plan.plan_key
left join meeting
    on plan.collection_year = meeting.collection_year and plan.plan_key = meeting.plan_key and meeting.latest_first = 1
left join phase_transfer
    on plan.collection_year = phase_transfer.collection_year
    and plan.plan_key = phase_transfer.plan_key
    and phase_transfer.latest_first = 1
left join current_placement
    on plan.collection_year = current_placement.collection_year
    and plan.plan_key = current_placement.plan_key
    and current_placement.best_first = 1
{{ and_returned('active_plans') }}
