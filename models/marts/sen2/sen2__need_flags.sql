-- One flag per rule of the need. True or false, never null.
with plan as (
    select
        collection_year,
        request_record_id,
        sum(case when "SENtypeRank" = '1' then 1 else 0 end) as primary_count,
        sum(case when "SENtypeRank" = '2' then 1 else 0 end) as secondary_count
    from {{ ref('sen2__sen_need') }}
    group by collection_year, request_record_id
),

type_use as (
    select collection_year, request_record_id, "SENtype", count(*) as need_count
    from {{ ref('sen2__sen_need') }}
    group by collection_year, request_record_id, "SENtype"
)

select
    need.collection_year,
    need.person_record_id,
    need.request_record_id,
    need.need_record_id as record_id,
    need.source_file,
    need.source_row,
    need.scope_case,
    not {{ sen2_is_code('need."SENtype"', 'sen_type', 'need.collection_year') }} as s01,
    not {{ sen2_is_code('need."SENtypeRank"', 'rank', 'need.collection_year') }}
        or plan.primary_count <> 1 or plan.secondary_count > 1 as s02,
    coalesce(type_use.need_count > 1, false) as s03
from {{ ref('sen2__sen_need') }} as need
inner join plan on need.collection_year = plan.collection_year and need.request_record_id = plan.request_record_id
left join type_use
    on need.collection_year = type_use.collection_year
    and need.request_record_id = type_use.request_record_id
    and need."SENtype" = type_use."SENtype"
