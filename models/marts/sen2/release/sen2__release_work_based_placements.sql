-- Plans in force with a work-based placement that is open on census day.
with record as (
    select *
    from {{ ref('int_sen2__release_plan') }}
    where is_in_force
),

counted as (
    select
        collection_year,
        breakdown_topic,
        breakdown,
        {{ count_where("work_based = 'S'") }} as open_supp_intern,
        {{ count_where("work_based = 'A'") }} as open_apprentice,
        {{ count_where("work_based = 'T'") }} as open_trainee,
        {{ count_where("work_based in ('S', 'A', 'T')") }} as open_wbp
    from {{ release_rows('work_based_placements', 'record', ['age_31_august', 'ethnicity', 'sex', 'setting', 'setting_total']) }}
    group by collection_year, breakdown_topic, breakdown
)

select
    {{ release_identity('work_based_placements') }},
    counted.open_supp_intern,
    counted.open_apprentice,
    counted.open_trainee,
    counted.open_wbp
from counted
{{ release_area_join() }}
