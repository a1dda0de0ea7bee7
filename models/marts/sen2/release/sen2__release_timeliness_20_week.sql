-- Plans issued in the calendar year by the weeks that they took, with and without the permitted exceptions. A record without
-- ReceivedDate is in the base and in no band.
with record as (
    select
        *,
        coalesce(days_to_outcome <= {{ release_parameter('issue_days', 'records.collection_year') }}, false) as is_within,
        coalesce(
            days_to_outcome > {{ release_parameter('issue_days', 'records.collection_year') }}
            and days_to_outcome <= {{ release_parameter('issue_year_days', 'records.collection_year') }},
            false
        ) as is_within_year,
        coalesce(
            days_to_outcome > {{ release_parameter('issue_year_days', 'records.collection_year') }}, false
        ) as is_over_year
    from {{ ref('int_sen2__release_request') }} as records
    where is_issued_in_year
),

counted as (
    select
        collection_year,
        breakdown_topic,
        breakdown,
        count(*) as plans_issued_den,
        {{ count_where('not exception_applies') }} as plans_issued_den_ex,
        {{ count_where('is_within') }} as plans_issued_within_20_weeks,
        {{ count_where('is_within and not exception_applies') }} as plans_issued_20_weeks_ex,
        {{ count_where('is_within_year') }} as plans_issued_gt20weeks_ltyear,
        {{ count_where('is_within_year and not exception_applies') }} as plans_issued_gt20weeks_ltyear_ex,
        {{ count_where('is_over_year') }} as plans_issued_gt_1_year,
        {{ count_where('is_over_year and not exception_applies') }} as plans_issued_gt_1_year_ex,
        -- Tenths of weeks: ten times the days are to seven times the records.
        sum(days_to_outcome) as days,
        count(days_to_outcome) as dated,
        sum(case when not exception_applies then days_to_outcome end) as days_ex,
        count(case when not exception_applies then days_to_outcome end) as dated_ex
    from {{ release_rows('timeliness_20_week', 'record', ['age_received', 'ethnicity', 'sex']) }}
    group by collection_year, breakdown_topic, breakdown
)

select
    {{ release_identity('timeliness_20_week') }},
    counted.plans_issued_den,
    counted.plans_issued_den_ex,
    counted.plans_issued_within_20_weeks,
    counted.plans_issued_20_weeks_ex,
    {{ release_percent('counted.plans_issued_within_20_weeks', 'counted.plans_issued_den') }} as pc_plans_issued_within_20_weeks,
    {{ release_percent('counted.plans_issued_20_weeks_ex', 'counted.plans_issued_den_ex') }} as pc_plans_issued_20_weeks_ex,
    counted.plans_issued_gt20weeks_ltyear,
    counted.plans_issued_gt20weeks_ltyear_ex,
    {{ release_percent('counted.plans_issued_gt20weeks_ltyear', 'counted.plans_issued_den') }} as pc_plans_issued_gt20weeks_ltyear,
    {{ release_percent('counted.plans_issued_gt20weeks_ltyear_ex', 'counted.plans_issued_den_ex') }}
        as pc_plans_issued_gt20weeks_ltyear_ex,
    counted.plans_issued_gt_1_year,
    counted.plans_issued_gt_1_year_ex,
    {{ release_percent('counted.plans_issued_gt_1_year', 'counted.plans_issued_den') }} as pc_plans_issued_gt_1_year,
    {{ release_percent('counted.plans_issued_gt_1_year_ex', 'counted.plans_issued_den_ex') }} as pc_plans_issued_gt_1_year_ex,
    {{ release_tenths('counted.days', '7.0 * counted.dated') }} as avg_weeks_issue_plan,
    {{ release_tenths('counted.days_ex', '7.0 * counted.dated_ex') }} as avg_weeks_issue_plan_exc
from counted
{{ release_area_join() }}
