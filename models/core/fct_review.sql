select
    {{ key('review', ['review.review_id']) }} as review_key,
    plan.plan_key,
    plan.person_key,
    review.review_type,
    review.due_date,
    review.meeting_date,
    review.decision_date,
    review.outcome,
    review.draft_issued_date,
    review.final_issued_date,
    review.phase_transfer_due_date,
    review.phase_transfer_final_date,
    review.child_contributed,
    review.attended_education,
    review.attended_health,
    review.attended_care,
    {{ days_between('review.meeting_date', 'review.decision_date') }} as days_to_decision,
    review._source_file as source_file,
    review._source_row as source_row
from {{ ref('stg_ehc__review') }} as review
inner join {{ ref('fct_plan') }} as plan on {{ key('plan', ['review.plan_id']) }} = plan.plan_key
