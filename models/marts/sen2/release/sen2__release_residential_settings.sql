-- Plans in force with a residential placement.
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
        {{ count_where("residential = 'A'") }} as res_3851,
        {{ count_where("residential = 'B'") }} as res_52,
        {{ count_where("residential in ('A', 'B')") }} as res_tot
    from {{ release_rows('residential_settings', 'record', ['age_31_august', 'ethnicity', 'sex', 'setting', 'setting_total']) }}
    group by collection_year, breakdown_topic, breakdown
)

select
    {{ release_identity('residential_settings') }},
    counted.res_3851,
    counted.res_52,
    counted.res_tot
from counted
{{ release_area_join() }}
