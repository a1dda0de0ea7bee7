-- What: the groups of a set add up to everyone, for numerators, denominators and what is left out. It matters because a
-- child who drops out of a breakdown is a child nobody counts. Resolve: look for a join in equity__metric_count or
-- bridge_person_subgroup that loses or doubles people.
with summed as (
    select
        metric_id,
        variant,
        period_id,
        subgroup_set,
        sum(numerator) as numerator,
        sum(denominator) as denominator,
        sum(excluded) as excluded
    from {{ ref('equity__metric_count') }}
    group by metric_id, variant, period_id, subgroup_set
)

select parts.metric_id, parts.variant, parts.period_id, parts.subgroup_set
from summed as parts
inner join summed as whole
    on whole.metric_id = parts.metric_id
    and whole.variant = parts.variant
    and whole.period_id = parts.period_id
    and whole.subgroup_set = 'all'
where
    abs(parts.numerator - whole.numerator) > 1e-6
    or abs(parts.denominator - whole.denominator) > 1e-6
    or abs(parts.excluded - whole.excluded) > 1e-6
