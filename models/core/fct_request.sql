with case_record as (
    select
        request_id,
        bool_or(kind = 'mediation' and held_date is not null) as mediation_held,
        bool_or(kind = 'appeal') as appeal_made
    from {{ ref('stg_ehc__appeal') }}
    where about = 'refuse_assess' and request_id is not null
    group by request_id
)

select
    {{ key('request', ['request.request_id']) }} as request_key,
    identity.person_key,
    request.received_date,
    request.request_source,
    request.in_youth_accommodation,
    request.outcome,
    request.outcome_date,
    coalesce(request.mediation_held, false) or coalesce(case_record.mediation_held, false) as mediation_held,
    coalesce(request.appeal_made, false) or coalesce(case_record.appeal_made, false) as appeal_made,
    request.exported_la_code,
    request.exported_date,
    request.school_urn,
    request.team,
    {{ days_between('request.received_date', 'request.outcome_date') }} as days_to_decision,
    {{ age_at('person.birth_date', 'request.received_date') }} as age_at_received,
    request._source_file as source_file,
    request._source_row as source_row
from {{ ref('stg_ehc__request') }} as request
inner join {{ ref('bridge_person_identity') }} as identity
    on identity.source = 'ehc' and request.person_id = identity.source_person_id
inner join {{ ref('dim_person') }} as person on identity.person_key = person.person_key
left join case_record on request.request_id = case_record.request_id
