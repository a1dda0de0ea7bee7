-- Every request and plan that a collection year leaves out, and why.
select
    sen2_case.collection_year,
    sen2_case.person_record_id,
    sen2_case.request_record_id,
    sen2_case.person_key,
    sen2_case.request_key,
    sen2_case.plan_key,
    sen2_case.reason_code,
    reason.reason,
    reason.what_to_do,
    sen2_case.source_file,
    sen2_case.source_row
from {{ ref('sen2__case') }} as sen2_case
inner join {{ ref('out_of_scope_reason') }} as reason on sen2_case.reason_code = reason.reason_code
