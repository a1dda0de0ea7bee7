-- Sessions by what they count as. Three statements of one term may stand side by side and are never added up: is_preferred marks
-- the fullest one of a child's term at a school, in the order summary, census, daily registers (which hold but some of the weeks).
-- A census tells of the term before it. Its file by reason tells what was missed, and since 2021 what was attended too; without that
-- file the totals on the roll do, where schools still return them. Whatever was possible and is told neither missed nor attended was
-- attended. With neither the file nor a total a census says nothing: or nobody would have missed anything.
-- The second half of summer comes apart from the first and counts with it, where its own sessions are told.
-- The day that a termly statement is classed by is one in the middle of its term.
-- Sessions that could not be read are null, not none, and so is what was attended where nobody says what was possible: of a
-- child's term with such a row nothing adds up to a share.
-- A daily mark belongs to the term of its month; the first half of April counts as spring, for term dates are not known here.
{% set halves = {'termly': '', 'summerhalfterm2': '_half_term_2'} -%}
with told_by_reason as (
    select
        person_key,
        census_year,
        census_term,
        {{ half_of_term('covers') }} as covers,
        establishment_key,
        attendance_reason as attendance_code,
        {{ sum_if_all_known('sessions') }} as sessions,
        bool_or(attended.code is not null) as tells_attended,
        count(*) as record_count,
        min(_source_file) as source_file,
        min(_source_row) as source_row
    from ({{ of_census_pupil('session_detail') }}) as detail
    left join (
        select distinct code from {{ ref('attendance_class') }}
        where attendance_class = 'present'
    ) as attended on attended.code = detail.attendance_reason
    group by person_key, census_year, census_term, {{ half_of_term('covers') }}, establishment_key, attendance_reason
),

-- COLLECT writes a file of all schools; an XML file is of one school, and says nothing of the others.
reason_file as (
    select distinct
        census_year,
        census_term,
        {{ half_of_term('covers') }} as covers,
        roll,
        case when establishment_number is not null then native_id end as school_number
    from {{ ref('stg_school_census__session_detail') }}
),

-- What the rolls themselves tell: a row per pupil and half.
roll_half as (
    {% for table, roll in [('fct_pupil_term', 'on'), ('fct_school_leaver', 'off')] -%}
    {% set last_table = loop.last -%}
    {% for covers, half in halves.items() -%}
    select
        '{{ roll }}' as roll,
        '{{ covers }}' as covers,
        person_key,
        census_year,
        census_term,
        establishment_key,
        school_number,
        sessions_possible{{ half }} as sessions_possible,
        sessions_authorised{{ half }} as sessions_authorised,
        sessions_unauthorised{{ half }} as sessions_unauthorised,
        source_file,
        source_row
    from {{ ref(table) }}
    {{ 'union all' if not (last_table and loop.last) }}
    {% endfor %}
    {% endfor %}
),

roll_told as (
    select
        roll_half.*,
        exists (
            select 1 from reason_file
            where reason_file.census_year = roll_half.census_year
                and reason_file.census_term = roll_half.census_term
                and reason_file.covers = roll_half.covers
                and coalesce(reason_file.roll, roll_half.roll) = roll_half.roll
                and coalesce(reason_file.school_number, roll_half.school_number) = roll_half.school_number
        ) as has_reasons
    from roll_half
    where roll_half.sessions_possible is not null
),

