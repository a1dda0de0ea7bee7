-- Spells in which a child is not, or not wholly, in school: part-time timetables, home education, missing education.
with spell as (
    select
        'part_time_timetable' as kind, timetable_id as spell_id, person_key, start_date, planned_end_date, end_date, reason, urn,
        hours_per_week, review_date, cast(null as boolean) as is_education_suitable, _source_file, _source_row
    from ({{ inclusion_rows('part_time_timetable', 'timetable_id') }}) as timetable
    union all
    select
        'elective_home_education', ehe_id, person_key, start_date, null, end_date, reason, previous_urn,
        null, null, is_education_suitable, _source_file, _source_row
    from ({{ inclusion_rows('elective_home_education', 'ehe_id') }}) as home
    union all
    select
        'missing_education', cme_id, person_key, notified_date, null, closed_date, reason, last_urn,
        null, null, null, _source_file, _source_row
    from ({{ inclusion_rows('missing_education', 'cme_id') }}) as missing
)

select
    {{ key('inclusion_spell', ['spell.kind', 'spell.spell_id']) }} as inclusion_spell_key,
    spell.kind,
    spell.person_key,
    spell.start_date,
    spell.planned_end_date,
    spell.end_date,
    spell.reason,
    establishment.establishment_key,
    spell.hours_per_week,
    spell.review_date,
    spell.is_education_suitable,
    coalesce(spell.end_date < spell.start_date, false) as has_dates_reversed,
    spell._source_file as source_file,
    spell._source_row as source_row
from spell
left join {{ ref('dim_establishment') }} as establishment on spell.urn = establishment.urn
