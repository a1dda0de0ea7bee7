select source, entity, snapshot_date, period, expectation, column_name, level, success, observed, expected, message, inputs_hash
from {{ ref('stg_landing__door_result') }}
