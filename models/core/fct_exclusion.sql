-- Suspensions and permanent exclusions. The council is told by the school, and the census tells it again: one child, one start
-- date and one category are one event. What the council was told speaks; what only the census has is told too.
with notice as (
    select
        person_key,
        category,
        start_date,
        min(urn) as urn,
        {% for column in ['end_date', 'sessions', 'reason_1', 'reason_2', 'reason_3', 'sen_provision', 'is_looked_after', 'withdrawn_date'] -%}
        {{ first_known(column, 'exclusion_id') }} as {{ column }},
        {% endfor -%}
        count(*) as record_count,
        min(_source_file) as source_file,
        min(_source_row) as source_row
    from ({{ inclusion_rows('exclusion', 'exclusion_id') }}) as told
    group by person_key, category, start_date
),

returned as (
    select
        person_key,
        category,
        start_date,
        {% for column in ['establishment_key', 'sessions', 'reason_1', 'reason_2', 'reason_3', 'sen_provision'] -%}
        {{ first_known(column, '_source_row') }} as {{ column }},
        {% endfor -%}
        count(*) as record_count,
        min(_source_file) as source_file,
        min(_source_row) as source_row
    from ({{ of_census_pupil('exclusion') }}) as detail
    group by person_key, category, start_date
),

event as (
    select person_key, category, start_date from notice
    union
    select person_key, category, start_date from returned
)

select
    {{ key('exclusion', ['event.person_key', 'event.category', 'event.start_date']) }} as exclusion_key,
    event.person_key,
    event.category,
    event.start_date,
    notice.end_date,
    coalesce(notice.sessions, returned.sessions) as sessions,
    coalesce(establishment.establishment_key, returned.establishment_key) as establishment_key,
    coalesce(notice.reason_1, returned.reason_1) as reason_1,
    coalesce(notice.reason_2, returned.reason_2) as reason_2,
    coalesce(notice.reason_3, returned.reason_3) as reason_3,
    coalesce(notice.sen_provision, returned.sen_provision) as sen_provision,
    notice.is_looked_after,
    notice.withdrawn_date,
    {{ academic_year('event.start_date') }} as academic_year,
    notice.person_key is not null as was_told,
    returned.person_key is not null as was_returned,
    coalesce(notice.sessions <> returned.sessions, false) as has_other_sessions,
    coalesce(notice.record_count, 0) as notice_count,
    coalesce(returned.record_count, 0) as census_count,
    case when notice.person_key is not null then 'inclusion' else 'school_census' end as source,
    coalesce(notice.source_file, returned.source_file) as source_file,
    coalesce(notice.source_row, returned.source_row) as source_row
from event
left join notice
    on event.person_key = notice.person_key
    and event.category is not distinct from notice.category
    and event.start_date is not distinct from notice.start_date
left join returned
    on event.person_key = returned.person_key
    and event.category is not distinct from returned.category
    and event.start_date is not distinct from returned.start_date
left join {{ ref('dim_establishment') }} as establishment on notice.urn = establishment.urn
