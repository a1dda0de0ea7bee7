-- What: a shared number or name that still belongs to two children after all rounds of joining. When: a chain of records is
-- longer than the rounds. It endangers: one child counted twice. Resolve: raise var linkage_rounds.
select evidence.value
from {{ ref('int_person__evidence') }} as evidence
inner join {{ ref('int_person__cluster') }} as cluster
    on evidence.source = cluster.source and evidence.source_person_id = cluster.source_person_id
group by evidence.value
having count(distinct cluster.person_key) > 1
