-- EQ04: the risk of a group over that of all other groups in the same area, for the outcomes of disproportionality.csv. Flows are
-- pooled over up to three years; of a stock the same child would count three times. Where the others are too few (fewer than 10
-- with the outcome, or 30 in the base) they are those of the whole county: the alternate ratio of 34 CFR 300.647, whose cell and
-- group sizes these are. An alert: at least 1.5, or at most two thirds, and 99.8% limits clear of 1 (many groups are looked at).
with wanted as (
    select metric_id, measure, pooled_years, outcome
    from {{ ref('disproportionality') }}
),

period as (
    select
        period_id,
        period_type,
        row_number() over (partition by period_type order by start_date) as place
    from {{ ref('dim_period') }}
    where is_whole and {{ is_year('period_type') }}
),

pooled as (
    select
        metrics.metric_id,
        metrics.measure,
        wanted.outcome,
        period.period_id,
        metrics.area_level,
        metrics.area_code,
        metrics.subgroup_set,
        metrics.subgroup_value,
        sum(metrics.numerator) as events,
        sum(metrics.denominator) as base,
        count(distinct metrics.period_id) as pooled_years
    from wanted
    inner join {{ ref('fct_metric') }} as metrics on metrics.metric_id = wanted.metric_id and metrics.measure = wanted.measure
    inner join period as earlier on earlier.period_id = metrics.period_id
    inner join period
        on period.period_type = earlier.period_type
        and earlier.place between period.place - wanted.pooled_years + 1 and period.place
    where
        metrics.area_level in ('county', 'district')
        and metrics.subgroup_set in ('all', 'ethnicity', 'ethnicity_group', 'sex', 'fsm', 'eal', 'looked_after', 'child_in_need')
    group by
        metrics.metric_id, metrics.measure, wanted.outcome, period.period_id, metrics.area_level, metrics.area_code,
        metrics.subgroup_set, metrics.subgroup_value
),

compared as (
    select
        pooled.*,
        whole.events - pooled.events as other_events,
        whole.base - pooled.base as other_base,
        county.events - pooled.events as county_other_events,
        county.base - pooled.base as county_other_base,
        whole.events as all_events
    from pooled
    inner join pooled as whole
        on whole.metric_id = pooled.metric_id
        and whole.measure = pooled.measure
        and whole.period_id = pooled.period_id
        and whole.area_level = pooled.area_level
        and whole.area_code = pooled.area_code
        and whole.subgroup_set = 'all'
    inner join pooled as county
        on county.metric_id = pooled.metric_id
        and county.measure = pooled.measure
        and county.period_id = pooled.period_id
        and county.area_level = 'county'
        and county.subgroup_set = 'all'
    where pooled.subgroup_set <> 'all' and pooled.subgroup_value <> 'unknown'
),

chosen as (
    select
        *,
        area_level = 'district' and (other_events < 10 or other_base < 30) as is_alternate
    from compared
),

sized as (
    select
        *,
        case when is_alternate then county_other_events else other_events end as against_events,
        case when is_alternate then county_other_base else other_base end as against_base
    from chosen
),

estimated as (
    select
        *,
        events >= 10 and base >= 30 and against_events >= 10 and against_base >= 30 as is_large_enough,
        {{ risk_ratio('events', 'base', 'against_events', 'against_base') }} as risk_ratio,
        {{ risk_ratio('events', 'base', 'against_events', 'against_base', '-') }} as lower,
        {{ risk_ratio('events', 'base', 'against_events', 'against_base', '+') }} as upper
    from sized
)

select
    'EQ04' as indicator_id,
    metric_id,
    measure,
    outcome,
    period_id,
    area_level,
    area_code,
    subgroup_set,
    subgroup_value,
    events,
    base,
    against_events,
    against_base,
    is_alternate,
    pooled_years,
    risk_ratio,
    lower,
    upper,
    -- The share of the group among those with the outcome, beside its share of the base.
    events / nullif(all_events, 0) as composition_share,
    is_large_enough,
    coalesce(
        is_large_enough
        and (
            (risk_ratio >= 1.5 and ln(risk_ratio) - {{ normal_998() }} * (ln(upper) - ln(lower)) / (2 * {{ normal_95() }}) > 0)
            or (risk_ratio <= 2.0 / 3 and ln(risk_ratio) + {{ normal_998() }} * (ln(upper) - ln(lower)) / (2 * {{ normal_95() }}) < 0)
        ),
        false
    ) as is_alert
from estimated
