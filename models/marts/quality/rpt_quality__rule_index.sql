-- Every rule of the return in every collection year: whether its SQL is written, and how often it was broken.
with counted as (
    select collection_year, flag, count(*) as finding_count
    from {{ ref('sen2__finding') }}
    group by collection_year, flag
)

select
    collection.collection_year,
    rule.rule_id,
    rule.printed_id,
    rule.flag,
    rule.level,
    rule.module as record_type,
    rule.message,
    rule.basis,
    rule.dfe_rule_number,
    rule.checked_by,
    rule.is_implemented,
    case when rule.is_implemented and rule.checked_by = 'sql' then coalesce(counted.finding_count, 0) end as finding_count
from {{ ref('rule') }} as rule
inner join {{ ref('dim_collection') }} as collection
    on collection.collection_year between coalesce(rule.first_year, 0) and coalesce(rule.last_year, 9999)
left join counted on collection.collection_year = counted.collection_year and rule.flag = counted.flag
