-- Every measure of every metric, by period, area and group, with its interval and a comparison. A county-wide group is compared
-- with everyone else; an area with the rest of the county; a group in an area with the same group in the rest of the county.
-- Whoever is in the metric's base is in that rest, unknown included; nothing is compared with a total that contains it.
with counted as (
    select
        measures.metric_id,
        measures.measure,
        measures.kind,
        measures.unit,
        measures.multiplier,
        measures.interval_method,
        counts.period_id,
        counts.area_level,
        counts.area_code,
        counts.subgroup_set,
        counts.subgroup_value,
        case measures.kind when 'mean' then counts.value_sum else counts.numerator end as group_numerator,
        case measures.kind when 'mean' then counts.value_count else counts.denominator end as group_denominator,
        counts.excluded,
        counts.event_count as group_events,
        case measures.kind when 'mean' then counts.value_squares else counts.numerator_squares end as group_squares,
        counts.denominator_squares as group_denominator_squares,
        counts.cross_products as group_cross_products
    from {{ ref('equity__metric_count') }} as counts
    inner join {{ ref('metric_measure') }} as measures
        on measures.metric_id = counts.metric_id and measures.variant = counts.variant
    where measures.kind in ('proportion', 'rate', 'mean', 'ratio', 'count')
),

with_rest as (
    select
        counted.*,
        {% for column in [
            'numerator', 'denominator', 'events', 'squares', 'denominator_squares', 'cross_products'
        ] -%}
        total.group_{{ column }} - counted.group_{{ column }} as rest_{{ column }}{{ ',' if not loop.last }}
        {% endfor %}
    from counted
    left join counted as total
        on total.metric_id = counted.metric_id
        and total.measure = counted.measure
        and total.period_id = counted.period_id
        and total.area_level = 'county'
        and total.subgroup_set = case when counted.area_level = 'county' then 'all' else counted.subgroup_set end
        and total.subgroup_value = case when counted.area_level = 'county' then 'all' else counted.subgroup_value end
        and (counted.area_level <> 'county' or counted.subgroup_set <> 'all')
),

-- What the engine cannot compute is looked up: exact Poisson limits below 10 events, Student's t to 100 degrees.
looked_up as (
    select
        with_rest.*,
        group_limit.lower as group_poisson_lower,
        group_limit.upper as group_poisson_upper,
        rest_limit.lower as rest_poisson_lower,
        rest_limit.upper as rest_poisson_upper,
        group_t.t as group_student_t,
        rest_t.t as rest_student_t
    from with_rest
    left join {{ ref('poisson_limit') }} as group_limit on group_limit.events = with_rest.group_numerator
    left join {{ ref('poisson_limit') }} as rest_limit on rest_limit.events = with_rest.rest_numerator
    left join {{ ref('student_t') }} as group_t
        on group_t.degrees_of_freedom = case with_rest.kind when 'ratio' then with_rest.group_events else with_rest.group_denominator end - 1
    left join {{ ref('student_t') }} as rest_t
        on rest_t.degrees_of_freedom = case with_rest.kind when 'ratio' then with_rest.rest_events else with_rest.rest_denominator end - 1
),

with_error as (
    select
        looked_up.*,
        case when kind = 'ratio' then {{ ratio_error('group') }} end as group_error,
        case when kind = 'ratio' then {{ ratio_error('rest') }} end as rest_error
    from looked_up
),

sized as (
    select
        with_error.*,
        {{ ratio_size('group') }} as group_size,
        {{ ratio_size('rest') }} as rest_size
    from with_error
),

estimated as (
    select
        sized.*,
        case when kind = 'count' then group_numerator else {{ metric_value('group') }} end as value,
        {{ metric_limit('group', 'lower') }} as lower,
        {{ metric_limit('group', 'upper') }} as upper,
        {{ metric_value('rest') }} as rest_value,
        {{ metric_limit('rest', 'lower') }} as rest_lower,
        {{ metric_limit('rest', 'upper') }} as rest_upper
    from sized
),

gaps_of_all as (
    select
        metric_id,
        measure,
        period_id,
        area_level,
        area_code,
        subgroup_set,
        subgroup_value,
        group_numerator as numerator,
        group_denominator as denominator,
        excluded,
        value,
        lower,
        upper,
        group_size as effective_size,
        rest_numerator,
        rest_denominator,
        rest_value,
        rest_lower,
        rest_upper,
        {% for name, sign in [('ratio_to_rest', none), ('ratio_lower', '-'), ('ratio_upper', '+')] %}
        case kind
            when 'proportion'
                then {{ risk_ratio('group_numerator', 'group_denominator', 'rest_numerator', 'rest_denominator', sign) }}
            when 'rate'
                then {{ rate_ratio('group_numerator', 'group_denominator', 'rest_numerator', 'rest_denominator', sign) }}
            when 'ratio' then {{ ratio_of_ratios(sign) }}
        end as {{ name }},
        {% endfor %}
        value - rest_value as difference_from_rest,
        {{ difference_lower('value', 'lower', 'rest_value', 'rest_upper') }} as difference_lower,
        {{ difference_upper('value', 'upper', 'rest_value', 'rest_lower') }} as difference_upper
    from estimated
),

-- A gap that has no limits is none.
compared as (
    select
        metric_id, measure, period_id, area_level, area_code, subgroup_set, subgroup_value, numerator, denominator, excluded, value, lower, upper,
        effective_size, rest_numerator, rest_denominator, rest_value, rest_lower, rest_upper,
        case when ratio_lower is not null and ratio_upper is not null then ratio_to_rest end as ratio_to_rest,
        ratio_lower,
        ratio_upper,
        case when difference_lower is not null and difference_upper is not null then difference_from_rest end as difference_from_rest,
        difference_lower,
        difference_upper
    from gaps_of_all
),

