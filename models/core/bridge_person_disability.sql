-- Disabilities that the children in need census records; the latest census that names one.
select
    identity.person_key,
    disability.disability,
    max(disability.collection_year) as collection_year
from {{ ref('stg_cin__disability') }} as disability
inner join {{ ref('bridge_person_identity') }} as identity
    on identity.source = 'cin' and disability.la_child_id = identity.source_person_id
group by identity.person_key, disability.disability
