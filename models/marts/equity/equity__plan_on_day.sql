-- One plan, one child, one placement: the plan in force on the stock date of each calendar year, term and month, and the
-- first-ranked setting that the child attends. Both ends of a plan and of a placement count as in force, as in the return.
with period as (
    select period_id, period_type, stock_date, academic_year
    from {{ ref('dim_period') }}
    where period_type in ('calendar_year', 'month', 'term')
),

plan as (
    select
        period.period_id,
        period.period_type,
        period.stock_date,
        period.academic_year,
        plans.plan_key,
        plans.person_key,
        row_number() over (
            partition by period.period_id, plans.person_key order by plans.start_date desc, plans.plan_key
        ) as nth
    from period
    inner join {{ ref('fct_plan') }} as plans
        on {{ plan_in_force('period.stock_date') }}
),

placement as (
    select
        plan.period_id,
        placements.placement_key,
        placements.plan_key,
        placements.establishment_key,
        placements.setting_group,
        placements.setting_la_code,
        coalesce(placements.sen_unit, false) as sen_unit,
        coalesce(placements.resourced_provision, false) as resourced_provision,
        coalesce(placements.residential_weeks, 0) as residential_weeks,
        row_number() over (
            partition by plan.period_id, placements.plan_key
            order by placements.entry_date desc nulls last, placements.placement_key
        ) as nth
    from plan
    inner join {{ ref('fct_placement') }} as placements
        on placements.plan_key = plan.plan_key
        and placements.kind = 'attended'
        and placements.rank = 1
        and (placements.entry_date is null or placements.entry_date <= plan.stock_date)
        and (placements.leaving_date is null or placements.leaving_date >= plan.stock_date)
    where plan.nth = 1
)

select
    plan.period_id,
    plan.period_type,
    plan.stock_date,
    plan.person_key,
    plan.plan_key,
    {{ age_at('person.birth_date', 'plan.stock_date') }} as age_at_stock_date,
    {{ age_at('person.birth_date', date_of('plan.academic_year', 8, 31)) }} as age_at_31_august,
    person.in_county as is_home_in_county,
    placement.placement_key,
    placement.establishment_key,
    coalesce(placement.setting_group, 'not_recorded') as setting_group,
    coalesce(setting.setting_type, 'elsewhere') as setting_type,
    coalesce(establishment.sector, 'unknown') as sector,
    coalesce(establishment.is_state_mainstream, false) as is_state_mainstream,
    coalesce(establishment.is_state_mainstream and placement.sen_unit, false) as is_in_unit,
    coalesce(establishment.is_state_mainstream and placement.resourced_provision, false) as is_in_resourced_provision,
    coalesce(establishment.is_state_mainstream and (placement.sen_unit or placement.resourced_provision), false) as is_in_base,
    placement.setting_la_code is not null and coalesce(placement.setting_group, '') <> 'online' as has_physical_setting,
    coalesce(placement.setting_la_code <> '{{ var("la_code") }}' and placement.setting_group <> 'online', false) as is_out_of_area,
    coalesce(placement.residential_weeks, 0) as residential_weeks,
    case
        when placement.setting_group <> 'online'
            then {{ straight_line_km('person', 'establishment') }}
    end as km_to_setting
from plan
inner join {{ ref('dim_person') }} as person on person.person_key = plan.person_key
left join placement
    on placement.period_id = plan.period_id and placement.plan_key = plan.plan_key and placement.nth = 1
left join {{ ref('dim_establishment') }} as establishment on establishment.establishment_key = placement.establishment_key
left join {{ ref('setting_type') }} as setting
    on setting.setting_group = coalesce(placement.setting_group, 'not_recorded')
where plan.nth = 1
