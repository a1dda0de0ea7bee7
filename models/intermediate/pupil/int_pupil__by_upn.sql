-- Whose a UPN is, for sources that name a child by it alone. A number that leads to two children leads to nobody.
with named as (
    select upn, source, source_person_id from {{ ref('int_person__record') }} where upn is not null
    union
    select former_upn, source, source_person_id from {{ ref('int_person__record') }} where former_upn is not null
)

select named.upn, min(cluster.person_key) as person_key
from named
inner join {{ ref('int_person__cluster') }} as cluster
    on named.source = cluster.source and named.source_person_id = cluster.source_person_id
where {{ is_valid_upn('named.upn') }}
group by named.upn
having count(distinct cluster.person_key) = 1
