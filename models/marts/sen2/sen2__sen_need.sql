-- Needs of plans as they stood on census day, or when the plan ended: two at most, the best ranked;
-- of equal rank the latest, then the latest row. A third is in sen2__left_out.
with known as (
    select
        sen2_case.collection_year,
        sen2_case.person_record_id,
        sen2_case.request_record_id,
        sen2_case.person_key,
        sen2_case.scope_case,
        sen2_case.scope_case_name,
        need.need_key,
        need.sen_type,
        need.rank,
        need.source_file,
        need.source_row,
        row_number() over (
            partition by sen2_case.collection_year, sen2_case.person_record_id, sen2_case.request_record_id
            order by need.rank nulls last, need.from_date desc nulls last, {{ latest_row_first('need') }}, need.need_key
        ) as number_in_plan
    from {{ ref('sen2__case') }} as sen2_case
    inner join {{ ref('sen2__plan_version') }} as version
        on sen2_case.collection_year = version.collection_year and sen2_case.plan_key = version.record_plan_key
    inner join {{ ref('fct_need') }} as need on version.plan_key = need.plan_key
    where
        sen2_case.scope_case is not null
        and sen2_case.has_plan
        and coalesce(need.from_date <= coalesce(sen2_case.cease_date, sen2_case.census_day), true)
        and coalesce(need.to_date >= coalesce(sen2_case.cease_date, sen2_case.census_day), true)
)

select
    collection_year,
    person_record_id,
    request_record_id,
    need_key as need_record_id,
    person_key,
    scope_case,
    scope_case_name,
    source_file,
    source_row,
    sen_type as "SENtype",
    cast(rank as {{ dbt.type_string() }}) as "SENtypeRank"
from known
where number_in_plan <= 2
{{ and_returned('sen_need') }}
