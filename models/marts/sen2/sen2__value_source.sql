-- Records whose items come from several rows of the extracts: where those of another row than the record's own came from.
-- A placement record has its plan's row, its review is a row of its own; so is a plan's personal budget. Of what another
-- system returned there is one row for all, the record's.
with plan as (
    select
        version.collection_year,
        sen2_case.request_record_id,
        version.plan_key
    from {{ ref('sen2__case') }} as sen2_case
    inner join {{ ref('sen2__plan_version') }} as version
        on sen2_case.collection_year = version.collection_year and sen2_case.plan_key = version.record_plan_key
    where sen2_case.scope_case is not null and sen2_case.has_plan
),

review as (
    select
        record.collection_year,
        record.request_record_id,
        'review' as origin,
        review.source_file,
        review.source_row,
        row_number() over (
            partition by record.collection_year, record.request_record_id
            order by {{ sen2_review_order('review') }}
        ) as latest_first
    from {{ ref('sen2__active_plans') }} as record
    inner join plan
        on record.collection_year = plan.collection_year and record.request_record_id = plan.request_record_id
    inner join {{ ref('fct_review') }} as review
        on plan.plan_key = review.plan_key
        and record."ReviewMeeting" = review.meeting_date
        and coalesce(review.review_type <> 'interim', true)
),

phase_transfer as (
    select
        record.collection_year,
        record.request_record_id,
        'phase_transfer' as origin,
        review.source_file,
        review.source_row,
        row_number() over (
            partition by record.collection_year, record.request_record_id
            order by
                review.phase_transfer_due_date desc nulls last,
                review.phase_transfer_final_date desc nulls last,
                review.review_key
        ) as latest_first
    from {{ ref('sen2__active_plans') }} as record
    inner join plan
        on record.collection_year = plan.collection_year and record.request_record_id = plan.request_record_id
    inner join {{ ref('fct_review') }} as review
        on plan.plan_key = review.plan_key
        and coalesce(
            record."PhaseTransferDueDate" = review.phase_transfer_due_date,
            record."PhaseTransferFinalDate" = review.phase_transfer_final_date
        )
),

budget as (
    select
        sen2_case.collection_year,
        sen2_case.request_record_id,
        'personal_budget' as origin,
        plan.budget_source_file as source_file,
        plan.budget_source_row as source_row,
        1 as latest_first
    from {{ ref('sen2__case') }} as sen2_case
    inner join {{ ref('fct_plan') }} as plan on sen2_case.plan_key = plan.plan_key
    where sen2_case.scope_case is not null and sen2_case.has_plan and plan.budget_source_file is not null
)

select collection_year, request_record_id, origin, source_file, source_row
from review
where latest_first = 1
union all
select collection_year, request_record_id, origin, source_file, source_row
from phase_transfer
where latest_first = 1
union all
select collection_year, request_record_id, origin, source_file, source_row
from budget
