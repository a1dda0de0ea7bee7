-- How often each rule was broken in each collection year, and how many of its findings are still open.
select
    finding.collection_year,
    collection.is_provisional,
    finding.printed_id,
    finding.level,
    finding.record_type,
    finding.message,
    finding.what_to_do,
    count(*) as finding_count,
    cast(sum(case when finding.is_explained then 0 else 1 end) as bigint) as open_count,
    cast(sum(case when finding.is_explained then 1 else 0 end) as bigint) as explained_count,
    count(distinct finding.person_record_id) as person_count
from {{ ref('sen2__finding') }} as finding
inner join {{ ref('dim_collection') }} as collection on finding.collection_year = collection.collection_year
group by
    finding.collection_year,
    collection.is_provisional,
    finding.printed_id,
    finding.level,
    finding.record_type,
    finding.message,
    finding.what_to_do
