-- What: in each collection year every request, and every plan, of core stands in exactly one case, in the return or out of it.
-- It matters because a child who is in neither table is lost. Resolve: look at the joins of sen2__case.
with expected as (
    select collection.collection_year, 'request' as thing, requests.request_key as thing_key
    from {{ ref('fct_request') }} as requests
    cross join {{ ref('dim_collection') }} as collection
    where collection.record_origin = 'made'
    union all
    select collection.collection_year, 'plan' as thing, plan.plan_key as thing_key
    from {{ ref('fct_plan') }} as plan
    cross join {{ ref('dim_collection') }} as collection
    where collection.record_origin = 'made'
),

found as (
    select collection_year, 'request' as thing, request_key as thing_key, count(*) as case_count
    from {{ ref('sen2__case') }}
    where request_key is not null
    group by collection_year, request_key
    union all
    select collection_year, 'plan' as thing, plan_key as thing_key, count(*) as case_count
    from {{ ref('sen2__case') }}
    where plan_key is not null
    group by collection_year, plan_key
)

select expected.collection_year, expected.thing, expected.thing_key, found.case_count
from expected
left join found
    on expected.collection_year = found.collection_year
    and expected.thing = found.thing
    and expected.thing_key = found.thing_key
where coalesce(found.case_count, 0) <> 1
