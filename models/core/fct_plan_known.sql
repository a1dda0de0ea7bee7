-- Plans with both times: when a plan was in force (true), and between which deliveries of the case system that was what it said
-- (known). As known on K and true on T:
--   where known_from <= K and (known_until is null or known_until > K) and true_from <= T and (true_until is null or true_until >= T)
select
    {{ key('plan', ['plan.plan_id']) }} as plan_key,
    identity.person_key,
    plan.start_date as true_from,
    plan.cease_date as true_until,
    plan.cease_reason,
    plan.known_from,
    plan.known_until,
    plan.is_withdrawn
from {{ ref('stg_ehc__plan_known') }} as plan
left join {{ ref('bridge_person_identity') }} as identity
    on identity.source = 'ehc' and plan.person_id = identity.source_person_id
