-- Plans in force on census day, by setting attended.
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
        count(*) as ehcplans,
        {{ release_setting_counts('setting', 'setting_total') }}
    from {{ release_rows('caseload', 'record', ['age_started', 'age_31_august', 'ethnicity', 'sex', 'years_in_place']) }}
    group by collection_year, breakdown_topic, breakdown
)

select
    {{ release_identity('caseload') }},
    counted.ehcplans,
    {{ release_setting_columns('ehcplans') }}
from counted
{{ release_area_join() }}
