-- For every establishment with a successor: the last one at the end of the chain. A link is read from either side (successor,
-- or predecessor the other way round). Where a school was split, the latest link counts, then the lower URN. A circle in the
-- register ends where it would close.
with recursive link as (
    select urn, link_urn as successor_urn, link_date
    from {{ ref('stg_gias__link') }}
    where lower(link_type) like 'successor%' and urn <> link_urn
    union
    select link_urn as urn, urn as successor_urn, link_date
    from {{ ref('stg_gias__link') }}
    where lower(link_type) like 'predecessor%' and urn <> link_urn
),

next_one as (
    select urn, successor_urn
    from {{ first_rows('link', ['urn'], 'link_date desc nulls last, successor_urn') }}
),

chain as (
    select urn, successor_urn, 1 as step, '|' || urn || '|' || successor_urn || '|' as path
    from next_one
    union all
    select chain.urn, next_one.successor_urn, chain.step + 1, chain.path || next_one.successor_urn || '|'
    from chain
    inner join next_one on chain.successor_urn = next_one.urn
    where strpos(chain.path, '|' || next_one.successor_urn || '|') = 0
)

select urn, successor_urn, step as link_count
from {{ first_rows('chain', ['urn'], 'step desc') }}
