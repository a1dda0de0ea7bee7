-- Limits that meet say that a figure is certain, and make a clear gap of any difference: of nobody among 183 we know that there
-- are few, not that there is none. Medians lie on values that children share, so their limits may meet.
select
    metric_id,
    measure,
    period_id,
    area_level,
    area_code,
    subgroup_set,
    subgroup_value
from {{ ref('fct_metric') }}
where lower = upper and interval_method <> 'order_statistic'
