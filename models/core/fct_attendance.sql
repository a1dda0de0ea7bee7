-- Sessions by what they count as. Three statements of one term may stand side by side and are never added up: is_preferred marks
-- the fullest one of a child's term at a school, in the order summary, census, daily registers (which hold but some of the weeks).
-- A census tells of the term before it: the sessions possible for each pupil, and those missed; the rest were attended. It does so
-- only where its file of missed sessions landed: without that file, nobody would have missed any.
-- The day that a termly statement is classed by is one in the middle of its term.
-- Sessions that could not be read are null, not none: of a child's term with such a cell nothing adds up to a share.
-- A daily mark belongs to the term of its month; the first half of April counts as spring, for term dates are not known here.
with census_missed as (
    select
        detail.person_key,
        detail.census_year - 1 as academic_year,
        case detail.census_term when 'autumn' then 'summer' when 'spring' then 'autumn' else 'spring' end as term,
        detail.establishment_key,
        detail.attendance_reason as attendance_code,
        {{ sum_if_all_known('detail.sessions') }} as sessions,
        count(*) as record_count,
        min(detail._source_file) as source_file,
        min(detail._source_row) as source_row
    from ({{ of_census_pupil('session_detail') }}) as detail
    group by
        detail.person_key, detail.census_year, detail.census_term, detail.establishment_key, detail.attendance_reason
),

missed_file as (
    select distinct census_year, census_term, roll from {{ ref('stg_school_census__session_detail') }}
),

-- Sessions possible, marked so until what was missed is known by its class.
census_possible as (
    {% for table, roll in [('fct_pupil_term', 'on'), ('fct_school_leaver', 'off')] %}
    select
        pupil.person_key,
        pupil.census_year - 1 as academic_year,
        case pupil.census_term when 'autumn' then 'summer' when 'spring' then 'autumn' else 'spring' end as term,
        pupil.establishment_key,
        'possible' as attendance_code,
        sum(pupil.sessions_possible) as sessions,
        -- the row is one of the roll, and counted there
        0 as record_count,
        min(pupil.source_file) as source_file,
        min(pupil.source_row) as source_row
    from {{ ref(table) }} as pupil
    inner join missed_file
        on pupil.census_year = missed_file.census_year
        and pupil.census_term = missed_file.census_term
        and coalesce(missed_file.roll, '{{ roll }}') = '{{ roll }}'
    where pupil.sessions_possible is not null
    group by pupil.person_key, pupil.census_year, pupil.census_term, pupil.establishment_key
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

census as (
    {% for told in ['census_missed', 'census_possible'] -%}
    select person_key, academic_year, term, establishment_key, attendance_code, sessions, record_count, source_file, source_row
    from {{ told }}
    {{ 'union all' if not loop.last }}
    {% endfor -%}
),

{% set columns = [
    ('sessions_present', '/'), ('sessions_illness', 'I'), ('sessions_medical', 'M'), ('sessions_suspended', 'E'),
    ('sessions_reduced_timetable', 'C2'), ('sessions_authorised_other', 'authorised'), ('sessions_holiday', 'G'),
    ('sessions_no_reason', 'N'), ('sessions_unauthorised_other', 'unauthorised'), ('sessions_not_possible', 'not_possible'),
] -%}
summary as (
    {% for column, code in columns %}
    select
        person.person_key,
        stated.academic_year,
        stated.term,
        establishment.establishment_key,
        '{{ code }}' as attendance_code,
        stated.{{ column }} as sessions,
        -- a pupil's row is counted once, where what was attended is told
        {{ 1 if loop.first else 0 }} as record_count,
        stated._source_file as source_file,
        stated._source_row as source_row
    from {{ ref('stg_attendance__termly_summary') }} as stated
    inner join {{ ref('int_person__upn') }} as person on stated.upn = person.upn
    left join {{ ref('dim_establishment') }} as establishment on stated.urn = establishment.urn
    {% if not loop.first -%}
    where stated.{{ column }} > 0 or contains(stated._issues, '{{ column }}:')
    {% endif -%}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

daily as (
    select
        person.person_key,
        {{ academic_year('mark.session_date') }} as academic_year,
        case
            when extract(month from mark.session_date) >= 9 then 'autumn'
            when extract(month from mark.session_date) * 100 + extract(day from mark.session_date) <= 415 then 'spring'
            else 'summer'
        end as term,
        establishment.establishment_key,
        mark.attendance_code,
        count(*) as sessions,
        count(*) as record_count,
        min(mark._source_file) as source_file,
        min(mark._source_row) as source_row
    from {{ ref('stg_attendance__session') }} as mark
    inner join {{ ref('int_person__upn') }} as person on mark.upn = person.upn
    left join {{ ref('dim_establishment') }} as establishment on mark.urn = establishment.urn
    group by 1, 2, 3, establishment.establishment_key, mark.attendance_code
),

stated as (
    {% for name, rank in [('summary', 1), ('census', 2), ('daily', 3)] %}
    select
        '{{ name }}' as stated_by,
        {{ rank }} as preference,
        person_key, academic_year, term, establishment_key, attendance_code,
        cast({{ sum_if_all_known('sessions') }} as integer) as sessions,
        cast(sum(record_count) as bigint) as record_count,
        min(source_file) as source_file,
        min(source_row) as source_row
    from {{ name }}
    group by person_key, academic_year, term, establishment_key, attendance_code
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

dated as (
    select
        *,
        case term
            when 'autumn' then {{ date_of('academic_year', 10, 15) }}
            when 'spring' then {{ date_of('academic_year + 1', 2, 1) }}
            else {{ date_of('academic_year + 1', 6, 1) }}
        end as classed_on,
        min(preference) over (partition by person_key, academic_year, term, coalesce(establishment_key, '')) as best
    from stated
),

classed as (
    select
        dated.*,
        coalesce(
            class.attendance_class,
            case when dated.attendance_code in ('authorised', 'unauthorised', 'not_possible') then dated.attendance_code end,
            'unknown'
        ) as attendance_class
    from dated
    left join {{ ref('attendance_class') }} as class
        on dated.attendance_code = class.code
        and dated.classed_on >= coalesce(class.first_day, dated.classed_on)
        and dated.classed_on <= coalesce(class.last_day, dated.classed_on)
),

with_missed as (
    select
        classed.*,
        attendance_code = 'possible' as is_possible,
        sum(case when attendance_class in ('authorised', 'unauthorised') then sessions else 0 end) over one_term as missed,
        count(*) over one_term = count(sessions) over one_term as is_all_known
    from classed
    window one_term as (partition by stated_by, person_key, academic_year, term, coalesce(establishment_key, ''))
)

select
    {{ key('attendance', ['stated_by', 'person_key', 'academic_year', 'term', 'establishment_key', 'attendance_code']) }}
        as attendance_key,
    person_key,
    academic_year,
    term,
    establishment_key,
    case when is_possible then '/' else attendance_code end as attendance_code,
    case when is_possible then 'present' else attendance_class end as attendance_class,
    cast(
        case when not is_possible then sessions when is_all_known then greatest(sessions - missed, 0) end as integer
    ) as sessions,
    stated_by,
    preference = best as is_preferred,
    record_count,
    source_file,
    source_row
from with_missed
