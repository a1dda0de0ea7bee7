-- What: a finding about a person names the file and row that it came from, unless the finding is about the return as a whole.
-- It matters because whoever mends it has to find it. Resolve: carry source_file and source_row through the record model.
-- A return that landed has no scope cases, also where it is last year's and this year is held against it.
select collection_year, flag, person_record_id
from {{ ref('sen2__finding') }}
where
    person_record_id is not null
    and (source_file is null or source_row is null or (scope_case is null and person_record_id not like 'returned-%'))
