-- Plans that a case system holds in several rows, one for each time that the plan was reissued: which row stands for the
-- plan in a collection year, and when the plan first began. A plan goes on where the next row of the same request, or of the
-- same person where neither has a request, begins within so many days of the end of the one before.
with started as (
    select
        collection.collection_year,
        collection.census_day,
        plan.plan_key,
        plan.person_key,
        coalesce(plan.request_key, '') as request_key,
        plan.start_date,
        case when plan.cease_date <= collection.census_day then plan.cease_date end as cease_date,
        plan.transferred_from_la_code is not null or plan.transferred_in_date is not null as is_transfer,
        plan.source_file,
        plan.source_row
    from {{ ref('fct_plan') }} as plan
    inner join {{ ref('dim_collection') }} as collection
        on plan.start_date <= collection.census_day and collection.record_origin = 'made'
),

followed as (
    select
        *,
        lag(cease_date) over (
            partition by collection_year, person_key, request_key order by start_date, source_file, source_row, plan_key
        ) as last_cease_date
    from started
),

numbered as (
    select
        *,
        sum(
            case
                when is_transfer then 1
                when start_date <= {{ days_after('last_cease_date', var('reissue_days')) }} then 0
                else 1
            end
        ) over (
            partition by collection_year, person_key, request_key
            order by start_date, source_file, source_row, plan_key
            rows between unbounded preceding and current row
        ) as number_of_plan
    from followed
)

select
    collection_year,
    plan_key,
    first_value(plan_key) over (
        partition by collection_year, person_key, request_key, number_of_plan
        order by start_date desc, source_file desc, source_row desc, plan_key desc
    ) as record_plan_key,
    min(start_date) over (partition by collection_year, person_key, request_key, number_of_plan) as first_start_date
from numbered