-- The difference of two groups of another metric (rows of metric_gap.csv), by county, district and locality.
gap as (
    select
        gaps.metric_id,
        gaps.measure,
        high.period_id,
        high.area_level,
        high.area_code,
        low.group_denominator as denominator,
        -- Of shares in percentage points, of means in their own unit.
        (high.value - low.value) * measures.multiplier as value,
        ({{ difference_lower('high.value', 'high.lower', 'low.value', 'low.upper') }}) * measures.multiplier as lower,
        ({{ difference_upper('high.value', 'high.upper', 'low.value', 'low.lower') }}) * measures.multiplier as upper
    from {{ ref('metric_gap') }} as gaps
    inner join {{ ref('metric_measure') }} as measures on measures.metric_id = gaps.metric_id and measures.measure = gaps.measure
    inner join estimated as high
        on high.metric_id = gaps.of_metric_id
        and high.measure = gaps.of_measure
        and high.subgroup_set = gaps.subgroup_set
        and high.subgroup_value = gaps.value_from
    inner join estimated as low
        on low.metric_id = gaps.of_metric_id
        and low.measure = gaps.of_measure
        and low.subgroup_set = gaps.subgroup_set
        and low.subgroup_value = gaps.value_to
        and low.period_id = high.period_id
        and low.area_level = high.area_level
        and low.area_code = high.area_code
),

standardised as (
    select
        rates.metric_id,
        rates.measure,
        rates.period_id,
        rates.area_level,
        rates.area_code,
        rates.subgroup_set,
        rates.subgroup_value,
        rates.numerator,
        rates.denominator,
        -- Fewer than 10 events are too few to standardise (equity-methods reference, section 2).
        case when rates.numerator >= 10 then rates.value * measures.multiplier end as value,
        case
            when rates.numerator >= 10
                then (rates.value + sqrt(rates.variance / rates.numerator) * (
                    {{ poisson_lower('rates.numerator', 'null') }} - rates.numerator
                )) * measures.multiplier
        end as lower,
        case
            when rates.numerator >= 10
                then (rates.value + sqrt(rates.variance / rates.numerator) * (
                    {{ poisson_upper('rates.numerator', 'null') }} - rates.numerator
                )) * measures.multiplier
        end as upper
    from {{ ref('equity__standardised_rate') }} as rates
    inner join {{ ref('metric_measure') }} as measures
        on measures.metric_id = rates.metric_id and measures.measure = rates.measure
),

measured as (
    select
        metric_id, measure, period_id, area_level, area_code, subgroup_set, subgroup_value, numerator, denominator, excluded, value, lower, upper,
        effective_size, rest_numerator, rest_denominator, rest_value, rest_lower, rest_upper, ratio_to_rest, ratio_lower, ratio_upper,
        difference_from_rest, difference_lower, difference_upper
    from compared
    union all
    select
        metric_id, measure, period_id, area_level, area_code, subgroup_set, subgroup_value, numerator, denominator, null, value, lower, upper,
        null, null, null, null, null, null, null, null, null, null, null, null
    from standardised
    union all
    select
        metric_id, measure, period_id, area_level, area_code, subgroup_set, subgroup_value, null, denominator, null, value, lower, upper,
        null, null, null, null, null, null, null, null, null, null, null, null
    from {{ ref('equity__quantile') }}
    union all
    select
        metric_id, measure, period_id, area_level, area_code, 'all', 'all', null, denominator, null, value, lower, upper,
        null, null, null, null, null, null, null, null, null, null, null, null
    from gap
)

select
    measured.metric_id,
    measured.measure,
    measured.period_id,
    period.period_type,
    measured.area_level,
    measured.area_code,
    measured.subgroup_set,
    measured.subgroup_value,
    measured.numerator,
    measured.denominator,
    measured.excluded,
    measured.value,
    measured.lower,
    measured.upper,
    measures.unit,
    measures.multiplier,
    measures.interval_method,
    measured.effective_size,
    case
        when measured.area_level <> 'county' and measured.subgroup_set <> 'all' then 'same_group_elsewhere'
        when measured.area_level <> 'county' then 'rest_of_county'
        when measured.subgroup_set <> 'all' then 'everyone_else'
    end as compared_with,
    measured.rest_numerator,
    measured.rest_denominator,
    measured.rest_value,
    measured.rest_lower,
    measured.rest_upper,
    measured.ratio_to_rest,
    measured.ratio_lower,
    measured.ratio_upper,
    measured.difference_from_rest,
    measured.difference_lower,
    measured.difference_upper,
    coalesce(
        coalesce(measured.numerator, measured.denominator) >= 10
        and measured.value > 0
        and (measured.upper - measured.lower) / measured.value <= 0.6,
        false
    ) as is_reliable,
    metrics.disclosure_class,
    metrics.version as metric_version,
    case when told.stock_day = 'last_day' then least(period.end_date, {{ date_var('as_at') }}) else period.stock_date end as stock_date,
    period.is_whole and missing.metric_id is null as is_whole_period,
    {{ date_var('known_on') }} as known_on
from measured
inner join {{ ref('dim_period') }} as period on period.period_id = measured.period_id
inner join {{ ref('metric') }} as metrics on metrics.metric_id = measured.metric_id
inner join {{ ref('metric_measure') }} as measures
    on measures.metric_id = measured.metric_id and measures.measure = measured.measure
left join {{ ref('metric_period') }} as told
    on told.metric_id = measured.metric_id and told.period_type = period.period_type
left join {{ ref('equity__missing_part') }} as missing
    on missing.metric_id = measured.metric_id and missing.period_id = measured.period_id
where {{ is_landed_level('measured.area_level') }}
