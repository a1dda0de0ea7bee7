-- A referral as its provider's latest month states it.
select
    {{ key('service_request', ['referral.provider', 'referral.service_request_id']) }} as service_request_key,
    referral.provider,
    referral.service_request_id,
    patient.person_key,
    referral.received_date,
    referral.discharge_date,
    referral._source_file as source_file,
    referral._source_row as source_row
from {{ first_rows(ref('stg_csds__referral'), ['provider', 'service_request_id'], 'reporting_period desc') }} as referral
inner join {{ ref('int_health__patient') }} as patient
    on coalesce(referral.provider, '') = coalesce(patient.provider, '')
    and referral.local_patient_id = patient.local_patient_id
