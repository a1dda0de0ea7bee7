-- PL18: plans forecast by home district, need and phase, beside the places planned; and forecasts from one and two years ago beside
-- what came, which say how far to trust it.
with forecast as (
    select
        made_from,
        {{ months_after('made_from', '12 * years_ahead') }} as target_date,
        years_ahead,
        area_level,
        coalesce(area_code, '{{ var("la_code") }}') as area_code,
        need,
        phase,
        plans_at_start,
        plans,
        lower,
        upper,
        actual,
        plans - actual as error,
        actual between lower and upper as is_within_limits,
        specialist_plans,
        specialist_lower,
        specialist_upper,
        flow_years
    from {{ ref('int_equity__forecast') }}
),

-- The same cell forecast as many years ahead, from earlier days: how far off on the whole.
off as (
    select
        area_level,
        area_code,
        need,
        phase,
        years_ahead,
        avg(error) as mean_error,
        avg(abs(error)) as mean_absolute_error
    from forecast
    where actual is not null
    group by area_level, area_code, need, phase, years_ahead
),

-- Of all single needs and phases of the level, how many came out within the limits: 95% is what was promised.
held as (
    select
        area_level,
        years_ahead,
        avg({{ counted('is_within_limits') }}) as share_within_limits,
        count(*) as cell_count
    from forecast
    where actual is not null and need <> 'all' and phase <> 'all'
    group by area_level, years_ahead
),

place as (
    select
        places.academic_year,
        {{ home_area(
            'case when establishment.in_county then ' ~ known_area('establishment.district_code', 'district') ~ ' end',
            'establishment.in_county'
        ) }} as district,
        places.need,
        coalesce(places.phase, 'ALL') as phase,
        places.places_commissioned
    from {{ ref('fct_commissioned_place') }} as places
    left join {{ ref('dim_establishment') }} as establishment on establishment.establishment_key = places.establishment_key
    where places.place_term in ('spring', 'year')
),

planned as (
    select
        academic_year,
        case when grouping(district) = 1 then 'county' else 'district' end as area_level,
        case when grouping(district) = 1 then '{{ var("la_code") }}' else district end as area_code,
        case when grouping(need) = 1 then 'all' else need end as need,
        case when grouping(phase) = 1 then 'all' else phase end as phase,
        sum(places_commissioned) as places
    from place
    group by academic_year, cube (district, need, phase)
),

-- Places planned for the year itself, or else those of the newest year before it that has any.
year_of as (
    select target.target_date, max(landed.academic_year) as academic_year
    from (select distinct target_date from forecast) as target
    inner join (select distinct academic_year from place) as landed
        on landed.academic_year <= {{ academic_year('target.target_date') }}
    group by target.target_date
)

select
    'PL18' as indicator_id,
    forecast.made_from,
    forecast.target_date,
    forecast.years_ahead,
    forecast.area_level,
    forecast.area_code,
    forecast.need,
    forecast.phase,
    cast(forecast.plans_at_start as bigint) as plans_at_start,
    forecast.plans,
    forecast.lower,
    forecast.upper,
    cast(forecast.actual as bigint) as actual,
    forecast.error,
    forecast.is_within_limits,
    forecast.specialist_plans,
    forecast.specialist_lower,
    forecast.specialist_upper,
    year_of.academic_year as places_academic_year,
    cast(case when year_of.academic_year is not null then coalesce(planned.places, 0) end as bigint) as planned_places,
    case when year_of.academic_year is not null then forecast.specialist_plans - coalesce(planned.places, 0) end as gap,
    off.mean_error as backtest_mean_error,
    off.mean_absolute_error as backtest_mean_absolute_error,
    held.share_within_limits as backtest_share_within_limits,
    held.cell_count as backtest_cell_count,
    forecast.flow_years,
    case
        when forecast.actual is not null then 'Back-test: what came is known'
        when held.years_ahead is null then 'No back-test so many years ahead'
        else 'Back-tested'
    end
    || case
        when year_of.academic_year < {{ academic_year('forecast.target_date') }}
            then '; places are those of ' || cast(year_of.academic_year as {{ dbt.type_string() }}) || ', the newest that landed'
        else ''
    end as note
from forecast
left join year_of on year_of.target_date = forecast.target_date
left join planned
    on planned.academic_year = year_of.academic_year
    and planned.area_level = forecast.area_level
    and planned.area_code = forecast.area_code
    and planned.need = forecast.need
    and planned.phase = forecast.phase
left join off
    on off.area_level = forecast.area_level
    and off.area_code = forecast.area_code
    and off.need = forecast.need
    and off.phase = forecast.phase
    and off.years_ahead = forecast.years_ahead
left join held on held.area_level = forecast.area_level and held.years_ahead = forecast.years_ahead
