-- How children, families and services took part: kind says what a row is. views: somebody's views were recorded. review: one role at
-- one review. log: an occasion on which families helped to shape services, which is about no one child.
{% set no_text = 'cast(null as ' ~ dbt.type_string() ~ ')' %}
select
    {{ key('views', ['views.view_id']) }} as participation_key,
    'views' as kind,
    identity.person_key,
    plan.plan_key,
    request.request_key,
    {{ no_text }} as review_key,
    views.given_by as participant_role,
    views.recorded_date as happened_date,
    views.method,
    cast(null as boolean) as invited,
    cast(null as boolean) as attended,
    cast(null as boolean) as contributed,
    {{ no_text }} as activity,
    {{ no_text }} as about,
    cast(null as integer) as people_count,
    cast(null as boolean) as led_to_change,
    views._source_file as source_file,
    views._source_row as source_row
from {{ ref('stg_ehc__recorded_view') }} as views
left join {{ ref('bridge_person_identity') }} as identity
    on identity.source = 'ehc' and views.person_id = identity.source_person_id
left join {{ ref('fct_plan') }} as plan on {{ key('plan', ['views.plan_id']) }} = plan.plan_key
left join {{ ref('fct_request') }} as request on {{ key('request', ['views.request_id']) }} = request.request_key
union all
select
    {{ key('at_review', ['attendance.review_id', 'attendance.participant_role']) }},
    'review',
    review.person_key,
    review.plan_key,
    null,
    review.review_key,
    attendance.participant_role,
    review.meeting_date,
    null,
    attendance.invited,
    attendance.attended,
    attendance.contributed,
    null,
    null,
    null,
    null,
    attendance._source_file,
    attendance._source_row
from {{ ref('stg_ehc__review_attendance') }} as attendance
inner join {{ ref('fct_review') }} as review on {{ key('review', ['attendance.review_id']) }} = review.review_key
union all
select
    {{ key('participation', ['occasion.participation_id']) }},
    'log',
    null,
    null,
    null,
    null,
    null,
    occasion.held_date,
    null,
    null,
    null,
    null,
    occasion.activity,
    occasion.about,
    occasion.people_count,
    occasion.led_to_change,
    occasion._source_file,
    occasion._source_row
from {{ ref('stg_ehc__participation') }} as occasion
