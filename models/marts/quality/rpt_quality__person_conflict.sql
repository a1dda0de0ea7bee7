-- Children whose records disagree: somebody has to look whether two children were joined, or one is held twice.
with record as (
    select
        cluster.person_key,
        records.source,
        records.source_person_id,
        records.birth_date,
        records.sex,
        records.forename,
        records.upn,
        count(*) as record_count
    from {{ ref('int_person__record') }} as records
    inner join {{ ref('int_person__cluster') }} as cluster
        on records.source = cluster.source and records.source_person_id = cluster.source_person_id
    group by
        cluster.person_key, records.source, records.source_person_id, records.birth_date, records.sex, records.forename, records.upn
),

person as (
    select
        person_key,
        sum(record_count) as record_count,
        count(distinct case when source = 'ehc' then source_person_id end) as case_numbers,
        count(distinct birth_date) as birth_dates,
        count(distinct sex) as sexes,
        count(distinct {{ to_name_key('forename') }}) as forenames,
        count(distinct case when {{ is_valid_upn('upn') }} then upn end) as upns
    from record
    group by person_key
    having count(distinct case when source = 'ehc' then source_person_id end) > 1
        or count(distinct birth_date) > 1
        or count(distinct sex) > 1
        or count(distinct upn) > 1
)

select person_key, 'several_case_numbers' as conflict, case_numbers as value_count, cast(record_count as bigint) as record_count
from person where case_numbers > 1
union all
select person_key, 'several_birth_dates', birth_dates, cast(record_count as bigint)
from person where birth_dates > 1
union all
select person_key, 'several_sexes', sexes, cast(record_count as bigint)
from person where sexes > 1
union all
select person_key, 'several_upns_and_forenames', upns, cast(record_count as bigint)
from person where upns > 1 and forenames > 1
