-- Figures of the county and its districts as they were told on days before this one.
select
    {{ key('reported_figure', ['metric_id', 'measure', 'period_id', 'area_level', 'area_code', 'known_on']) }} as reported_figure_key,
    metric_id,
    measure,
    period_id,
    area_level,
    area_code,
    known_on,
    is_rebuilt,
    metric_version,
    is_whole_period,
    numerator,
    denominator,
    value
from {{ ref('stg_reported__figure') }}
