-- How the children of each source were joined to other records.
select
    source,
    evidence,
    count(*) as child_count,
    count(*) * 1.0 / sum(count(*)) over (partition by source) as child_share
from {{ ref('bridge_person_identity') }}
group by source, evidence
