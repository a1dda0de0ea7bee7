-- One figure for the inequality of a metric over a breakdown: slope and relative index over deprivation (EQ01), the gap between
-- districts with what chance makes of it (EQ06), Gini and the share between districts (EQ05), areas outside the funnel (EQ03).
with counted as (
    select
        indicator_id,
        metric_id,
        measure,
        period_id,
        breakdown,
        case statistic when 'funnel_95' then 'outside_95' else 'outside_998' end as statistic,
        cast(count(*) filter (where value <> 0) as double) as value,
        max(area_count) as area_count,
        case statistic when 'funnel_95' then 0.05 else 0.002 end as share_by_chance,
        max(note) as note
    from {{ ref('int_equity__layer') }}
    where statistic in ('funnel_95', 'funnel_998')
    group by indicator_id, metric_id, measure, period_id, breakdown, statistic
)

select
    indicator_id,
    metric_id,
    measure,
    period_id,
    breakdown,
    statistic,
    -- A gap or gradient without limits is none; the note says why.
    case when statistic not in ('slope_index', 'relative_index', 'gap') or (lower is not null and upper is not null) then value end as value,
    lower,
    upper,
    area_count,
    cast(null as double) as expected_by_chance,
    note
from {{ ref('int_equity__layer') }}
where area_code is null and statistic not in ('xmr', 'xmr_assurance')
union all
select
    indicator_id,
    metric_id,
    measure,
    period_id,
    breakdown,
    statistic,
    value,
    cast(null as double) as lower,
    cast(null as double) as upper,
    area_count,
    area_count * share_by_chance as expected_by_chance,
    note
from counted
