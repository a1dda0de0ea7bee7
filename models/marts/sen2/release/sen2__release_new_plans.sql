-- Plans that started in the calendar year, by setting attended.
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
        count(*) as new_ehc_plans,
        {{ release_setting_counts('setting_when_new', 'setting_total') }}
    from {{ release_rows('new_plans', 'record', ['age_started', 'ethnicity', 'sex']) }}
    group by collection_year, breakdown_topic, breakdown
)

select
    {{ release_identity('new_plans') }},
    counted.new_ehc_plans,
    {{ release_setting_columns('new_ehc_plans') }}
from counted
{{ release_area_join() }}
