-- Requests received in the calendar year and how they were decided; decisions of the year; mediation and tribunal.
with record as (
    select
        *,
        is_decided_in_year
        and days_to_decision <= {{ release_parameter('request_days', 'records.collection_year') }} as is_in_time,
        is_decided_in_year
        and days_to_decision > {{ release_parameter('request_days', 'records.collection_year') }} as is_late
    from {{ ref('int_sen2__release_request') }} as records
    where is_request
),

counted as (
    select
        collection_year,
        breakdown_topic,
        breakdown,
        {{ count_where('is_received_in_year') }} as requests_received_in_year,
        {{ count_where('is_received_in_year and in_youth_accommodation') }} as requests_rya,
        {{ count_where("is_received_in_year and request_outcome = 'Y'") }} as requests_decided_to_assess,
        {{ count_where("is_received_in_year and request_outcome = 'N'") }} as requests_decided_not_to_assess,
        {{ count_where("is_received_in_year and request_outcome = 'A'") }} as requests_decision_not_made,
        {{ count_where("is_received_in_year and request_outcome = 'W'") }} as requests_withdrawn,
        {{ count_where('is_in_time') }} as request_outcome_six_weeks,
        {{ count_where('is_late') }} as request_outcome_over_6_weeks,
        {{ count_where('is_decided_in_year') }} as requests_decided_in_year,
        {{ count_where('request_mediation') }} as mediation_related_request,
        {{ count_where('request_tribunal') }} as tribunal_related_request,
        {{ count_where('request_mediation and request_tribunal') }} as tribunal_after_mediation_request
    from {{ release_rows('requests', 'record', ['age_received', 'ethnicity', 'sex']) }}
    group by collection_year, breakdown_topic, breakdown
)

select
    {{ release_identity('requests') }},
    counted.requests_received_in_year,
    counted.requests_rya,
    counted.requests_decided_to_assess,
    counted.requests_decided_not_to_assess,
    counted.requests_decision_not_made,
    counted.requests_withdrawn,
    {{ release_percent('counted.requests_decided_to_assess', 'counted.requests_received_in_year') }} as request_assess_pc,
    {{ release_percent('counted.requests_decided_not_to_assess', 'counted.requests_received_in_year') }} as request_not_assess_pc,
    {{ release_percent('counted.requests_decision_not_made', 'counted.requests_received_in_year') }} as request_outstanding_pc,
    {{ release_percent('counted.requests_withdrawn', 'counted.requests_received_in_year') }} as request_withdrawn_pc,
    counted.request_outcome_six_weeks,
    counted.request_outcome_over_6_weeks,
    counted.requests_decided_in_year,
    {{ release_percent('counted.request_outcome_six_weeks', 'counted.requests_decided_in_year') }} as request_outcome_six_weeks_pc,
    {{ release_percent('counted.request_outcome_over_6_weeks', 'counted.requests_decided_in_year') }}
        as request_outcome_over_6_weeks_pc,
    counted.mediation_related_request,
    counted.tribunal_related_request,
    counted.tribunal_after_mediation_request
from counted
{{ release_area_join() }}
