-- One row per expectation and delivery judged at the door.
select source, entity, snapshot_date, period, expectation, column_name, level, success, observed, expected, message, inputs_hash
from {{ source('landing', 'door_result') }}
