-- The files that count for this build: staging reads rows of these receipts and of no other.
select receipt_id, source, entity, file_name, snapshot_date, period
from {{ ref('stg_landing__receipt') }}
where standing = 'current'
