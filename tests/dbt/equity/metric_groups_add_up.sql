-- What: the groups of a set add up to everyone of their area, and the areas of a level to the county, for numerators, denominators
-- and what is left out. It matters because a child who drops out of a breakdown is a child nobody counts. Resolve: look for a
-- join in metric_event_in_groups that loses or doubles people, or a column of equity__person_period that is null.
with counted as (
    select metric_id, variant, period_id, area_level, area_code, subgroup_set, subgroup_value, numerator, denominator, excluded
    from {{ ref('equity__metric_count') }}
),

by_set as (
    select
        metric_id, variant, period_id, area_level, area_code, subgroup_set,
        sum(numerator) as numerator, sum(denominator) as denominator, sum(excluded) as excluded
    from counted
    group by metric_id, variant, period_id, area_level, area_code, subgroup_set
),

by_level as (
    select
        metric_id, variant, period_id, area_level, subgroup_set, subgroup_value,
        sum(numerator) as numerator, sum(denominator) as denominator, sum(excluded) as excluded
    from counted
    where area_level <> 'county'
    group by metric_id, variant, period_id, area_level, subgroup_set, subgroup_value
),

-- As shares of the whole: the last digits of a very large double are rounding.
compared as (
    select
        by_set.metric_id, by_set.variant, by_set.period_id, by_set.subgroup_set as part,
        abs(by_set.numerator - whole.numerator) / greatest(abs(whole.numerator), 1) as numerator,
        abs(by_set.denominator - whole.denominator) / greatest(abs(whole.denominator), 1) as denominator,
        abs(by_set.excluded - whole.excluded) / greatest(abs(whole.excluded), 1) as excluded
    from by_set
    inner join counted as whole
        on whole.metric_id = by_set.metric_id
        and whole.variant = by_set.variant
        and whole.period_id = by_set.period_id
        and whole.area_level = by_set.area_level
        and whole.area_code = by_set.area_code
        and whole.subgroup_set = 'all'
    union all
    select
        by_level.metric_id, by_level.variant, by_level.period_id, by_level.area_level,
        abs(by_level.numerator - whole.numerator) / greatest(abs(whole.numerator), 1),
        abs(by_level.denominator - whole.denominator) / greatest(abs(whole.denominator), 1),
        abs(by_level.excluded - whole.excluded) / greatest(abs(whole.excluded), 1)
    from by_level
    inner join counted as whole
        on whole.metric_id = by_level.metric_id
        and whole.variant = by_level.variant
        and whole.period_id = by_level.period_id
        and whole.area_level = 'county'
        and whole.subgroup_set = by_level.subgroup_set
        and whole.subgroup_value = by_level.subgroup_value
)

select metric_id, variant, period_id, part
from compared
where numerator > 1e-9 or denominator > 1e-9 or excluded > 1e-9
