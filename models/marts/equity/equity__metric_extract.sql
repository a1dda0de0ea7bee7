-- What each metric is made from and how fresh that is: of several suppliers of an extract, the one that is worst off. And how many of
-- its rows lead to nobody, and so are in no figure at all.
with standing as (
    select
        source,
        entity,
        min(reported_to) as reported_to,
        sum(case when supplier is not null then 1 else 0 end) as supplier_count,
        sum(case when standing = 'refused' then 1 else 0 end) as refused,
        sum(case when standing = 'absent' then 1 else 0 end) as absent,
        sum(case when standing = 'quarantined' then 1 else 0 end) as quarantined,
        sum(case when standing = 'late' then 1 else 0 end) as late
    from {{ ref('rpt_quality__freshness') }}
    group by source, entity
),

without_child as (
    select source, entity, count(*) as row_count
    from {{ ref('quality__core_reject') }}
    where reason in ('orphan', 'unknown_upn')
    group by source, entity
)

select
    extracts.metric_id,
    extracts.source,
    extracts.entity,
    standing.reported_to,
    cast(coalesce(standing.supplier_count, 0) as integer) as supplier_count,
    case
        when standing.source is null then 'not_expected'
        when standing.refused > 0 then 'refused'
        when standing.absent > 0 then 'absent'
        when standing.quarantined > 0 then 'quarantined'
        when standing.late > 0 then 'late'
        else 'fresh'
    end as standing,
    cast(counted.rows_staged as bigint) as rows_staged,
    coalesce(without_child.row_count, 0) as rows_without_child
from {{ ref('metric_extract') }} as extracts
left join standing on standing.source = extracts.source and standing.entity = extracts.entity
left join {{ ref('rpt_quality__reconciliation') }} as counted
    on counted.source = extracts.source and counted.entity = extracts.entity
left join without_child on without_child.source = extracts.source and without_child.entity = extracts.entity
