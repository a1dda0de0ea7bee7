-- Children whose records disagree: somebody has to look whether two children were joined, or one is held twice.
with record as (
    select
        cluster.person_key,
        records.source,
        records.source_person_id,
        records.birth_date,
        records.sex,
        {{ to_name_key('records.forename') }} as forename,
        records.upn
    from {{ ref('int_person__record') }} as records
    inner join {{ ref('int_person__cluster') }} as cluster
        on records.source = cluster.source and records.source_person_id = cluster.source_person_id
),

valid_upn as (
    select upn
    from (select distinct upn from record) as distinct_upn
    where {{ is_valid_upn('upn') }}
),

person as (
    select
        record.person_key,
        count(*) as record_count,
        count(distinct case when record.source = 'ehc' then record.source_person_id end) as case_numbers,
        count(distinct record.birth_date) as birth_dates,
        count(distinct record.sex) as sexes,
        count(distinct record.forename) as forenames,
        count(distinct valid_upn.upn) as upns
    from record
    left join valid_upn on record.upn = valid_upn.upn
    group by record.person_key
)

select person_key, 'several_case_numbers' as conflict, case_numbers as value_count, record_count
from person where case_numbers > 1
union all
select person_key, 'several_birth_dates', birth_dates, record_count
from person where birth_dates > 1
union all
select person_key, 'several_sexes', sexes, record_count
from person where sexes > 1
union all
select person_key, 'several_upns_and_forenames', upns, record_count
from person where upns > 1 and forenames > 1
