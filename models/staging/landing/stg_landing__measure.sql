-- One row per landed file, column and what was counted of it.
select receipt_id, column_name, measure, measured_value, row_count
from {{ source('landing', 'measure') }}
