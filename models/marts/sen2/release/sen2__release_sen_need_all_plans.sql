-- Primary need of plans in force.
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
        count(*) as ehc_plans,
        {{ release_need_counts() }}
    from {{ release_rows(
        'sen_need_all_plans', 'record', ['age_31_august', 'ethnicity', 'sex', 'setting', 'setting_total', 'years_before']
    ) }}
    group by collection_year, breakdown_topic, breakdown
)

select
    {{ release_identity('sen_need_all_plans') }},
    counted.ehc_plans,
    {{ release_need_columns() }}
from counted
{{ release_area_join() }}
