-- The files of every snapshot that was known by known_on, of extracts that come whole each time: what each day's delivery said.
-- stg_landing__current_file is the last of these days.
select receipt_id, source, entity, file_name, snapshot_date
from {{ ref('stg_landing__receipt') }}
where is_of_its_day and period is null
