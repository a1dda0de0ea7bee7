-- Whether each extract is as new on the as-at date as its rhythm promises.
with promised as (
    {% for source_name, entity in staged_extracts() %}
    select
        '{{ source_name }}' as source,
        '{{ entity }}' as entity,
        '{{ declared_extract(source_name, entity).rhythm if execute }}' as rhythm
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

latest as (
    select source, entity, max(snapshot_date) as latest_snapshot_date, max(period) as latest_period
    from {{ ref('stg_landing__receipt') }}
    where standing = 'current'
    group by source, entity
)

select
    promised.source,
    promised.entity,
    promised.rhythm,
    rhythm.days_allowed,
    latest.latest_snapshot_date,
    latest.latest_period,
    {{ days_between('latest.latest_snapshot_date', date_var('as_at')) }} as days_old,
    case
        when latest.latest_snapshot_date is null then 'absent'
        when {{ days_between('latest.latest_snapshot_date', date_var('as_at')) }} > rhythm.days_allowed then 'late'
        else 'fresh'
    end as standing
from promised
left join latest on promised.source = latest.source and promised.entity = latest.entity
left join {{ ref('rhythm') }} as rhythm on promised.rhythm = rhythm.rhythm
