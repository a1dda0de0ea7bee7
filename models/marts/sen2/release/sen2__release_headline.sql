-- The figures that a director asks for first, from the total rows of the tables: numerator, denominator and how sure the
-- definition is.
with total as (
    {{ release_totals({
        'caseload': [
            'ehcplans', 'mainstream_total', 'special_total', 'mainstream_independent', 'special_independent',
            'special_non_maintained', 'neet', 'neet_ntci', 'neet_other', 'neet_other_csa', 'elective_home_education',
            'other_arrangements_la',
        ],
        'new_plans': ['new_ehc_plans'],
        'sen_need_all_plans': ['ehc_plans', 'number_semh', 'number_asd', 'number_slcn'],
        'requests': [
            'requests_received_in_year', 'requests_decided_not_to_assess', 'request_outcome_six_weeks',
            'requests_decided_in_year',
        ],
        'assessments': ['assess_in_year', 'assess_not_issued'],
        'timeliness_20_week': [
            'plans_issued_den', 'plans_issued_den_ex', 'plans_issued_within_20_weeks', 'plans_issued_20_weeks_ex',
            'avg_weeks_issue_plan', 'avg_weeks_issue_plan_exc',
        ],
        'annual_reviews': [
            'review_expected', 'total_review_meeting', 'number_decsion_4weeks', 'number_decision_gt_4weeks',
        ],
        'personal_budgets': ['personal_budget'],
        'ceased_plans': ['total_ceased'],
    }) }}
),

measured as (
    select
        total.collection_year,
        headline.measure_id,
        sum(case when '+' || headline.numerator || '+' like '%+' || total.column_name || '+%' then total.value end) as numerator,
        sum(case when '+' || headline.denominator || '+' like '%+' || total.column_name || '+%' then total.value end)
            as denominator
    from total
    cross join {{ ref('release_headline') }} as headline
    group by total.collection_year, headline.measure_id
)

select
    measured.collection_year,
    measured.measure_id,
    headline.sort_order,
    headline.title,
    case
        when headline.denominator is null then measured.numerator
        else {{ release_percent('measured.numerator', 'measured.denominator') }}
    end as value,
    headline.unit,
    case when headline.unit = 'weeks' then null else measured.numerator end as numerator,
    measured.denominator,
    headline.status,
    headline.definition,
    headline.choice
from measured
inner join {{ ref('release_headline') }} as headline on measured.measure_id = headline.measure_id
where measured.numerator is not null
