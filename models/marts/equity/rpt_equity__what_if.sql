-- What if a base opened here? Each proposal as if it alone were open on the newest stock date: whom it would be nearer to, what it
-- would add to the places within reach (PL09), and at best to the share placed out of area (PL03). Straight lines throughout.
with period as (
    select max(period_id) as period_id
    from {{ ref('equity__access') }}
),

-- Children of the need and phase, and how far from home the proposal would be.
child as (
    select
        proposal.proposal_id,
        plans.plan_key,
        plans.has_physical_setting,
        plans.is_out_of_area,
        case when plans.residential_weeks = 0 then plans.km_to_setting end as km_to_setting,
        access.nearest_km,
        {{ straight_line_km('person', 'proposal') }} as km_to_proposal,
        catchment.kilometres
    from {{ ref('dim_resource_base_proposal') }} as proposal
    cross join period
    inner join {{ ref('equity__plan_in_force') }} as plans on plans.period_id = period.period_id
    inner join {{ ref('equity__person_period') }} as people
        on people.period_id = plans.period_id
        and people.person_key = plans.person_key
        and people.primary_need = proposal.need
    inner join {{ ref('dim_person') }} as person on person.person_key = plans.person_key
    inner join {{ ref('access_catchment') }} as catchment
        on catchment.phase = {{ provision_phase('plans.age_at_31_august') }}
        and proposal.phase in (catchment.phase, 'ALL')
    left join {{ ref('equity__access') }} as access
        on access.period_id = plans.period_id
        and access.lsoa21_code = person.lsoa21_code
        and access.need = proposal.need
        and access.phase = catchment.phase
),

nearer as (
    select
        proposal_id,
        count(*) as children,
        count(km_to_proposal) as children_on_the_map,
        count(*) filter (where km_to_proposal <= kilometres) as children_within_reach,
        count(*) filter (where km_to_proposal < km_to_setting) as nearer_than_setting,
        count(*) filter (where km_to_proposal < nearest_km or (km_to_proposal is not null and nearest_km is null))
            as nearer_than_any_place,
        count(*) filter (where has_physical_setting) as children_with_setting,
        count(*) filter (where is_out_of_area) as out_of_area,
        count(*) filter (where is_out_of_area and km_to_proposal <= kilometres and km_to_proposal < km_to_setting) as could_return
    from child
    group by proposal_id
),

saved as (
    select
        proposal_id,
        km_to_setting - km_to_proposal as km_saved,
        row_number() over (partition by proposal_id order by km_to_setting - km_to_proposal, plan_key) as nth,
        count(*) over (partition by proposal_id) as children
    from child
    where km_to_proposal < km_to_setting
),

median_saved as (
    select proposal_id, avg(km_saved) as median_km_saved
    from saved
    where nth in (floor((children + 1) / 2.0), ceil((children + 1) / 2.0))
    group by proposal_id
),

-- Places per child within reach, over the children of the need and phase, without the proposal and with it.
changed as (
    select
        proposal.proposal_id,
        {{ exact_sum('was.children * was.places_per_child') }} / sum(was.children) as places_per_child,
        {{ exact_sum('was.children * made.places_per_child') }} / sum(was.children) as places_per_child_with_it,
        sum(case when was.places_within_reach > 0 then was.children else 0 end) / sum(was.children) as share_within_reach,
        sum(case when made.places_within_reach > 0 then was.children else 0 end) / sum(was.children) as share_within_reach_with_it
    from {{ ref('dim_resource_base_proposal') }} as proposal
    inner join {{ ref('int_equity__access_with') }} as made
        on made.proposal_id = proposal.proposal_id
        and proposal.phase in (made.phase, 'ALL')
    inner join {{ ref('equity__access') }} as was
        on was.period_id = made.period_id
        and was.lsoa21_code = made.lsoa21_code
        and was.need = made.need
        and was.phase = made.phase
    group by proposal.proposal_id
)

select
    proposal.proposal_id,
    proposal.proposal_name,
    proposal.establishment_key,
    establishment.establishment_name,
    proposal.need,
    proposal.phase,
    proposal.places,
    proposal.opens_date,
    period.period_id,
    proposal.easting is not null and proposal.northing is not null as is_on_the_map,
    coalesce(nearer.children, 0) as children,
    coalesce(nearer.children_on_the_map, 0) as children_on_the_map,
    coalesce(nearer.children_within_reach, 0) as children_within_reach,
    coalesce(nearer.nearer_than_setting, 0) as nearer_than_setting,
    median_saved.median_km_saved,
    coalesce(nearer.nearer_than_any_place, 0) as nearer_than_any_place,
    changed.places_per_child,
    changed.places_per_child_with_it,
    changed.share_within_reach,
    changed.share_within_reach_with_it,
    coalesce(nearer.out_of_area, 0) as out_of_area,
    least(coalesce(nearer.could_return, 0), cast(proposal.places as bigint)) as could_return,
    {{ ratio_of('cast(nearer.out_of_area as double)', 'nearer.children_with_setting') }} as share_out_of_area,
    {{ ratio_of('cast(nearer.out_of_area - least(nearer.could_return, proposal.places) as double)', 'nearer.children_with_setting') }}
        as share_out_of_area_at_best
from {{ ref('dim_resource_base_proposal') }} as proposal
cross join period
left join {{ ref('dim_establishment') }} as establishment on establishment.establishment_key = proposal.establishment_key
left join nearer on nearer.proposal_id = proposal.proposal_id
left join median_saved on median_saved.proposal_id = proposal.proposal_id
left join changed on changed.proposal_id = proposal.proposal_id
