-- One row per receipt, with what became of it: current, superseded (a later delivery of the same extract and period, or of the
-- same file; of a return any later one of its year), refused (the door set it aside, and nothing good has come since; later it is
-- superseded), too_late (after known_on, unless its source holds whatever its date), switched_off (its source is, in the settings),
-- quarantined, or not_used (a file that is known, and that nobody reads). Files of one extract, period and snapshot date count together.
{% set known_whenever = [] %}
{% if execute %}
{% for node in graph.get('sources', {}).values() if node.source_meta.get('known_whenever') and node.source_name not in known_whenever %}
{% do known_whenever.append(node.source_name) %}
{% endfor %}
{% endif %}
with receipt as (
    select * from {{ first_rows(source('landing', 'receipt'), ['receipt_id'], 'landed_at desc') }} as latest
),

could_count as (
    select receipt.*, set_aside.receipt_id is not null as is_set_aside
    from receipt
    left join {{ source('landing', 'set_aside') }} as set_aside on receipt.receipt_id = set_aside.receipt_id
    where
        receipt.status = 'loaded'
        and (
            receipt.snapshot_date <= {{ date_var('known_on') }}
            {% for source_name in known_whenever %}or receipt.source = '{{ source_name }}'{% endfor %}
        )
        and not {{ switched_off('receipt.source') }}
),

known as (
    select
        *,
        max(snapshot_date) over (partition by source, entity, coalesce(period, '')) as latest_snapshot_date,
        row_number() over (
            partition by
                source, entity, coalesce(period, ''), snapshot_date,
                -- Files of a day are parts of one delivery; two returns of a year are two versions of it.
                case when source <> 'sen2_return' then file_name end
            order by landed_at desc, receipt_id desc
        ) as delivery
    from could_count
    where not is_set_aside
),

good as (
    select source, entity, coalesce(period, '') as period, max(snapshot_date) as snapshot_date, max(landed_at) as landed_at
    from known
    where snapshot_date = latest_snapshot_date
    group by source, entity, coalesce(period, '')
)

select
    receipt.receipt_id,
    receipt.source,
    nullif(receipt.entity, '') as entity,
    receipt.file_name,
    receipt.file_hash,
    receipt.file_bytes,
    receipt.snapshot_date,
    nullif(receipt.period, '') as period,
    receipt.layout_version,
    receipt.encoding,
    receipt.delimiter,
    receipt.status,
    nullif(receipt.reason_code, '') as reason_code,
    nullif(receipt.message, '') as message,
    receipt.rows_received,
    receipt.rows_loaded,
    receipt.rows_rejected,
    -- Receipts from before profiles made one row of each record.
    coalesce(receipt.rows_made, receipt.rows_loaded) as rows_made,
    coalesce(receipt.rows_elsewhere, 0) as rows_elsewhere,
    receipt.profile,
    receipt.columns_missing,
    receipt.columns_ignored,
    receipt.landed_at,
    receipt.landing_version,
    case
        when receipt.status <> 'loaded' then receipt.status
        when {{ switched_off('receipt.source') }} then 'switched_off'
        when could_count.receipt_id is null then 'too_late'
        when
            could_count.is_set_aside
            and (
                good.snapshot_date is null
                or receipt.snapshot_date > good.snapshot_date
                or (receipt.snapshot_date = good.snapshot_date and receipt.landed_at > good.landed_at)
            ) then 'refused'
        when known.snapshot_date = known.latest_snapshot_date and known.delivery = 1 then 'current'
        else 'superseded'
    end as standing,
    known.receipt_id is not null and known.delivery = 1 as is_of_its_day
from receipt
left join could_count on receipt.receipt_id = could_count.receipt_id
left join known on receipt.receipt_id = known.receipt_id
left join good
    on receipt.source = good.source and receipt.entity = good.entity and coalesce(receipt.period, '') = good.period
