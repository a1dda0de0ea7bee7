select
    {{ key('appeal', ['appeal.appeal_id']) }} as appeal_key,
    identity.person_key,
    request.request_key,
    appeal.kind,
    appeal.about,
    appeal.registered_date,
    appeal.held_date,
    appeal.outcome,
    appeal.outcome_date,
    appeal._source_file as source_file,
    appeal._source_row as source_row
from {{ ref('stg_ehc__appeal') }} as appeal
inner join {{ ref('bridge_person_identity') }} as identity
    on identity.source = 'ehc' and appeal.person_id = identity.source_person_id
left join {{ ref('fct_request') }} as request on {{ key('request', ['appeal.request_id']) }} = request.request_key
