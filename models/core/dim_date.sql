with day as (
    {{ days_from_to("date '2000-01-01'", date_of(var('as_at')[:4] | int + 2, 12, 31)) }}
)

select
    date_day,
    cast(extract(year from date_day) as integer) as calendar_year,
    cast(extract(month from date_day) as integer) as calendar_month,
    cast(date_trunc('month', date_day) as date) as month_start,
    cast(date_trunc('quarter', date_day) as date) as quarter_start,
    cast(extract(isodow from date_day) as integer) as iso_weekday,
    {{ academic_year('date_day') }} as academic_year,
    {{ financial_year('date_day') }} as financial_year
from day
