-- One row per line refused at landing, without its text.
select receipt_id, source, entity, file_name, source_row, reason_code, column_name, message
from {{ source('landing', 'reject') }}
