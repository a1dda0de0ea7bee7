-- What: a record of the case system that is not in the identity bridge. When: linkage lost a record.
-- It endangers: the child would vanish from the return. Resolve: look at int_person__cluster.
select person.person_id
from {{ ref('stg_ehc__person') }} as person
left join {{ ref('bridge_person_identity') }} as identity
    on identity.source = 'ehc' and person.person_id = identity.source_person_id
where identity.person_key is null
