-- What: a receipt whose rows received are not rows loaded plus rows rejected. When: landing miscounted.
-- It endangers: the promise that nothing is lost at the door. Resolve: look at the reader of that file's format.
select receipt_id, source, entity
from {{ ref('rpt_quality__receipt') }}
where rows_received <> rows_loaded + rows_rejected
