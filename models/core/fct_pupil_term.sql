with census_day as (
    select census_year, census_term, census_day from {{ ref('school_census_day') }}
),

language as (
    select code, parent_code from {{ ref('code_language') }}
),

need as (
    select
        census_year,
        census_term,
        pupil_on_roll_table_id,
        min(case when sen_type_rank = 1 then sen_type end) as primary_sen_type,
        min(case when sen_type_rank = 2 then sen_type end) as secondary_sen_type
    from {{ ref('stg_school_census__sen_need') }}
    where sen_type_rank in (1, 2)
    group by census_year, census_term, pupil_on_roll_table_id
),

-- A census without a free school meals file says nothing of anybody.
fsm_file as (
    select distinct census_year, census_term from {{ ref('stg_school_census__fsm_period') }}
),

eligible as (
    select distinct spell.census_year, spell.census_term, spell.pupil_on_roll_table_id
    from {{ ref('stg_school_census__fsm_period') }} as spell
    inner join census_day on spell.census_year = census_day.census_year and spell.census_term = census_day.census_term
    where spell.fsm_start_date <= census_day.census_day
        and (spell.fsm_end_date is null or spell.fsm_end_date >= census_day.census_day)
),

pupil as (
    select
        pupils.*,
        record.record_id as pupil_term_key,
        record.postcode,
        identity.person_key,
        census_day.census_day,
        row_number() over (
            partition by pupils.census_year, pupils.census_term, identity.person_key
            order by
                case when pupils.enrolment_status = 'C' then 1 when pupils.enrolment_status = 'M' then 2
                    when pupils.enrolment_status is null then 3 else 4 end,
                pupils.entry_date desc nulls last,
                pupils.native_id,
                pupils.pupil_on_roll_table_id
        ) as enrolment_order
    from {{ ref('stg_school_census__pupil_on_roll') }} as pupils
    inner join {{ ref('int_person__record') }} as record
        on record.source = 'school_census'
        and record.record_id
            = {{ key('pupil_term', ['pupils.census_year', 'pupils.census_term', 'pupils.pupil_on_roll_table_id']) }}
    inner join {{ ref('bridge_person_identity') }} as identity
        on identity.source = 'school_census' and record.source_person_id = identity.source_person_id
    left join census_day on pupils.census_year = census_day.census_year and pupils.census_term = census_day.census_term
),

school_day as (
    select distinct
        native_id,
        census_year,
        census_term,
        census_day,
        replace(replace(native_id, '/', ''), ' ', '') as la_establishment_number
    from pupil
),

-- Academies often keep the number of the school they came from: the establishment open on the day is meant.
school as (
    select native_id, census_year, census_term, establishment_key
    from {{ first_rows(
        "(
            select school_day.*, establishment.establishment_key, establishment.open_date, establishment.close_date
            from school_day
            inner join " ~ ref('dim_establishment') ~ " as establishment
                on school_day.la_establishment_number = establishment.la_establishment_number
        ) as candidate",
        ['native_id', 'census_year', 'census_term'],
        "case when coalesce(open_date <= census_day, true) and coalesce(close_date > census_day, true) then 0 else 1 end, "
        ~ "open_date desc nulls last, establishment_key desc"
    ) }}
)

select
    pupil.pupil_term_key,
    pupil.person_key,
    pupil.census_year,
    pupil.census_term,
    pupil.census_year - case when pupil.census_term = 'autumn' then 0 else 1 end as academic_year,
    school.establishment_key,
    pupil.native_id as school_number,
    pupil.enrolment_status,
    pupil.enrolment_order = 1 and coalesce(pupil.enrolment_status, 'C') in ('C', 'M') as is_main_enrolment,
    pupil.nc_year_actual,
    pupil.sen_provision,
    need.primary_sen_type,
    need.secondary_sen_type,
    pupil.sen_unit_indicator as sen_unit,
    pupil.resourced_provision_indicator as resourced_provision,
    pupil.top_up_funding as has_top_up_funding,
    {{ sessions_of_roll('pupil') }},
    pupil.ethnicity as ethnicity_code,
    case when fsm_file.census_year is not null then eligible.pupil_on_roll_table_id is not null end as is_fsm,
    -- a code of its own language is another language than English; not obtained and refused say nothing
    case when pupil.language is not null and coalesce(language.parent_code, 'other') <> 'unknown'
        then coalesce(language.parent_code, 'other') = 'other' end as is_eal,
    postcode.lsoa21_code,
    postcode.district_code,
    pupil._source_file as source_file,
    pupil._source_row as source_row
from pupil
left join need
    on pupil.census_year = need.census_year
    and pupil.census_term = need.census_term
    and pupil.pupil_on_roll_table_id = need.pupil_on_roll_table_id
left join fsm_file on pupil.census_year = fsm_file.census_year and pupil.census_term = fsm_file.census_term
left join eligible
    on pupil.census_year = eligible.census_year
    and pupil.census_term = eligible.census_term
    and pupil.pupil_on_roll_table_id = eligible.pupil_on_roll_table_id
left join language on pupil.language = language.code
left join {{ ref('int_place__postcode') }} as postcode on pupil.postcode = postcode.postcode
left join school
    on pupil.native_id = school.native_id
    and pupil.census_year = school.census_year
    and pupil.census_term = school.census_term
