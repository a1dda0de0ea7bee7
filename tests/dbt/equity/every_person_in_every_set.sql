-- What: each person has one row per calendar year in every subgroup set. It matters because a missing row drops the child
-- from a breakdown. Resolve: bridge_person_subgroup has to give a value, unknown if need be.
with expected as (
    select
        (select count(*) from {{ ref('dim_person') }})
        * (select count(*) from {{ ref('dim_period') }} where period_type = 'calendar_year') as row_count
),

found as (
    select sets.subgroup_set, count(groups.person_key) as row_count
    from {{ ref('subgroup_set') }} as sets
    left join {{ ref('bridge_person_subgroup') }} as groups on groups.subgroup_set = sets.subgroup_set
    group by sets.subgroup_set
)

select found.subgroup_set, found.row_count, expected.row_count as expected_count
from found
cross join expected
where found.row_count <> expected.row_count
