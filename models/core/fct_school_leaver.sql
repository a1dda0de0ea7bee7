-- Who left a school since the census before. The school is the one that returns its other pupils under the same number.
with school as (
    select census_year, census_term, school_number, min(establishment_key) as establishment_key
    from {{ ref('fct_pupil_term') }}
    group by census_year, census_term, school_number
)

select
    record.record_id as school_leaver_key,
    identity.person_key,
    leaver.census_year,
    leaver.census_term,
    school.establishment_key,
    leaver.native_id as school_number,
    leaver.entry_date,
    leaver.leaving_date,
    {{ sessions_of_roll('leaver') }},
    leaver._source_file as source_file,
    leaver._source_row as source_row
from {{ ref('stg_school_census__pupil_off_roll') }} as leaver
inner join {{ ref('int_person__record') }} as record
    on record.source = 'school_census'
    and record.record_id
        = {{ key('pupil_left', ['leaver.census_year', 'leaver.census_term', 'leaver.pupil_on_roll_table_id']) }}
inner join {{ ref('bridge_person_identity') }} as identity
    on identity.source = 'school_census' and record.source_person_id = identity.source_person_id
left join school
    on leaver.census_year = school.census_year
    and leaver.census_term = school.census_term
    and leaver.native_id = school.school_number
