-- Every row that was delivered is in core or in a counted reject. balance is 0, or rows were lost or doubled on the way.
with receipt as (
    select
        source,
        entity,
        sum(rows_received) as rows_received,
        sum(rows_rejected) as rows_rejected_at_landing,
        sum(rows_loaded) as rows_loaded,
        sum(rows_made) as rows_made,
        sum(case when standing in ('superseded', 'refused', 'too_late', 'switched_off') then rows_made else 0 end) as rows_not_current
    from {{ ref('stg_landing__receipt') }}
    where entity is not null
    group by source, entity
),

reject as (
    select
        source,
        entity,
        sum(case when layer = 'staging' then 1 else 0 end) as rows_rejected_in_staging,
        sum(case when layer = 'core' then 1 else 0 end) as rows_rejected_in_core
    from {{ ref('rpt_quality__reject') }}
    group by source, entity
),

flow as (
    select
        counts.source,
        counts.entity,
        coalesce(receipt.rows_received, 0) as rows_received,
        coalesce(receipt.rows_rejected_at_landing, 0) as rows_rejected_at_landing,
        coalesce(receipt.rows_loaded, 0) as rows_loaded,
        coalesce(receipt.rows_made, 0) as rows_made,
        coalesce(receipt.rows_not_current, 0) as rows_not_current,
        raw_count.rows_current,
        coalesce(reject.rows_rejected_in_staging, 0) as rows_rejected_in_staging,
        counts.rows_staged,
        counts.rows_restated,
        coalesce(reject.rows_rejected_in_core, 0) as rows_rejected_in_core,
        counts.rows_in_core,
        counts.rests_in
    from {{ ref('quality__core_count') }} as counts
    inner join {{ ref('quality__raw_count') }} as raw_count
        on counts.source = raw_count.source and counts.entity = raw_count.entity
    left join receipt on counts.source = receipt.source and counts.entity = receipt.entity
    left join reject on counts.source = reject.source and counts.entity = reject.entity
)

select
    source,
    entity,
    {% for column in [
        'rows_received', 'rows_rejected_at_landing', 'rows_loaded', 'rows_made', 'rows_not_current', 'rows_current',
        'rows_rejected_in_staging', 'rows_staged', 'rows_restated', 'rows_rejected_in_core', 'rows_in_core',
    ] -%}
    cast({{ column }} as bigint) as {{ column }},
    {% endfor -%}
    rests_in,
    cast(
        abs(rows_received - rows_rejected_at_landing - rows_loaded)
        + abs(rows_made - rows_not_current - rows_current)
        + abs(rows_current - rows_rejected_in_staging - rows_staged)
        + abs(rows_staged - rows_restated - rows_rejected_in_core - rows_in_core) as bigint
    ) as balance
from flow
