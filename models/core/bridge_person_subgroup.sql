-- Which group a person is in, set by set, on the stock date of each calendar year. Every person has one row in every
-- set: where the record does not say, the value is unknown, and nobody drops out of a breakdown.
with period as (
    select period_id, stock_date
    from {{ ref('dim_period') }}
    where period_type = 'calendar_year'
),

person as (
    select person_key, birth_date, sex, ethnicity_main_code, ethnicity_group, lsoa21_code, district_code, in_county
    from {{ ref('dim_person') }}
),

person_period as (
    select
        period.period_id,
        period.stock_date,
        person.person_key,
        person.sex,
        person.ethnicity_main_code,
        person.ethnicity_group,
        person.district_code,
        person.in_county,
        areas.idaci_quintile_county,
        bands.age_band
    from period
    cross join person
    left join {{ ref('dim_area') }} as areas
        on areas.area_level = 'lsoa' and areas.area_code = person.lsoa21_code and areas.in_county
    left join {{ ref('age_band') }} as bands
        on {{ age_at('person.birth_date', 'period.stock_date') }} between bands.age_from and bands.age_to
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
        on plans.start_date <= period.stock_date
        and (plans.cease_date is null or plans.cease_date >= period.stock_date)
    inner join {{ ref('fct_need') }} as needs
        on needs.plan_key = plans.plan_key
        and needs.rank = 1
        and needs.sen_type is not null
        and (needs.from_date is null or needs.from_date <= period.stock_date)
        and (needs.to_date is null or needs.to_date >= period.stock_date)
),

-- The census nearest to the stock date, by the month it is taken in; the earlier of two as near.
pupil as (
    select
        period.period_id,
        pupils.person_key,
        pupils.sen_provision,
        pupils.primary_sen_type,
        pupils.is_fsm,
        pupils.is_eal,
        row_number() over (
            partition by period.period_id, pupils.person_key
            order by
                abs(
                    {{ months_of('period.stock_date') }}
                    - 12 * pupils.census_year
                    - case pupils.census_term when 'spring' then 1 when 'summer' then 5 else 10 end
                ),
                pupils.census_year,
                pupils.pupil_term_key
        ) as nth
    from period
    cross join {{ ref('fct_pupil_term') }} as pupils
    where pupils.is_main_enrolment
),

looked_after as (
    select distinct period.period_id, episodes.person_key
    from period
    inner join {{ ref('fct_care_episode') }} as episodes
        on episodes.kind = 'looked_after'
        and episodes.start_date <= period.stock_date
        and (episodes.end_date is null or episodes.end_date > period.stock_date)
),

wide as (
    select
        person_period.period_id,
        person_period.person_key,
        'all' as all_people,
        case
            when person_period.in_county and person_period.district_code is not null then person_period.district_code
            when person_period.in_county = false then 'outside'
            else 'unknown'
        end as district,
        case
            when person_period.idaci_quintile_county is not null
                then cast(person_period.idaci_quintile_county as {{ dbt.type_string() }})
            when person_period.in_county = false then 'outside'
            else 'unknown'
        end as idaci_quintile,
        case
            when person_period.ethnicity_main_code is null or person_period.ethnicity_main_code in ('REFU', 'NOBT') then 'unknown'
            else person_period.ethnicity_main_code
        end as ethnicity,
        case
            when person_period.ethnicity_group is null or person_period.ethnicity_group = 'Unknown' then 'unknown'
            else person_period.ethnicity_group
        end as ethnicity_group,
        coalesce(person_period.sex, 'unknown') as sex,
        coalesce(person_period.age_band, 'unknown') as age_band,
        coalesce(
            plan_need.sen_type, pupil.primary_sen_type, case when pupil.sen_provision = 'N' then 'none' end, 'unknown'
        ) as primary_need,
        {{ yes_no('pupil.is_fsm') }} as fsm,
        {{ yes_no('pupil.is_eal') }} as eal,
        case when looked_after.person_key is null then 'no' else 'yes' end as looked_after
    from person_period
    left join plan_need
        on plan_need.period_id = person_period.period_id
        and plan_need.person_key = person_period.person_key
        and plan_need.nth = 1
    left join pupil
        on pupil.period_id = person_period.period_id
        and pupil.person_key = person_period.person_key
        and pupil.nth = 1
    left join looked_after
        on looked_after.period_id = person_period.period_id
        and looked_after.person_key = person_period.person_key
),

long as (
    {% for set in [
        ('all', 'all_people'), ('district', 'district'), ('idaci_quintile', 'idaci_quintile'),
        ('ethnicity', 'ethnicity'), ('ethnicity_group', 'ethnicity_group'), ('sex', 'sex'), ('age_band', 'age_band'),
        ('primary_need', 'primary_need'), ('fsm', 'fsm'), ('eal', 'eal'), ('looked_after', 'looked_after'),
    ] %}
    select period_id, person_key, '{{ set[0] }}' as subgroup_set, {{ set[1] }} as subgroup_value
    from wide
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

select period_id, person_key, subgroup_set, subgroup_value
from long
