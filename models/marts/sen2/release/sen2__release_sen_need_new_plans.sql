-- Primary need of new plans.
with record as (
    select *
    from {{ ref('int_sen2__release_plan') }}
    where is_new
),

counted as (
    select
        collection_year,
        breakdown_topic,
        breakdown,
        count(*) as ehc_plans,
        {{ release_need_counts() }}
    from {{ release_rows(
        'sen_need_new_plans', 'record', ['age_new_plan', 'ethnicity', 'sex', 'setting_when_new', 'setting_total']
    ) }}
    group by collection_year, breakdown_topic, breakdown
)

select
    {{ release_identity('sen_need_new_plans') }},
    counted.ehc_plans,
    {{ release_need_columns() }}
from counted
{{ release_area_join() }}
