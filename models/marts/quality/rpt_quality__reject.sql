-- One row per row that was left out anywhere between the file and core. No values: the file and row say where to look.
with rejected as (
    select 'landing' as layer, source, entity, receipt_id, file_name as source_file, source_row, reason_code as reason, column_name
    from {{ ref('stg_landing__reject') }}
    {% for source_name, entity in staged_extracts() %}
    union all
    select 'staging', source, entity, receipt_id, source_file, source_row, reason, null
    from ({{ left_out_of_staging(source_name, entity) }}) as left_out
    {% endfor %}
    union all
    select 'core', source, entity, receipt_id, source_file, source_row, reason, null
    from {{ ref('quality__core_reject') }}
)

select layer, source, entity, receipt_id, source_file, source_row, reason, column_name
from rejected
