-- Results in long form: a number is a value, a word an outcome, and what stands there instead of a result a sentinel.
-- A pupil may have two records of a stage in a year; is_main marks the better one, and of equals the one of the lower URN.
with stated as (
    {% for stage, measures in attainment_measures().items() %}
    select '{{ stage }}' as stage, academic_year, upn, urn, measure, said, _source_file, _source_row
    from (
        {{ unpivot_columns(
            ref('stg_attainment__' ~ stage), ['academic_year', 'upn', 'urn', '_source_file', '_source_row'], measures, 'measure', 'said'
        ) }}
    ) as {{ stage }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

read as (
    select
        stated.*,
        person.person_key,
        sentinel.meaning as sentinel,
        case when sentinel.sentinel is null then {{ to_decimal('stated.said') }} end as value,
        row_number() over (partition by stated.stage, stated._source_file, stated._source_row order by stated.measure) as measure_number
    from stated
    inner join {{ ref('int_person__upn') }} as person on stated.upn = person.upn
    left join {{ ref('attainment_sentinel') }} as sentinel on upper(stated.said) = upper(sentinel.sentinel)
)

select
    {{ key('attainment', ['read.stage', 'read.academic_year', 'read.upn', 'read.urn', 'read.measure']) }} as attainment_key,
    read.person_key,
    read.stage,
    read.academic_year,
    establishment.establishment_key,
    read.measure,
    read.value,
    case when read.sentinel is null and read.value is null then read.said end as outcome,
    read.sentinel,
    row_number() over (
        partition by read.person_key, read.stage, read.academic_year, read.measure
        order by read.value desc nulls last, read.urn, read.upn
    ) = 1 as is_main,
    cast(case when read.measure_number = 1 then 1 else 0 end as bigint) as record_count,
    read._source_file as source_file,
    read._source_row as source_row
from read
left join {{ ref('dim_establishment') }} as establishment on read.urn = establishment.urn
