-- As known then and as known now: each figure of the county and its districts as it was told on an earlier day, beside what is known
-- of it today. It changes with late arrivals and with what is dated back; where the metric has another version, our definition did.
-- Periods that were under way on the day are not restated but grew, and are left out.
select
    told.metric_id,
    told.measure,
    told.period_id,
    told.area_level,
    told.area_code,
    told.known_on,
    told.is_rebuilt,
    told.numerator as numerator_then,
    told.denominator as denominator_then,
    told.value as value_then,
    figure.numerator as numerator_now,
    figure.denominator as denominator_now,
    figure.value as value_now,
    figure.value - told.value as difference,
    coalesce(figure.metric_version, registry.version) is not distinct from told.metric_version as is_same_definition,
    told.numerator is not distinct from figure.numerator
    and told.denominator is not distinct from figure.denominator
    and told.value is not distinct from figure.value as is_unchanged
from {{ ref('fct_reported_figure') }} as told
left join {{ ref('fct_metric') }} as figure
    on figure.metric_id = told.metric_id
    and figure.measure = told.measure
    and figure.period_id = told.period_id
    and figure.area_level = told.area_level
    and figure.area_code = told.area_code
    and figure.subgroup_set = 'all'
left join {{ ref('metric') }} as registry on registry.metric_id = told.metric_id
where told.is_whole_period
