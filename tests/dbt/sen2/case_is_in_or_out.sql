-- What: a case has a scope case or a reason to be out, and never both; and it is in the table that belongs to it.
-- It matters because nobody should have to ask why a child is in or out. Resolve: look at `scoped` in sen2__case.
select sen2_case.collection_year, sen2_case.request_record_id
from {{ ref('sen2__case') }} as sen2_case
left join {{ ref('sen2__requests') }} as inside
    on sen2_case.collection_year = inside.collection_year and sen2_case.request_record_id = inside.request_record_id
left join {{ ref('sen2__out_of_scope') }} as outside
    on sen2_case.collection_year = outside.collection_year and sen2_case.request_record_id = outside.request_record_id
where
    (sen2_case.scope_case is null) = (sen2_case.reason_code is null)
    or (sen2_case.scope_case is not null) <> (inside.request_record_id is not null)
    or (sen2_case.reason_code is not null) <> (outside.request_record_id is not null)
    or (sen2_case.scope_case is not null and sen2_case.scope_case_name is null)
