-- The reading checklist as data (equity-methods reference, section 12): what has to stand beside a comparison, and whether it does.
-- The equity page shows no gap where `may_show_gap` is false, and sets no areas side by side where `may_compare_areas` is.
with grouped as (
    select
        metric_id,
        measure,
        period_id,
        breakdown,
        max(area_level) as area_level,
        count(*) as group_count,
        sum(case when value is not null then 1 else 0 end) as value_count,
        sum(case when value is not null and denominator is null then 1 else 0 end) as without_count,
        sum(case when value is not null and (lower is null or upper is null) then 1 else 0 end) as without_interval,
        sum(case when value is not null and rest_value is null then 1 else 0 end) as without_comparator,
        sum(case when ratio_lower is not null and ratio_upper is not null then 1 else 0 end) as relative_gaps,
        sum(case when difference_lower is not null and difference_upper is not null then 1 else 0 end) as absolute_gaps,
        sum(case when breakdown_value = 'unknown' or excluded is not null then 1 else 0 end) as says_unknown,
        -- Of those in the base, for how many the record says which group or area they belong to.
        1.0 - {{ exact_sum("case when breakdown_value = 'unknown' then coalesce(denominator, numerator) else 0 end") }}
        / nullif({{ exact_sum('coalesce(denominator, numerator)') }}, 0) as known_share,
        {{ exact_sum('excluded') }} / nullif({{ exact_sum('coalesce(denominator, numerator) + coalesce(excluded, 0)') }}, 0) as excluded_share,
        sum(case when value is not null and coalesce(denominator, numerator) < 10 then 1 else 0 end) as small_count,
        max(stock_date) as stock_date,
        max(known_on) as known_on,
        max(base) as base,
        max(clock) as clock,
        max(age_rule) as age_rule
    from {{ ref('rpt_equity__metric') }}
    where breakdown is not null
    group by metric_id, measure, period_id, breakdown
),

standardised as (
    select distinct metric_id
    from {{ ref('metric_measure') }}
    where kind = 'standardised_rate'
    union
    select metric_id from {{ ref('expected_support') }}
),

funnel as (
    select distinct metric_id, measure, period_id, area_level
    from {{ ref('equity__funnel') }}
    where lower_95 is not null and upper_95 is not null
),

trend as (
    select distinct metric_id, measure
    from {{ ref('equity__trend') }}
),

judged as (
    select
        grouped.*,
        grouped.base is not null as has_base,
        grouped.clock is not null as has_clock,
        grouped.age_rule is not null as has_age_rule,
        grouped.value_count > 0 and grouped.without_count = 0 as has_numbers,
        grouped.value_count > 0 and grouped.without_interval = 0 as has_interval,
        grouped.value_count > 0 and grouped.without_comparator = 0 as has_comparator,
        grouped.relative_gaps > 0 as has_relative_gap,
        grouped.absolute_gaps > 0 as has_absolute_gap,
        standardised.metric_id is not null as has_standardised,
        trend.metric_id is not null as has_trend,
        funnel.metric_id is not null as has_funnel,
        grouped.stock_date is not null and grouped.known_on is not null and provenance.oldest_extract_date is not null as has_dates,
        provenance.oldest_extract_date,
        provenance.extract_count > 0 and provenance.not_fresh is null as has_fresh_extracts,
        grouped.says_unknown > 0 as has_unknown_counted
    from grouped
    left join standardised on standardised.metric_id = grouped.metric_id
    left join {{ ref('equity__provenance') }} as provenance
        on provenance.metric_id = grouped.metric_id and provenance.period_id = grouped.period_id
    left join trend on trend.metric_id = grouped.metric_id and trend.measure = grouped.measure
    left join funnel
        on funnel.metric_id = grouped.metric_id
        and funnel.measure = grouped.measure
        and funnel.period_id = grouped.period_id
        and funnel.area_level = grouped.breakdown
)

select
    metric_id,
    measure,
    period_id,
    breakdown,
    area_level,
    cast(group_count as integer) as group_count,
    cast(value_count as integer) as value_count,
    has_base,
    has_clock,
    has_age_rule,
    has_numbers,
    has_interval,
    has_comparator,
    has_relative_gap,
    has_absolute_gap,
    has_standardised,
    has_trend,
    has_funnel,
    has_dates,
    has_unknown_counted,
    has_fresh_extracts,
    oldest_extract_date,
    known_share,
    excluded_share,
    cast(small_count as integer) as small_count,
    -- Base, clock and date named, and limits on at least one of the two gaps; a group without limits of its own has no gap.
    has_base and has_clock and has_dates and has_numbers and (has_relative_gap or has_absolute_gap) as may_show_gap,
    area_level <> 'county' and has_funnel and has_numbers as may_compare_areas
from judged
