-- Placements with both times, as fct_plan_known has plans: when the child was there or the plan named it (true), and between which
-- deliveries of the case system that was what it said (known).
select
    {{ key('placement', ['placement.placement_id']) }} as placement_key,
    {{ key('plan', ['placement.plan_id']) }} as plan_key,
    placement.kind,
    placement.rank,
    placement.urn,
    placement.ukprn,
    placement.sen_setting,
    placement.sen_unit,
    placement.resourced_provision,
    placement.entry_date as true_from,
    placement.leaving_date as true_until,
    placement.known_from,
    placement.known_until,
    placement.is_withdrawn
from {{ ref('stg_ehc__placement_known') }} as placement
