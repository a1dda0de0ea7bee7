-- The strongest evidence that a source's child shares with another one; alone where there is none.
with strongest as (
    select source, source_person_id, {{ first_known('kind', 'strength') }} as kind
    from {{ ref('int_person__evidence') }}
    group by source, source_person_id
)

select
    cluster.source,
    cluster.source_person_id,
    cluster.person_key,
    coalesce(strongest.kind, 'alone') as evidence
from {{ ref('int_person__cluster') }} as cluster
left join strongest
    on cluster.source = strongest.source
    and cluster.source_person_id = strongest.source_person_id
