-- What changed from one delivery of an extract to the next: the newest that counts and the one before, within one series (a health
-- provider, a term, a waiting list). How much is told is a row of drift_kind. The counts are those that the door keeps of each file;
-- a column that is not in one of the two files is told once, and not again as blank.
with file as (
    select
        receipt_id,
        source,
        entity,
        coalesce({{ series_of('period') }}, '') as series,
        coalesce(period, '') as period,
        snapshot_date
    from {{ ref('stg_landing__receipt') }}
    where is_of_its_day
),

placed as (
    select
        *,
        dense_rank() over (partition by source, entity, series order by period desc, snapshot_date desc) as place
    from file
),

pair as (
    select
        source,
        entity,
        series,
        max(case when place = 1 then snapshot_date end) as delivered_date,
        max(case when place = 1 then period end) as delivered_period,
        max(case when place = 2 then snapshot_date end) as previous_date,
        max(case when place = 2 then period end) as previous_period
    from placed
    where place <= 2
    group by source, entity, series
    having max(place) = 2
),

figure as (
    select
        placed.source,
        placed.entity,
        placed.series,
        coalesce(measure.column_name, '') as column_name,
        measure.measure,
        measure.measured_value,
        sum(case when placed.place = 1 then measure.row_count else 0 end) as rows_now,
        sum(case when placed.place = 2 then measure.row_count else 0 end) as rows_before,
        max(case when placed.place = 1 then 1 else 0 end) as is_now,
        max(case when placed.place = 2 then 1 else 0 end) as was_before
    from placed
    inner join {{ ref('stg_landing__measure') }} as measure on placed.receipt_id = measure.receipt_id
    where placed.place <= 2
    group by placed.source, placed.entity, placed.series, measure.column_name, measure.measure, measure.measured_value
),

size as (
    select source, entity, series, rows_now, rows_before
    from figure
    where measure = 'rows'
),

-- Columns that both deliveries have, with how many of their cells are filled.
filled as (
    select figure.source, figure.entity, figure.series, figure.column_name, figure.rows_now, figure.rows_before
    from figure
    left join figure as missing
        on figure.source = missing.source
        and figure.entity = missing.entity
        and figure.series = missing.series
        and figure.column_name = missing.column_name
        and missing.measure = 'missing'
    where figure.measure = 'filled' and missing.column_name is null
),

-- In which form a column is written: the share of each, now and older.
form as (
    select
        figure.source,
        figure.entity,
        figure.series,
        figure.column_name,
        figure.measured_value,
        sum(figure.rows_now) over (partition by figure.source, figure.entity, figure.series, figure.column_name) as filled_now,
        sum(figure.rows_before) over (partition by figure.source, figure.entity, figure.series, figure.column_name) as filled_before,
        figure.rows_now,
        figure.rows_before
    from figure
    where figure.measure = 'form'
),

