-- Calendar years from the first collection's to the one under way, their months and the twelve months to the end of each, and the
-- academic and financial years that start in them, with their terms and quarters. A calendar year opens once the census day that
-- closes the year before lies behind us: three weeks of January are no year. The census day that closes a calendar year lies in the
-- academic and the financial year that started in it, so each period has the people and groups of one calendar year: of a term and a
-- quarter those of their year, or they would not add up to it.
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

-- A term ends with the year, at Easter and with August, as the school census asks after exclusions.
term as (
    select
        opened.calendar_year,
        terms.census_term,
        case terms.census_term
            when 'autumn' then {{ date_of('opened.calendar_year', 9, 1) }}
            when 'spring' then {{ date_of('opened.calendar_year + 1', 1, 1) }}
            else {{ days_after('easter.easter_sunday', 1) }}
        end as start_date,
        case terms.census_term
            when 'autumn' then {{ date_of('opened.calendar_year', 12, 31) }}
            when 'spring' then easter.easter_sunday
            else {{ date_of('opened.calendar_year + 1', 8, 31) }}
        end as end_date,
        days.census_day
    from opened
    cross join (select distinct census_term from {{ ref('school_census_day') }}) as terms
    inner join {{ ref('easter') }} as easter on easter.calendar_year = opened.calendar_year + 1
    left join {{ ref('school_census_day') }} as days
        on days.census_term = terms.census_term
        and days.census_year = opened.calendar_year + case terms.census_term when 'autumn' then 0 else 1 end
),

period as (
    select
        cast(calendar_year as {{ dbt.type_string() }}) as period_id,
        'calendar_year' as period_type,
        start_date,
        end_date,
        stock_date,
        cast(calendar_year as {{ dbt.type_string() }}) as year_period_id,
        cast(null as {{ dbt.type_string() }}) as school_term
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
        cast(opened.calendar_year as {{ dbt.type_string() }}) as year_period_id,
        cast(null as {{ dbt.type_string() }}) as school_term
    from opened
    cross join as_at
    where {{ date_of('opened.calendar_year', first_month, 1) }} <= as_at.as_at_date
    union all
    {% endfor -%}
    {% for quarter, year, first_month in [(1, 0, 4), (2, 0, 7), (3, 0, 10), (4, 1, 1)] -%}
    {%- set first_day = date_of('opened.calendar_year + ' ~ year, first_month, 1) %}
    select
        'FY ' || cast(opened.calendar_year as {{ dbt.type_string() }}) || '-'
        || substr(cast(opened.calendar_year + 1 as {{ dbt.type_string() }}), 3, 2) || ' Q{{ quarter }}' as period_id,
        'quarter' as period_type,
        {{ first_day }} as start_date,
        {{ days_after(months_after(first_day, 3), -1) }} as end_date,
        least({{ days_after(months_after(first_day, 3), -1) }}, as_at.as_at_date) as stock_date,
        cast(opened.calendar_year as {{ dbt.type_string() }}) as year_period_id,
        cast(null as {{ dbt.type_string() }}) as school_term
    from opened
    cross join as_at
    where {{ first_day }} <= as_at.as_at_date
    union all
    {% endfor -%}
    select
        cast(term.calendar_year as {{ dbt.type_string() }}) || '/'
        || substr(cast(term.calendar_year + 1 as {{ dbt.type_string() }}), 3, 2) || ' ' || term.census_term as period_id,
        'term' as period_type,
        term.start_date,
        term.end_date,
        least(coalesce(term.census_day, term.end_date), as_at.as_at_date) as stock_date,
        cast(term.calendar_year as {{ dbt.type_string() }}) as year_period_id,
        term.census_term as school_term
    from term
    cross join as_at
    where term.start_date <= as_at.as_at_date
    union all
    select
        substr(cast(month.start_date as {{ dbt.type_string() }}), 1, 7) as period_id,
        'month' as period_type,
        month.start_date,
        month.end_date,
        least(month.end_date, as_at.as_at_date) as stock_date,
        cast(month.calendar_year as {{ dbt.type_string() }}) as year_period_id,
        cast(null as {{ dbt.type_string() }}) as school_term
    from month
    cross join as_at
    where month.start_date <= as_at.as_at_date
    union all
    -- Only of twelve months that are behind us, and all of them in years that are told of.
    select
        '12 months to ' || substr(cast(month.start_date as {{ dbt.type_string() }}), 1, 7) as period_id,
        'rolling_12_months' as period_type,
        {{ months_after('month.start_date', -11) }} as start_date,
        month.end_date,
        month.end_date as stock_date,
        cast(month.calendar_year as {{ dbt.type_string() }}) as year_period_id,
        cast(null as {{ dbt.type_string() }}) as school_term
    from month
    cross join as_at
    where
        month.end_date < as_at.as_at_date
        and {{ months_after('month.start_date', -11) }} >= (select min(opened.start_date) from opened)
)

select
    period.period_id,
    period.period_type,
    period.start_date,
    period.end_date,
    period.stock_date,
    period.year_period_id,
    period.school_term,
    days.academic_year,
    as_at.as_at_date > period.end_date as is_whole
from period
cross join as_at
inner join {{ ref('dim_date') }} as days on days.date_day = period.stock_date
