-- Phase transfers of the plans in force, by the years in which they were due and final.
with counted as (
    select
        collection_year,
        count(*) as number_plans,
        {{ count_where('extract(year from phase_transfer_due) = collection_year - 1') }} as due_in_year,
        {{ count_where('extract(year from phase_transfer_due) = collection_year') }} as due_census_year,
        {{ count_where('extract(year from phase_transfer_final) = collection_year - 1') }} as final_in_year,
        {{ count_where('extract(year from phase_transfer_final) = collection_year') }} as final_census_year
    from {{ ref('int_sen2__release_plan') }}
    where
        is_in_force
        and {{ release_is_made('phase_transfers', 'collection_year') }}
    group by collection_year
)

select
    {{ release_identity('phase_transfers', has_breakdowns=false) }},
    counted.number_plans,
    counted.due_in_year,
    counted.due_census_year,
    counted.final_in_year,
    counted.final_census_year
from counted
{{ release_area_join() }}
