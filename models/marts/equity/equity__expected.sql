-- EQ08: same need, same help? Support observed in an area beside what it would be at the county's rates for children of the same
-- age, sex and deprivation (IDACI fifth): an indirectly standardised ratio, 100 as expected. Of fewer than 5 expected nothing is
-- said. Two such ratios must not be compared with each other, only with 100.
with event as (
    {{ metric_event_in_groups() }}
    where exists (
        select 1 from {{ ref('expected_support') }} as wanted
        where wanted.metric_id = events.metric_id and wanted.variant = events.variant
    )
),

stratum as (
    select
        metric_id, variant, period_id, age_band, sex, idaci_quintile,
        sum(numerator) as events,
        sum(denominator) as base
    from event
    group by metric_id, variant, period_id, age_band, sex, idaci_quintile
),

area as (
    {% for level in area_columns_compared() -%}
    select
        event.metric_id,
        event.variant,
        event.period_id,
        '{{ level }}' as area_level,
        event.{{ level }} as area_code,
        sum(event.numerator) as observed,
        {{ exact_sum('event.denominator * stratum.events / nullif(stratum.base, 0)') }} as expected,
        sum(event.denominator) as base
    from event
    inner join stratum
        on stratum.metric_id = event.metric_id
        and stratum.variant = event.variant
        and stratum.period_id = event.period_id
        and stratum.age_band = event.age_band
        and stratum.sex = event.sex
        and stratum.idaci_quintile = event.idaci_quintile
    group by event.metric_id, event.variant, event.period_id, event.{{ level }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    'EQ08' as indicator_id,
    area.metric_id,
    area.variant,
    wanted.support,
    area.period_id,
    area.area_level,
    area.area_code,
    area.observed,
    area.expected,
    area.base,
    case when area.expected >= 5 then 100 * area.observed / area.expected end as ratio,
    case
        when area.expected >= 5 then 100 * {{ poisson_lower('area.observed', 'limits.lower') }} / area.expected
    end as lower,
    case
        when area.expected >= 5 then 100 * {{ poisson_upper('area.observed', 'limits.upper') }} / area.expected
    end as upper
from area
inner join {{ ref('expected_support') }} as wanted on wanted.metric_id = area.metric_id and wanted.variant = area.variant
left join {{ ref('poisson_limit') }} as limits on limits.events = area.observed
where {{ is_landed_level('area.area_level') }}
