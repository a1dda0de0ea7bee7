-- A valid UPN, current or former, and the one child it belongs to. One that several children hold says nothing about who is who,
-- and is left out. For sources that name a child by UPN alone; who is who is decided in int_person__cluster.
with held as (
    select source, source_person_id, upn from {{ ref('int_person__record') }}
    union all
    select source, source_person_id, former_upn from {{ ref('int_person__record') }}
)

select held.upn, min(cluster.person_key) as person_key
from held
inner join {{ ref('int_person__cluster') }} as cluster
    on held.source = cluster.source and held.source_person_id = cluster.source_person_id
where {{ is_valid_upn('held.upn') }}
group by held.upn
having min(cluster.person_key) = max(cluster.person_key)
