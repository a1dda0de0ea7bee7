-- The headline figures of a return beside figures of others: the council's own of the year before, what DfE published of the
-- council, and its statistical neighbours, its region and England as last published. All of them are worked out from the columns
-- of release_headline.csv, by the same definition. Neighbours are one pooled group: all their numerators over all their
-- denominators. Counts are held against the council's own years only; others are of other sizes.
with council as (
    select
        header.collection_year,
        header."LEA" as la_code,
        area.region_code
    from {{ ref('sen2__header') }} as header
    left join {{ ref('release_area') }} as area on header."LEA" = area.la_code
),

figure as (
    select
        release_table.release_table || '.' || published.measure as column_name,
        published.collection_year as published_year,
        published.time_period,
        published.geographic_level,
        published.area_code,
        published.la_code,
        published.value
    from {{ ref('fct_published_figure') }} as published
    inner join {{ ref('release_table') }} as release_table on published.release_table = release_table.file_name
    where published.is_total
),

-- DfE prints the decisions in time and those that were late, and not the decisions.
known_figure as (
    select * from figure
    union all
    select
        'requests.requests_decided_in_year' as column_name,
        published_year,
        time_period,
        geographic_level,
        area_code,
        la_code,
        case when count(value) = 2 then sum(value) end as value
    from figure
    where column_name in ('requests.request_outcome_six_weeks', 'requests.request_outcome_over_6_weeks')
    group by published_year, time_period, geographic_level, area_code, la_code
),

summed as (
    select
        headline.measure_id,
        headline.unit,
        known_figure.published_year,
        max(known_figure.time_period) as time_period,
        known_figure.geographic_level,
        known_figure.area_code,
        known_figure.la_code,
        {% for side in ['numerator', 'denominator'] -%}
        {% set is_part = "'+' || headline." ~ side ~ " || '+' like '%+' || known_figure.column_name || '+%'" -%}
        case
            when count(case when {{ is_part }} then known_figure.value end)
                = max(1 + length(headline.{{ side }}) - length(replace(headline.{{ side }}, '+', '')))
            then sum(case when {{ is_part }} then known_figure.value end)
        end as {{ side }},
        {% endfor -%}
        max(headline.denominator) is null as is_count
    from known_figure
    inner join {{ ref('release_headline') }} as headline
        on '+' || headline.numerator || '+' || coalesce(headline.denominator, '') || '+' like '%+' || known_figure.column_name || '+%'
    group by
        headline.measure_id,
        headline.unit,
        known_figure.published_year,
        known_figure.geographic_level,
        known_figure.area_code,
        known_figure.la_code
),

-- A figure of which a part is not published (z, x, c) is no figure.
published as (
    select *
    from summed
    where numerator is not null and (is_count or denominator > 0)
),

-- Others are as of the last year that is out for England and not after the return.
latest as (
    select
        council.collection_year,
        council.la_code,
        council.region_code,
        published.measure_id,
        max(published.published_year) as published_year
    from council
    inner join published
        on published.geographic_level = 'National' and published.published_year <= council.collection_year
    where not published.is_count or published.unit = 'weeks'
    group by council.collection_year, council.la_code, council.region_code, published.measure_id
),

measured as (
    select
        council.collection_year,
        published.measure_id,
        case when published.published_year = council.collection_year then 'published_same_year' else 'published_last_year' end
            as comparator,
        published.time_period,
        published.is_count,
        published.numerator,
        published.denominator,
        1 as areas
    from council
    inner join published
        on council.la_code = published.la_code
        and published.geographic_level = 'Local authority'
        and published.published_year between council.collection_year - 1 and council.collection_year
    union all
    select
        latest.collection_year,
        published.measure_id,
        case published.geographic_level when 'National' then 'england' else 'region' end as comparator,
        published.time_period,
        published.is_count,
        published.numerator,
        published.denominator,
        1 as areas
    from latest
    inner join published
        on latest.measure_id = published.measure_id
        and latest.published_year = published.published_year
        and (
            published.geographic_level = 'National'
            or (published.geographic_level = 'Regional' and published.area_code = latest.region_code)
        )
    union all
    select
        latest.collection_year,
        published.measure_id,
        'statistical_neighbours' as comparator,
        max(published.time_period) as time_period,
        false as is_count,
        sum(published.numerator) as numerator,
        sum(published.denominator) as denominator,
        count(*) as areas
    from latest
    inner join {{ ref('dim_statistical_neighbour') }} as neighbour on latest.la_code = neighbour.la_code
    inner join published
        on neighbour.neighbour_la_code = published.la_code
        and latest.measure_id = published.measure_id
        and latest.published_year = published.published_year
    where not published.is_count
    group by latest.collection_year, published.measure_id
)

select
    collection_year,
    measure_id,
    comparator,
    time_period,
    case when is_count then numerator else {{ release_percent('numerator', 'denominator') }} end as value,
    numerator,
    denominator,
    cast(areas as integer) as area_count,
    'DfE, Education, health and care plans' as source
from measured
union all
select
    this_year.collection_year,
    this_year.measure_id,
    'own_last_year' as comparator,
    cast(last_year.collection_year as {{ dbt.type_string() }}) as time_period,
    last_year.value,
    last_year.numerator,
    last_year.denominator,
    1 as area_count,
    'The return of the year before' as source
from {{ ref('sen2__release_headline') }} as this_year
inner join {{ ref('sen2__release_headline') }} as last_year
    on this_year.collection_year = last_year.collection_year + 1 and this_year.measure_id = last_year.measure_id
where last_year.value is not null
