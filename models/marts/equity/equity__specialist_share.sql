-- What share of the plans of a need and phase are in a special school of any kind or in a base of a mainstream school, on the newest
-- stock date; of needs with few plans, the share of the whole phase.
{% set fewest = 20 %}
with plan as (
    select
        people.primary_need as need,
        {{ provision_phase('plans.age_at_31_august') }} as phase,
        {{ counted("plans.is_in_base or plans.setting_type = 'special'") }} as is_specialist
    from {{ ref('equity__plan_in_force') }} as plans
    inner join {{ ref('equity__person_period') }} as people
        on people.period_id = plans.period_id and people.person_key = plans.person_key
    where
        plans.age_at_31_august is not null
        and plans.stock_date = (select max(stock_date) from {{ ref('equity__plan_in_force') }})
),

of_phase as (
    select phase, count(*) as plans, sum(is_specialist) as specialist
    from plan
    group by phase
),

of_need as (
    select need, phase, count(*) as plans, sum(is_specialist) as specialist
    from plan
    group by need, phase
)

select
    need.need,
    of_phase.phase,
    coalesce(of_need.plans, 0) as plans,
    cast(
        case
            when of_need.plans >= {{ fewest }} then of_need.specialist / of_need.plans
            else of_phase.specialist / of_phase.plans
        end as double
    ) as specialist_share,
    coalesce(of_need.plans >= {{ fewest }}, false) as is_of_the_need
from (select distinct need from {{ ref('equity__plan_flow') }}) as need
cross join of_phase
left join of_need on of_need.need = need.need and of_need.phase = of_phase.phase
