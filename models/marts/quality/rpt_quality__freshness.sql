-- Whether each extract is as new on the as-at date as its rhythm promises. What counts is the day that the data speaks of: the
-- census day, the end of the month or of the year reported on, as the declared layout says what its period is (period_is), and no
-- day after the file's own; for a full snapshot the day of the snapshot. A supplier that has its own deliveries (a health provider)
-- has its own row. What the door refused does not count, and makes its extract refused until a good delivery comes. A file in
-- quarantine makes its extract quarantined until a newer one is read: for its supplier, and for every one where its name does not
-- say whose it is.
with promised as (
    {% for source_name, entity in staged_extracts() %}
    select
        '{{ source_name }}' as source,
        '{{ entity }}' as entity,
        '{{ declared_extract(source_name, entity).rhythm if execute }}' as rhythm,
        '{{ declared_extract(source_name, entity).period_is | default('', true) if execute }}' as period_is,
        {{ declared_extract(source_name, entity).is_optional | default(false) | lower if execute else 'false' }} as is_optional
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

receipt as (
    select
        receipt_id,
        source,
        entity,
        case when {{ matches('period', '.*/[0-9]{6}') }} then split_part(period, '/', 1) end as supplier,
        file_name,
        period,
        snapshot_date,
        landed_at,
        standing
    from {{ ref('stg_landing__receipt') }}
),

delivery as (
    select
        receipt.source,
        receipt.entity,
        receipt.supplier,
        receipt.period,
        receipt.standing,
        least(receipt.snapshot_date, case
            when
                promised.period_is = 'month' and {{ matches('receipt.period', '(.*/)?[0-9]{4}-?[0-9]{2}') }}
                then last_day({{ to_date("right(replace(receipt.period, '-', ''), 6) || '01'", ['%Y%m%d']) }})
            -- a year that is told by its end
            when
                promised.period_is = 'financial_year' and {{ matches('receipt.period', '[0-9]{4}') }}
                then {{ date_of('cast(receipt.period as integer)', 3, 31) }}
            -- a year that is told by its beginning
            when
                promised.period_is = 'academic_year' and {{ matches('receipt.period', '[0-9]{4}') }}
                then {{ date_of('cast(receipt.period as integer) + 1', 8, 31) }}
            else coalesce(census_day.census_day, receipt.snapshot_date)
        end) as reported_to
    from receipt
    inner join promised on receipt.source = promised.source and receipt.entity = promised.entity
    left join {{ ref('school_census_day') }} as census_day
        on promised.period_is = 'census_day'
        and split_part(receipt.period, '/', 1) = cast(census_day.census_year as {{ dbt.type_string() }})
        -- COLLECT says spring, a school's own XML SPR; a census that is taken once a year is taken in January
        and coalesce(nullif(lower(substr(split_part(receipt.period, '/', 2), 1, 3)), ''), 'spr')
        = substr(census_day.census_term, 1, 3)
    where receipt.standing in ('current', 'refused')
),

-- An extract that a council need not have is expected once a file of it has come, though none of it counts.
came as (
    select distinct source, entity
    from receipt
    where standing in ('current', 'refused', 'quarantined')
),

-- Newer is a file of a later day; of the same day one that landed since, under the same name where a file holds a part alone.
unread as (
    select distinct receipt.source, receipt.entity, receipt.supplier
    from receipt
    left join receipt as newer
        on receipt.source = newer.source
        and receipt.entity = newer.entity
        and (receipt.supplier is null or newer.supplier = receipt.supplier)
        and newer.standing in ('current', 'refused')
        and (
            newer.snapshot_date > receipt.snapshot_date
            or (
                newer.snapshot_date = receipt.snapshot_date
                and newer.landed_at > receipt.landed_at
                and (newer.period is null or newer.file_name = receipt.file_name)
            )
        )
    where
        receipt.standing = 'quarantined'
        and receipt.snapshot_date <= {{ date_var('known_on') }}
        and newer.receipt_id is null
),

latest as (
    select
        source,
        entity,
        supplier,
        max(case when standing = 'current' then reported_to end) as reported_to,
        sum(case when standing = 'refused' then 1 else 0 end) as refused_count
    from delivery
    group by source, entity, supplier
)

select
    promised.source,
    promised.entity,
    latest.supplier,
    promised.rhythm,
    rhythm.days_allowed,
    latest.reported_to,
    {{ days_between('latest.reported_to', date_var('as_at')) }} as days_old,
    case
        when latest.refused_count > 0 then 'refused'
        when latest.reported_to is null then 'absent'
        when
            exists (
                select 1
                from unread
                where
                    unread.source = promised.source
                    and unread.entity = promised.entity
                    and (unread.supplier is null or unread.supplier = latest.supplier)
            ) then 'quarantined'
        when {{ days_between('latest.reported_to', date_var('as_at')) }} > rhythm.days_allowed then 'late'
        else 'fresh'
    end as standing
from promised
left join latest on promised.source = latest.source and promised.entity = latest.entity
left join came on promised.source = came.source and promised.entity = came.entity
left join {{ ref('rhythm') }} as rhythm on promised.rhythm = rhythm.rhythm
where not {{ switched_off('promised.source') }} and (came.source is not null or not promised.is_optional)
