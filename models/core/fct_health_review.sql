-- Health visiting reviews: when each fell due and whether it was held. A due date that is not stated is the child's age in days
-- of code_hv_review. Areas of ASQ-3 below their cut-off are counted; a review without scores has no count.
with below as (
    select source_file, source_row, count(*) filter (where is_below_cutoff) as below_count
    from {{ ref('fct_health_score') }}
    where source = 'health_visiting'
    group by source_file, source_row
)

select
    {{ key('health_review', ['review.patient_id', 'review.review_type', 'review.due_date']) }} as health_review_key,
    identity.person_key,
    review.review_type,
    coalesce(review.due_date, {{ days_after('review.birth_date', 'review_type.due_days') }}) as due_date,
    review.held_date,
    review.held_date is not null as was_held,
    {{ days_between('coalesce(review.due_date, ' ~ days_after('review.birth_date', 'review_type.due_days') ~ ')', 'review.held_date') }}
        as days_after_due,
    review.questionnaire_month,
    below.below_count as areas_below_cutoff_count,
    review._source_file as source_file,
    review._source_row as source_row
from {{ ref('stg_health_visiting__review') }} as review
inner join {{ ref('bridge_person_identity') }} as identity
    on identity.source = 'health_visiting' and review.patient_id = identity.source_person_id
left join {{ ref('code_hv_review') }} as review_type on review.review_type = review_type.code
left join below on review._source_file = below.source_file and review._source_row = below.source_row
