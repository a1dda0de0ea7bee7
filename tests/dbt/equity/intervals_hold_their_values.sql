-- What: every value lies within its limits, a share within 0 and 1, and a rate has a denominator. It matters because a
-- gap is read by its interval. Resolve: the macros of statistics.sql, or a numerator that is not part of its denominator.
select metric_id, measure, period_id, area_level, area_code, subgroup_set, subgroup_value
from {{ ref('fct_metric') }}
where
    value < lower - 1e-9
    or value > upper + 1e-9
    or (unit = 'proportion' and (value < 0 or value > 1 or lower < -1e-9 or upper > 1 + 1e-9))
    or (value is not null and unit <> 'count' and coalesce(denominator, 0) <= 0)
