-- Which groups and areas a person belongs to on the stock date of each calendar year: one column a set or level. Where the
-- record does not say, the value is unknown, and nobody drops out of a breakdown; a home in another council's area is outside.
with period as (
    select period_id, stock_date
    from {{ ref('dim_period') }}
    where period_type = 'calendar_year'
),

area as (
    select
        area_code,
        msoa_code,
        locality_code,
        idaci_decile,
        imd_decile,
        idaci_quintile_county,
        idaci_decile_county,
        imd_decile_county
    from {{ ref('dim_area') }}
    where area_level = 'lsoa' and in_county
),

person_period as (
    select
        period.period_id,
        period.stock_date,
        person.person_key,
        person.sex,
        person.ethnicity_main_code,
        person.ethnicity_group,
        person.in_county,
        case when person.in_county then {{ known_area('person.district_code', 'district') }} end as district_code,
        case when person.in_county then {{ known_area('person.ward_code', 'ward') }} end as ward_code,
        area.msoa_code,
        area.locality_code,
        area.area_code as lsoa21_code,
        area.idaci_decile,
        area.imd_decile,
        area.idaci_quintile_county,
        area.idaci_decile_county,
        area.imd_decile_county
    from period
    cross join {{ ref('dim_person') }} as person
    left join area on area.area_code = person.lsoa21_code
),

-- Rank 1 need of the plan in force; the newest plan and spell where the record has two.
plan_need as (
    select
        period.period_id,
        plans.person_key,
        needs.sen_type,
        row_number() over (
            partition by period.period_id, plans.person_key
            order by plans.start_date desc, needs.from_date desc nulls last, needs.need_key
        ) as nth
    from period
    inner join {{ ref('fct_plan') }} as plans
        on {{ plan_in_force('period.stock_date') }}
    inner join {{ ref('fct_need') }} as needs
        on needs.plan_key = plans.plan_key
        and {{ first_need('period.stock_date') }}
),

census as (
    select
        person_key,
        pupil_term_key,
        census_year,
        {{ census_month('census_year', 'census_term') }} as census_month,
        establishment_key,
        nc_year_actual,
        sen_provision,
        primary_sen_type,
        is_fsm,
        is_eal
    from {{ ref('fct_pupil_term') }}
    where is_main_enrolment
),

-- The census nearest to the stock date, by the month it is taken in; the earlier of two as near.
pupil as (
    select
        period.period_id,
        census.*,
        row_number() over (
            partition by period.period_id, census.person_key
            order by abs({{ months_of('period.stock_date') }} - census.census_month), census.census_year, census.pupil_term_key
        ) as nth
    from period
    cross join census
),

-- Eligible for free school meals in any census of the six years up to the stock date that has landed.
ever_6 as (
    select period.period_id, census.person_key, bool_or(census.is_fsm) as is_ever_6
    from period
    inner join census
        on census.census_month between {{ months_of('period.stock_date') }} - 72 and {{ months_of('period.stock_date') }}
    group by period.period_id, census.person_key
),

care as (
    select
        period.period_id,
        episodes.person_key,
        bool_or(episodes.kind = 'looked_after') as is_looked_after,
        bool_or(episodes.kind in ('child_in_need', 'child_protection')) as is_child_in_need
    from period
    inner join {{ ref('fct_care_episode') }} as episodes
        on episodes.start_date <= period.stock_date
        and (episodes.end_date is null or episodes.end_date > period.stock_date)
    group by period.period_id, episodes.person_key
)

select
    person_period.period_id,
    person_period.person_key,
    {{ home_area('person_period.district_code', 'person_period.in_county') }} as district,
    {{ home_area('person_period.locality_code', 'person_period.in_county') }} as locality,
    {{ home_area('person_period.ward_code', 'person_period.in_county') }} as ward,
    {{ home_area('person_period.msoa_code', 'person_period.in_county') }} as msoa,
    {{ home_area('person_period.lsoa21_code', 'person_period.in_county') }} as lsoa,
    coalesce(
        case
            when pupil.nc_year_actual in ('7', '8', '9', '10', '11', '12', '13', '14') then school.secondary_planning_area_code
            else school.primary_planning_area_code
        end,
        'unknown'
    ) as planning_area,
    coalesce(pupil.establishment_key, 'unknown') as school,
    {% for column in [
        'idaci_quintile_county', 'idaci_decile_county', 'imd_decile_county', 'idaci_decile', 'imd_decile'
    ] -%}
    {{ home_area(tenth('person_period.' ~ column), 'person_period.in_county') }}
        as {{ column.replace('quintile_county', 'quintile') }},
    {% endfor -%}
    case
        when person_period.ethnicity_main_code is null or person_period.ethnicity_main_code in ('REFU', 'NOBT') then 'unknown'
        else person_period.ethnicity_main_code
    end as ethnicity,
    case
        when person_period.ethnicity_group is null or person_period.ethnicity_group = 'Unknown' then 'unknown'
        else person_period.ethnicity_group
    end as ethnicity_group,
    case
        when person_period.sex in (select subgroup_value from {{ ref('subgroup_value') }} where subgroup_set = 'sex') then person_period.sex
        else 'unknown'
    end as sex,
    coalesce({{ known_code('pupil.nc_year_actual', 'code_nc_year') }}, 'unknown') as year_group,
    coalesce(
        {{ known_code('plan_need.sen_type', 'code_sen_type_census') }},
        {{ known_code('pupil.primary_sen_type', 'code_sen_type_census') }},
        case when pupil.sen_provision = 'N' then 'none' end, 'unknown'
    ) as primary_need,
    case
        when plans.person_key is not null or pupil.sen_provision = 'E' then 'plan'
        when pupil.sen_provision = 'K' then 'support'
        when pupil.sen_provision = 'N' then 'none'
        else 'unknown'
    end as sen_status,
    case when plans.person_key is null then 'no_plan' else plans.setting_type end as setting,
    {{ yes_no('pupil.is_fsm') }} as fsm,
    {{ yes_no('ever_6.is_ever_6') }} as ever_6_fsm,
    {{ yes_no('pupil.is_eal') }} as eal,
    case when care.is_looked_after then 'yes' else 'no' end as looked_after,
    case when care.is_child_in_need then 'yes' else 'no' end as child_in_need
from person_period
left join {{ ref('equity__plan_in_force') }} as plans
    on plans.period_id = person_period.period_id and plans.person_key = person_period.person_key
left join plan_need
    on plan_need.period_id = person_period.period_id
    and plan_need.person_key = person_period.person_key
    and plan_need.nth = 1
left join pupil
    on pupil.period_id = person_period.period_id
    and pupil.person_key = person_period.person_key
    and pupil.nth = 1
left join {{ ref('dim_establishment') }} as school on school.establishment_key = pupil.establishment_key
left join ever_6
    on ever_6.period_id = person_period.period_id and ever_6.person_key = person_period.person_key
left join care
    on care.period_id = person_period.period_id and care.person_key = person_period.person_key
