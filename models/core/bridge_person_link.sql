-- Each link that made one person of two children of the sources, and why. A person of n children has n - 1 of them.
select
    {{ key('link', ['link.source', 'link.source_person_id', 'link.other_source', 'link.other_source_person_id']) }} as link_key,
    cluster.person_key,
    link.source,
    link.source_person_id,
    link.other_source,
    link.other_source_person_id,
    link.evidence,
    link.match_weight,
    link.explanation
from {{ ref('int_person__link') }} as link
inner join {{ ref('int_person__cluster') }} as cluster
    on link.source = cluster.source and link.source_person_id = cluster.source_person_id
where link.status = 'linked'
