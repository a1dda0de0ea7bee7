-- A person in every academic year in which any source knows of them. Of a year's censuses the last with a main enrolment speaks,
-- and for what only the spring file says (needs) the last that says it.
with calendar as (
    select academic_year, min(date_day) as year_start, max(date_day) as year_end
    from {{ ref('dim_date') }}
    where date_day <= {{ date_var('as_at') }}
    group by academic_year
),

pupil as (
    select
        *,
        case census_term when 'autumn' then 3 when 'spring' then 2 else 1 end as lateness
    from {{ ref('fct_pupil_term') }}
    where is_main_enrolment
),

pupil_year as (
    select
        person_key,
        academic_year,
        {% for column in ['nc_year_actual', 'establishment_key', 'sen_provision', 'primary_sen_type', 'is_fsm', 'is_eal'] -%}
        {{ first_known(column, 'lateness') }} as {{ column }}{{ ',' if not loop.last }}
        {% endfor %}
    from pupil
    group by person_key, academic_year
),

spell as (
    select person_key, kind, start_date, end_date from {{ ref('fct_care_episode') }}
    union all
    select person_key, 'plan', start_date, cease_date from {{ ref('fct_plan') }}
    union all
    select person_key, 'request', received_date, received_date from {{ ref('fct_request') }}
    union all
    select person_key, 'health', received_date, received_date from {{ ref('fct_health_referral') }}
),

spell_year as (
    select
        spell.person_key,
        calendar.academic_year,
        bool_or(spell.kind = 'looked_after') as is_looked_after,
        bool_or(spell.kind in ('child_in_need', 'child_protection')) as is_child_in_need
    from spell
    inner join calendar
        on spell.start_date <= calendar.year_end
        and (spell.end_date is null or spell.end_date >= calendar.year_start)
    group by spell.person_key, calendar.academic_year
)

select
    {{ key('person_year', ['person.person_key', 'known.academic_year']) }} as person_year_key,
    person.person_key,
    known.academic_year,
    {{ age_at('person.birth_date', date_of('known.academic_year', 8, 31)) }} as age_at_31_august,
    pupil_year.nc_year_actual,
    pupil_year.establishment_key,
    pupil_year.sen_provision,
    pupil_year.primary_sen_type,
    pupil_year.is_fsm,
    pupil_year.is_eal,
    coalesce(spell_year.is_looked_after, false) as is_looked_after,
    coalesce(spell_year.is_child_in_need, false) as is_child_in_need
from (
    select person_key, academic_year from {{ ref('fct_pupil_term') }}
    union
    select person_key, academic_year from spell_year
) as known
inner join {{ ref('dim_person') }} as person on known.person_key = person.person_key
left join pupil_year on known.person_key = pupil_year.person_key and known.academic_year = pupil_year.academic_year
left join spell_year on known.person_key = spell_year.person_key and known.academic_year = spell_year.academic_year
