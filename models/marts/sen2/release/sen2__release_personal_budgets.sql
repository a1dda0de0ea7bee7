-- Plans in force with a personal budget.
with record as (
    select *
    from {{ ref('int_sen2__release_plan') }}
    where is_in_force
),

counted as (
    select
        collection_year,
        breakdown_topic,
        breakdown,
        {{ count_where("personal_budget = '1'") }} as personal_budget,
        {{ count_where("personal_budget = '1' and organised_arrangements = '1'") }} as org_arrangments,
        {{ count_where("personal_budget = '1' and direct_payments = 'H'") }} as pb_health,
        {{ count_where("personal_budget = '1' and direct_payments = 'E'") }} as pb_education,
        {{ count_where("personal_budget = '1' and direct_payments = 'S'") }} as pb_social,
        {{ count_where("personal_budget = '1' and direct_payments = 'I'") }} as pb_integrated
    from {{ release_rows('personal_budgets', 'record', ['age_31_august', 'ethnicity', 'sex', 'setting', 'setting_total']) }}
    group by collection_year, breakdown_topic, breakdown
)

select
    {{ release_identity('personal_budgets') }},
    counted.personal_budget,
    counted.org_arrangments,
    counted.pb_health,
    counted.pb_education,
    counted.pb_social,
    counted.pb_integrated
from counted
{{ release_area_join() }}
