-- A run stands also where nobody can say which child it carries.
select
    {{ key('transport', ['run.run_id', 'run.pupil_id']) }} as transport_key,
    run.run_id,
    coalesce(identity.person_key, by_upn.person_key) as person_key,
    run.school_urn,
    establishment.establishment_key,
    run.mode,
    run.is_single_occupancy,
    run.has_passenger_assistant,
    run.cost_per_day,
    run.from_date,
    run.to_date,
    run._source_file as source_file,
    run._source_row as source_row
from {{ ref('stg_transport__run') }} as run
left join {{ ref('bridge_person_identity') }} as identity
    on identity.source = 'ehc' and run.person_id = identity.source_person_id
left join {{ ref('int_person__upn') }} as by_upn on run.upn = by_upn.upn
left join {{ ref('dim_establishment') }} as establishment on run.school_urn = establishment.establishment_key
