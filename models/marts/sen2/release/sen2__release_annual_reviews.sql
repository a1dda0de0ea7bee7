-- Annual reviews of the plans in force. Two columns are what is left of the meetings, as in DfE's file, and may fall below zero.
with plan as (
    select
        *,
        coalesce(
            years_in_place >= {{ release_parameter('review_expected_years', 'plans.collection_year') }}, true
        ) as is_expected,
        extract(year from review_meeting) - collection_year as meeting_year,
        case when review_meeting is not null then extract(year from last_review) - collection_year end as decision_year,
        {{ days_between('review_meeting', 'last_review') }} as days_to_decision,
        {{ days_between('review_meeting', 'census_day') }} as days_to_census,
        {{ release_parameter('review_days', 'plans.collection_year') }} as review_days,
        {{ release_parameter('review_not_due_days', 'plans.collection_year') }} as not_due_days
    from {{ ref('int_sen2__release_plan') }} as plans
    where
        is_in_force
        and {{ release_is_made('annual_reviews', 'collection_year') }}
),

record as (
    select
        *,
        is_expected and review_meeting is not null as has_meeting,
        is_expected and days_to_census <= not_due_days as is_not_due,
        is_expected and days_to_decision <= review_days as is_in_time,
        is_expected and days_to_decision > review_days as is_late
    from plan
),

counted as (
    select
        collection_year,
        breakdown_topic,
        breakdown,
        count(*) as total_ehc_plans,
        {{ count_where('is_expected') }} as review_expected,
        {{ count_where('has_meeting and meeting_year >= 0') }} as review_meeting_census_year,
        {{ count_where('has_meeting and meeting_year = -1') }} as review_meeting_in_year,
        {{ count_where('has_meeting and meeting_year < -1') }} as review_meeting_before,
        {{ count_where('has_meeting') }} as total_review_meeting,
        {{ count_where('has_meeting and decision_year = 0') }} as review_decision_census_year,
        {{ count_where('has_meeting and decision_year = -1') }} as review_decision_in_year,
        {{ count_where('has_meeting and decision_year < -1') }} as review_decision_before,
        {{ count_where('is_not_due') }} as review_decision_not_due,
        {{ count_where("is_expected and review_outcome = 'A'") }} as outcome_amend,
        {{ count_where("is_expected and review_outcome = 'C'") }} as outcome_cease,
        {{ count_where("is_expected and review_outcome = 'M'") }} as outcome_maintan,
        {{ count_where('is_in_time') }} as number_decsion_4weeks,
        {{ count_where('is_late') }} as number_decision_gt_4weeks
    from {{ release_rows(
        'annual_reviews', 'record', ['age_31_august', 'ethnicity', 'sex', 'setting', 'setting_total', 'years_in_place']
    ) }}
    group by collection_year, breakdown_topic, breakdown
)

select
    {{ release_identity('annual_reviews') }},
    counted.total_ehc_plans,
    counted.review_expected,
    counted.total_ehc_plans - counted.review_expected as review_not_expected,
    counted.review_meeting_census_year,
    counted.review_meeting_in_year,
    counted.review_meeting_before,
    counted.total_review_meeting,
    counted.review_expected - counted.total_review_meeting as no_review_meeting,
    counted.review_decision_census_year,
    counted.review_decision_in_year,
    counted.review_decision_before,
    counted.review_decision_not_due,
    counted.total_review_meeting - counted.review_decision_census_year - counted.review_decision_in_year
    - counted.review_decision_before - counted.review_decision_not_due as review_decision_outstanding,
    counted.outcome_amend,
    counted.outcome_cease,
    counted.outcome_maintan,
    counted.total_review_meeting - counted.outcome_amend - counted.outcome_cease - counted.outcome_maintan as no_outcome,
    counted.number_decsion_4weeks,
    counted.number_decision_gt_4weeks,
    {{ release_percent(
        'counted.number_decsion_4weeks', 'counted.number_decsion_4weeks + counted.number_decision_gt_4weeks'
    ) }} as pc_decsion_4weeks,
    {{ release_percent(
        'counted.number_decision_gt_4weeks', 'counted.number_decsion_4weeks + counted.number_decision_gt_4weeks'
    ) }} as pc_decision_gt_4weeks
from counted
{{ release_area_join() }}
