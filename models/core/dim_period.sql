-- Calendar years from the first collection's to the one under way, their months, and the academic and financial years that
-- start in them. A calendar year opens once the census day that closes the year before lies behind us: three weeks of January
-- are no year. The census day that closes a calendar year lies in the academic and the financial year that started in it, so
-- each period has the people and groups of one calendar year.
with collection as (
    select collection_year, census_day
    from {{ ref('dim_collection') }}
    where record_origin = 'made'
),

as_at as (
    select cast('{{ var("as_at") }}' as date) as as_at_date
),

-- Third Thursday in January, for years of which the collection has no row yet.
third_thursday as (
    select calendar_year, max(date_day) as census_day
    from {{ ref('dim_date') }}
    where calendar_month = 1 and iso_weekday = 4 and extract(day from date_day) between 15 and 21
    group by calendar_year
),

calendar_year as (
    select calendar_year, min(date_day) as start_date, max(date_day) as end_date
    from {{ ref('dim_date') }}
    where calendar_year >= (select min(collection_year) - 1 from collection)
    group by calendar_year
),

with_census_day as (
    select
        calendar_year.calendar_year,
        calendar_year.start_date,
        calendar_year.end_date,
        coalesce(collection.census_day, third_thursday.census_day) as census_day
    from calendar_year
    left join collection on collection.collection_year = calendar_year.calendar_year + 1
    left join third_thursday on third_thursday.calendar_year = calendar_year.calendar_year + 1
),

opened as (
    select
        this_year.calendar_year,
        this_year.start_date,
        this_year.end_date,
        -- The calendar can end before next January: then the stock is that of today.
        coalesce(least(this_year.census_day, as_at.as_at_date), as_at.as_at_date) as stock_date
    from with_census_day as this_year
    cross join as_at
    left join with_census_day as year_before on year_before.calendar_year = this_year.calendar_year - 1
    where
        this_year.start_date <= as_at.as_at_date
        and coalesce(year_before.census_day < as_at.as_at_date, true)
),

month as (
    select opened.calendar_year, days.month_start as start_date, max(days.date_day) as end_date
    from opened
    inner join {{ ref('dim_date') }} as days on days.calendar_year = opened.calendar_year
    group by opened.calendar_year, days.month_start
),

period as (
    select
        cast(calendar_year as {{ dbt.type_string() }}) as period_id,
        'calendar_year' as period_type,
        start_date,
        end_date,
        stock_date,
        cast(calendar_year as {{ dbt.type_string() }}) as year_period_id
    from opened
    union all
    -- As DfE prints them: 2025/26 from 1 September, 2025-26 from 1 April (said here with its name: 2009-10 is a month too).
    {% for type, first_month in [('academic_year', 9), ('financial_year', 4)] -%}
    select
        {{ "'FY ' || " if type == 'financial_year' }}cast(opened.calendar_year as {{ dbt.type_string() }})
        || '{{ '/' if type == 'academic_year' else '-' }}'
        || substr(cast(opened.calendar_year + 1 as {{ dbt.type_string() }}), 3, 2) as period_id,
        '{{ type }}' as period_type,
        {{ date_of('opened.calendar_year', first_month, 1) }} as start_date,
        {{ days_after(date_of('opened.calendar_year + 1', first_month, 1), -1) }} as end_date,
        {% if type == 'academic_year' -%}
        opened.stock_date,
        {%- else -%}
        least({{ date_of('opened.calendar_year + 1', 3, 31) }}, as_at.as_at_date) as stock_date,
        {%- endif %}
        cast(opened.calendar_year as {{ dbt.type_string() }}) as year_period_id
    from opened
    cross join as_at
    where {{ date_of('opened.calendar_year', first_month, 1) }} <= as_at.as_at_date
    union all
    {% endfor -%}
    select
        substr(cast(month.start_date as {{ dbt.type_string() }}), 1, 7) as period_id,
        'month' as period_type,
        month.start_date,
        month.end_date,
        least(month.end_date, as_at.as_at_date) as stock_date,
        cast(month.calendar_year as {{ dbt.type_string() }}) as year_period_id
    from month
    cross join as_at
    where month.start_date <= as_at.as_at_date
)

select
    period.period_id,
    period.period_type,
    period.start_date,
    period.end_date,
    period.stock_date,
    period.year_period_id,
    days.academic_year,
    as_at.as_at_date > period.end_date as is_whole
from period
cross join as_at
inner join {{ ref('dim_date') }} as days on days.date_day = period.stock_date
