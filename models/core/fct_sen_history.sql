-- When SEN provision began, as schools told the next one. Many files tell of one spell; it is one row. A start on the day of
-- entry to a school is often the day on which the school first recorded it, and is marked.
with pupil as (
    select
        file.from_school, file.to_school, file.serial, file.pupil_number,
        identity.person_key
    from {{ ref('stg_ctf__pupil') }} as file
    inner join {{ ref('int_person__record') }} as record
        on record.source = 'ctf'
        and record.record_id = file.from_school || '|' || file.to_school || '|' || file.serial || '|' || file.pupil_number
    inner join {{ ref('bridge_person_identity') }} as identity
        on identity.source = 'ctf' and record.source_person_id = identity.source_person_id
),

school as (
    select distinct
        pupil.person_key,
        attended.la_code || attended.establishment_number as school_number,
        attended.entry_date,
        attended.leaving_date
    from {{ ref('stg_ctf__school_history') }} as attended
    inner join pupil
        on attended.from_school = pupil.from_school
        and attended.to_school = pupil.to_school
        and attended.serial = pupil.serial
        and attended.pupil_number = pupil.pupil_number
),

spell as (
    select
        pupil.person_key,
        told.start_date,
        told.sen_provision,
        count(*) as record_count,
        min(told._source_file) as source_file,
        min(told._source_row) as source_row
    from {{ ref('stg_ctf__sen_history') }} as told
    inner join pupil
        on told.from_school = pupil.from_school
        and told.to_school = pupil.to_school
        and told.serial = pupil.serial
        and told.pupil_number = pupil.pupil_number
    group by pupil.person_key, told.start_date, told.sen_provision
),

placed as (
    select
        spell.person_key,
        spell.start_date,
        spell.sen_provision,
        min(school.school_number) as school_number,
        coalesce(max(case when school.entry_date = spell.start_date then 1 else 0 end), 0) = 1 as starts_on_entry
    from spell
    left join school
        on spell.person_key = school.person_key
        and spell.start_date >= school.entry_date
        and (school.leaving_date is null or spell.start_date < school.leaving_date)
    group by spell.person_key, spell.start_date, spell.sen_provision
)

select
    {{ key('sen_history', ['spell.person_key', 'spell.start_date', 'spell.sen_provision']) }} as sen_history_key,
    spell.person_key,
    spell.start_date,
    spell.sen_provision,
    placed.school_number,
    placed.starts_on_entry as is_start_on_entry,
    spell.record_count,
    spell.source_file,
    spell.source_row
from spell
inner join placed
    on spell.person_key = placed.person_key
    and spell.start_date is not distinct from placed.start_date
    and spell.sen_provision is not distinct from placed.sen_provision