fact as (
    select
        source,
        entity,
        series,
        '' as column_name,
        case when rows_now < rows_before then 'rows_fewer' else 'rows_more' end as kind,
        '' as delivered_value,
        abs(rows_now - rows_before) / nullif(cast(rows_before as double), 0) as change,
        -- An extract that was empty, or is, has changed however small it is.
        case when least(rows_now, rows_before) = 0 then greatest(rows_now, rows_before) else rows_before end as compared_rows,
        cast(rows_before as {{ dbt.type_string() }}) || ' rows' as was,
        cast(rows_now as {{ dbt.type_string() }}) || ' rows' as became
    from size
    union all
    select source, entity, series, column_name, 'column_gone', '', null, null, 'in the file', 'not in the file'
    from figure
    where measure = 'missing' and is_now = 1 and was_before = 0
    union all
    select source, entity, series, column_name, 'column_back', '', null, null, 'not in the file', 'in the file'
    from figure
    where measure = 'missing' and is_now = 0
    union all
    select source, entity, series, column_name, 'column_new', '', null, null, 'not in the file', 'in the file, and nothing reads it'
    from figure
    where measure = 'ignored' and was_before = 0
    union all
    -- The least of the two shares: both forms have to be the usual one.
    select
        newer.source,
        newer.entity,
        newer.series,
        newer.column_name,
        'form_changed',
        '',
        least(
            newer.rows_now / nullif(cast(newer.filled_now as double), 0), older.rows_before / nullif(cast(older.filled_before as double), 0)
        ),
        least(newer.filled_now, newer.filled_before),
        {{ percent_text('older.rows_before / cast(older.filled_before as double)') }} || ' ' || older.measured_value,
        {{ percent_text('newer.rows_now / cast(newer.filled_now as double)') }} || ' ' || newer.measured_value
    from form as newer
    inner join form as older
        on newer.source = older.source
        and newer.entity = older.entity
        and newer.series = older.series
        and newer.column_name = older.column_name
        and newer.measured_value <> older.measured_value
    where newer.rows_now * 2 > newer.filled_now and older.rows_before * 2 > older.filled_before
    union all
    select
        filled.source,
        filled.entity,
        filled.series,
        filled.column_name,
        'blank',
        '',
        abs(
            filled.rows_now / nullif(cast(size.rows_now as double), 0) - filled.rows_before / nullif(cast(size.rows_before as double), 0)
        ),
        least(size.rows_now, size.rows_before),
        {{ percent_text('1 - filled.rows_before / nullif(cast(size.rows_before as double), 0)') }},
        {{ percent_text('1 - filled.rows_now / nullif(cast(size.rows_now as double), 0)') }}
    from filled
    inner join size on filled.source = size.source and filled.entity = size.entity and filled.series = size.series
    union all
    select
        filled.source,
        filled.entity,
        filled.series,
        filled.column_name,
        figure.measure,
        '',
        -- A share that fell is a mend, and nothing to look at.
        figure.rows_now / nullif(cast(filled.rows_now as double), 0)
        - figure.rows_before / nullif(cast(filled.rows_before as double), 0),
        least(filled.rows_now, filled.rows_before),
        {{ percent_text('figure.rows_before / nullif(cast(filled.rows_before as double), 0)') }},
        {{ percent_text('figure.rows_now / nullif(cast(filled.rows_now as double), 0)') }}
    from filled
    inner join figure
        on filled.source = figure.source
        and filled.entity = figure.entity
        and filled.series = figure.series
        and filled.column_name = figure.column_name
        and figure.measure in ('unparseable', 'implausible', 'unknown_code', 'bad_format')
    union all
    select
        filled.source,
        filled.entity,
        filled.series,
        filled.column_name,
        'code_new',
        figure.measured_value,
        figure.rows_now,
        null,
        'none, or too few rows to be shown',
        cast(figure.rows_now as {{ dbt.type_string() }}) || ' rows'
    from filled
    inner join figure
        on filled.source = figure.source
        and filled.entity = figure.entity
        and filled.series = figure.series
        and filled.column_name = figure.column_name
        and figure.measure = 'other_code'
        and figure.was_before = 0
    union all
    select
        filled.source,
        filled.entity,
        filled.series,
        filled.column_name,
        'code_gone',
        figure.measured_value,
        figure.rows_before / nullif(cast(filled.rows_before as double), 0),
        least(filled.rows_now, filled.rows_before),
        cast(figure.rows_before as {{ dbt.type_string() }}) || ' rows',
        'none, or too few rows to be shown'
    from filled
    inner join figure
        on filled.source = figure.source
        and filled.entity = figure.entity
        and filled.series = figure.series
        and filled.column_name = figure.column_name
        and figure.measure in ('known_code', 'other_code')
        and figure.is_now = 0
)

select
    fact.source,
    fact.entity,
    nullif(fact.series, '') as series,
    nullif(fact.column_name, '') as column_name,
    fact.kind,
    nullif(fact.delivered_value, '') as delivered_value,
    pair.delivered_date,
    nullif(pair.delivered_period, '') as delivered_period,
    pair.previous_date,
    nullif(pair.previous_period, '') as previous_period,
    fact.was,
    fact.became,
    drift_kind.mend
from fact
inner join pair on fact.source = pair.source and fact.entity = pair.entity and fact.series = pair.series
inner join {{ ref('drift_kind') }} as drift_kind on fact.kind = drift_kind.kind
where
    (drift_kind.at_least is null or round(fact.change, 6) >= drift_kind.at_least)
    and (drift_kind.from_rows is null or fact.compared_rows >= drift_kind.from_rows)
