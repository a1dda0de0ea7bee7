-- A provider's patient number and the child it means.
select
    records.provider,
    records.local_patient_id,
    identity.person_key
from (
    select distinct provider, local_patient_id from {{ ref('stg_csds__patient_index') }}
) as records
inner join {{ ref('int_person__cluster') }} as identity
    on identity.source = 'csds'
    and identity.source_person_id = coalesce(records.provider, '') || '|' || records.local_patient_id
