-- PL09: specialist places within reach of each small area where children with a plan live, for each child that competes for them
-- (two-step floating catchment), by need and phase.
select
    period_id,
    lsoa21_code,
    district_code,
    in_county,
    need,
    phase,
    cast(children as bigint) as children,
    cast(places_within_reach as bigint) as places_within_reach,
    nearest_km,
    places_per_child,
    places_per_child_zoned,
    places_per_child_with_neighbours,
    is_near_border
from {{ ref('int_equity__access') }}
