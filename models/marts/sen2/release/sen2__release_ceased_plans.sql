-- Plans that ended in the calendar year, by reason.
with record as (
    select *
    from {{ ref('int_sen2__release_plan') }}
    where is_ceased
),

counted as (
    select
        collection_year,
        breakdown_topic,
        breakdown,
        {{ count_where("cease_reason = '1'") }} as max_age,
        {{ count_where("cease_reason = '2'") }} as needs_met,
        {{ count_where("cease_reason = '3'") }} as he,
        {{ count_where("cease_reason = '4'") }} as employ,
        {{ count_where("cease_reason = '5'") }} as transfer,
        {{ count_where("cease_reason = '6'") }} as no_engage,
        {{ count_where("cease_reason = '7'") }} as moved_outside_eng,
        {{ count_where("cease_reason = '8'") }} as deceased,
        {{ count_where('cease_reason is null') }} as not_rec,
        {{ count_where("cease_reason = '9'") }} as other,
        count(*) as total_ceased
    from {{ release_rows('ceased_plans', 'record', ['age_ceased', 'ethnicity', 'sex', 'setting', 'setting_total', 'years_held']) }}
    group by collection_year, breakdown_topic, breakdown
)

select
    {{ release_identity('ceased_plans') }},
    counted.max_age,
    counted.needs_met,
    counted.he,
    counted.employ,
    counted.transfer,
    counted.no_engage,
    counted.moved_outside_eng,
    counted.deceased,
    counted.not_rec,
    counted.other,
    counted.total_ceased
from counted
{{ release_area_join() }}