told_by_roll as (
    {% for code, counts in [
        ('possible', 'has_reasons or sessions_authorised is not null or sessions_unauthorised is not null'),
        ('authorised', 'not has_reasons and (sessions_authorised is not null or sessions_unauthorised is not null)'),
        ('unauthorised', 'not has_reasons and (sessions_authorised is not null or sessions_unauthorised is not null)'),
    ] -%}
    select
        person_key,
        census_year,
        census_term,
        covers,
        establishment_key,
        '{{ code }}' as attendance_code,
        {{ sum_if_all_known('sessions_' ~ code) }} as sessions,
        -- the row is one of the roll, and counted there
        0 as record_count,
        min(source_file) as source_file,
        min(source_row) as source_row
    from roll_told
    where {{ counts }}
    group by person_key, census_year, census_term, covers, establishment_key
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- Schools of whose pupils no roll says what was possible in the half that a file tells of. Who missed nothing has no row there:
-- known for some and not for others, the half would be of those alone who came.
half_without_number as (
    select roll_half.census_year, roll_half.census_term, roll_half.covers, roll_half.school_number
    from roll_half
    inner join told_by_reason as reasons
        on reasons.person_key = roll_half.person_key
        and reasons.census_year = roll_half.census_year
        and reasons.census_term = roll_half.census_term
        and reasons.covers = roll_half.covers
    group by roll_half.census_year, roll_half.census_term, roll_half.covers, roll_half.school_number
    having count(roll_half.sessions_possible) = 0 and not bool_or(reasons.tells_attended)
),

-- Halves of which nobody says what was possible, of those who missed some of it, and of all pupils of such a school.
of_no_known_number as (
    select
        person_key,
        census_year,
        census_term,
        covers,
        establishment_key,
        'possible' as attendance_code,
        cast(null as integer) as sessions,
        0 as record_count,
        min(source_file) as source_file,
        min(source_row) as source_row
    from (
        select person_key, census_year, census_term, covers, establishment_key, source_file, source_row
        from told_by_reason
        union all
        select
            roll_half.person_key, roll_half.census_year, roll_half.census_term, roll_half.covers, roll_half.establishment_key,
            roll_half.source_file, roll_half.source_row
        from roll_half
        inner join half_without_number as half
            on half.census_year = roll_half.census_year
            and half.census_term = roll_half.census_term
            and half.covers = roll_half.covers
            and half.school_number = roll_half.school_number
    ) as told
    where not exists (
        select 1 from told_by_roll as roll
        where roll.attendance_code = 'possible'
            and roll.person_key = told.person_key
            and roll.census_year = told.census_year
            and roll.census_term = told.census_term
            and roll.covers = told.covers
            and coalesce(roll.establishment_key, '') = coalesce(told.establishment_key, '')
    )
    and not exists (
        select 1 from told_by_reason as reasons
        where reasons.tells_attended
            and reasons.person_key = told.person_key
            and reasons.census_year = told.census_year
            and reasons.census_term = told.census_term
            and reasons.covers = told.covers
            and coalesce(reasons.establishment_key, '') = coalesce(told.establishment_key, '')
    )
    group by person_key, census_year, census_term, covers, establishment_key
),

census as (
    {% for told in ['told_by_reason', 'told_by_roll', 'of_no_known_number'] -%}
    select
        person_key,
        census_year - 1 as academic_year,
        case census_term when 'autumn' then 'summer' when 'spring' then 'autumn' else 'spring' end as term,
        establishment_key, attendance_code, sessions, record_count, source_file, source_row
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

with_told as (
    select
        classed.*,
        attendance_code = 'possible' as is_possible,
        sum(case when attendance_code <> 'possible' and attendance_class <> 'not_possible' then sessions else 0 end) over one_term as told,
        count(*) over one_term as rows_in_term,
        count(*) over one_term = count(sessions) over one_term as is_all_known
    from classed
    window one_term as (partition by stated_by, person_key, academic_year, term, coalesce(establishment_key, ''))
)

-- What was possible becomes the rest that nobody told of: attended.
select
    {{ key('attendance', ['stated_by', 'person_key', 'academic_year', 'term', 'establishment_key', 'attendance_code']) }}
        as attendance_key,
    person_key,
    academic_year,
    term,
    establishment_key,
    case when is_possible then 'present' else attendance_code end as attendance_code,
    case when is_possible then 'present' else attendance_class end as attendance_class,
    cast(
        case when not is_possible then sessions when is_all_known then greatest(sessions - told, 0) end as integer
    ) as sessions,
    stated_by,
    preference = best as is_preferred,
    record_count,
    source_file,
    source_row
from with_told
-- No rest where all was told; alone it stays, or a child of whom no session was possible would be lost.
where not is_possible or sessions is null or sessions > told or not is_all_known or rows_in_term = 1
