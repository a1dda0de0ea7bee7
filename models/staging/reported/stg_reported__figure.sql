-- Figures as they were told on days before this one: what was told on the day itself is made again.
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
where known_on < {{ date_var('known_on') }}
