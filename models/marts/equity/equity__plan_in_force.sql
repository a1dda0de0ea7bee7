-- The plan in force of each child on the stock date of each calendar year.
select
    period_id,
    stock_date,
    person_key,
    plan_key,
    age_at_stock_date,
    age_at_31_august,
    is_home_in_county,
    placement_key,
    establishment_key,
    setting_group,
    setting_type,
    sector,
    is_state_mainstream,
    is_in_unit,
    is_in_resourced_provision,
    is_in_base,
    has_physical_setting,
    is_out_of_area,
    residential_weeks,
    km_to_setting
from {{ ref('equity__plan_on_day') }}
where period_type = 'calendar_year'
