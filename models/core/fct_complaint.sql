-- A complaint may be about no one child; it stands all the same.
select
    {{ key('complaint', ['complaint.complaint_id', 'complaint.stage']) }} as complaint_key,
    complaint.complaint_id,
    complaint.stage,
    identity.person_key,
    complaint.about,
    complaint.received_date,
    complaint.closed_date,
    complaint.outcome,
    {{ days_between('complaint.received_date', 'complaint.closed_date') }} as days_to_close,
    complaint._source_file as source_file,
    complaint._source_row as source_row
from {{ ref('stg_ehc__complaint') }} as complaint
left join {{ ref('bridge_person_identity') }} as identity
    on identity.source = 'ehc' and complaint.person_id = identity.source_person_id
