-- The strongest evidence of the links that join a source's child to others; alone where there is none.
with side as (
    select source, source_person_id, evidence, strength from {{ ref('int_person__link') }} where status = 'linked'
    union all
    select other_source, other_source_person_id, evidence, strength from {{ ref('int_person__link') }} where status = 'linked'
),

strongest as (
    select source, source_person_id, {{ first_known('evidence', "lpad(cast(strength as " ~ dbt.type_string() ~ "), 2, '0') || evidence") }} as evidence
    from side
    group by source, source_person_id
)

select
    cluster.source,
    cluster.source_person_id,
    cluster.person_key,
    coalesce(strongest.evidence, 'alone') as evidence
from {{ ref('int_person__cluster') }} as cluster
left join strongest
    on cluster.source = strongest.source
    and cluster.source_person_id = strongest.source_person_id
