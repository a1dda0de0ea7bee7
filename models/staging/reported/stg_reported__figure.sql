-- Figures as they were told, of every day.
select
    known_on,
    is_rebuilt,
    metric_id,
    metric_version,
    measure,
    period_id,
    area_level,
    area_code,
    is_whole_period,
    numerator,
    denominator,
    value
from {{ source('reported', 'figure') }}
