-- Attainment: results of the statutory assessments of an academic year, of two records of a child the better one.
with result as (
    select
        period.period_id,
        period.academic_year,
        results.person_key,
        results.attainment_key,
        results.measure,
        results.value,
        results.outcome,
        results.sentinel,
        {{ age_at('person.birth_date', date_of('period.academic_year + 1', 8, 31)) }} as age_years,
        coalesce(person.in_county, false) as is_home_in_county
    from {{ ref('dim_period') }} as period
    inner join {{ ref('fct_attainment') }} as results on results.academic_year = period.academic_year and results.is_main
    inner join {{ ref('dim_person') }} as person on person.person_key = results.person_key
    where
        period.period_type = 'academic_year'
        and results.measure in (
            'good_level_of_development', 'phonics_outcome', 'mtc_score', 'mtc_outcome', 'reading_outcome', 'maths_outcome',
            'writing_outcome', 'attainment_8', 'progress_8', 'pass_in_english_and_maths'
        )
),

-- AT01: good level of development; all children of the county's schools, and those at home in the county.
at01 as (
    {% for variant, inside in [('base', 'true'), ('residents', 'is_home_in_county')] %}
    select
        'AT01' as metric_id,
        '{{ variant }}' as variant,
        period_id,
        person_key,
        attainment_key as event_key,
        age_years,
        {{ counted('value >= 1 and ' ~ inside) }} as numerator,
        {{ counted('value is not null and ' ~ inside) }} as denominator,
        {{ counted('value is null or not ' ~ inside) }} as excluded,
        cast(null as double) as value
    from result
    where measure = 'good_level_of_development'
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

-- AT02: phonics, in year 1 by the January roll, else by age. Absent and disapplied children are in the base.
at02 as (
    select
        'AT02' as metric_id,
        'base' as variant,
        period_id,
        person_key,
        attainment_key as event_key,
        age_years,
        {{ counted("is_year_1 and outcome = 'Wa'") }} as numerator,
        {{ counted('is_year_1 and outcome is not null') }} as denominator,
        {{ counted('not is_year_1 or outcome is null') }} as excluded,
        cast(null as double) as value
    from (
        select result.*, coalesce(pupil.nc_year_actual = '1', result.age_years = 6, false) as is_year_1
        from result
        left join {{ ref('fct_pupil_term') }} as pupil
            on pupil.person_key = result.person_key
            and pupil.academic_year = result.academic_year
            and pupil.census_term = 'spring'
            and pupil.is_main_enrolment
        where result.measure = 'phonics_outcome'
    ) as phonics
),

-- AT03: the expected standard in reading, writing and mathematics. Left, deferred, sat before or missing is not in the base.
at03 as (
    select
        'AT03' as metric_id,
        'base' as variant,
        period_id,
        person_key,
        min(attainment_key) as event_key,
        min(age_years) as age_years,
        {{ counted("sum(" ~ counted("outcome in ('EXS', 'GDS', 'HS')") ~ ") = 3") }} as numerator,
        {{ counted("sum(" ~ counted("outcome not in ('F', 'L', 'M', 'P')") ~ ") = 3") }} as denominator,
        1.0 - {{ counted("sum(" ~ counted("outcome not in ('F', 'L', 'M', 'P')") ~ ") = 3") }} as excluded,
        cast(null as double) as value
    from result
    where measure in ('reading_outcome', 'writing_outcome', 'maths_outcome')
    group by period_id, person_key
),

-- AT05: full marks in the multiplication tables check; who has a word instead of a score is in the base.
at05 as (
    select
        'AT05' as metric_id,
        'base' as variant,
        period_id,
        person_key,
        min(attainment_key) as event_key,
        min(age_years) as age_years,
        {{ counted("max(value) = 25") }} as numerator,
        {{ counted("count(value) + count(outcome) > 0") }} as denominator,
        {{ counted("count(value) + count(outcome) = 0") }} as excluded,
        cast(null as double) as value
    from result
    where measure in ('mtc_score', 'mtc_outcome')
    group by period_id, person_key
),

-- AT06: points of Attainment 8; who was entered for nothing has none, and is in the base.
at06 as (
    select
        'AT06' as metric_id,
        'base' as variant,
        period_id,
        person_key,
        attainment_key as event_key,
        age_years,
        0.0 as numerator,
        {{ counted("value is not null or sentinel = 'no_entries'") }} as denominator,
        1.0 - {{ counted("value is not null or sentinel = 'no_entries'") }} as excluded,
        case when sentinel = 'no_entries' then 0.0 else value end as value
    from result
    where measure = 'attainment_8'
),

-- AT07: Progress 8, of pupils who have one.
at07 as (
    select
        'AT07' as metric_id,
        'base' as variant,
        period_id,
        person_key,
        attainment_key as event_key,
        age_years,
        0.0 as numerator,
        {{ counted('value is not null') }} as denominator,
        {{ counted('value is null') }} as excluded,
        value
    from result
    where measure = 'progress_8'
),

-- AT08: grades 9 to 4 in English and mathematics.
at08 as (
    select
        'AT08' as metric_id,
        'base' as variant,
        period_id,
        person_key,
        attainment_key as event_key,
        age_years,
        {{ counted('value >= 1') }} as numerator,
        {{ counted('value is not null') }} as denominator,
        {{ counted('value is null') }} as excluded,
        cast(null as double) as value
    from result
    where measure = 'pass_in_english_and_maths'
)

{% for metric in ['at01', 'at02', 'at03', 'at05', 'at06', 'at07', 'at08'] -%}
select {{ metric_event_columns() }} from {{ metric }}
{% if not loop.last %}union all{% endif %}
{% endfor %}
