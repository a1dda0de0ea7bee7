-- A resource base on one line for each academic year: places term by term, who is in them, how far they come, who moved on to a
-- mainstream class, what therapy they got, and what the four sources say of the spring census day.
with term as (
    select
        period_id,
        resource_base_key,
        {% for term in ['autumn', 'spring', 'summer'] -%}
        max(case when place_term = '{{ term }}' then places_commissioned end) as places_{{ term }},
        max(case when place_term = '{{ term }}' then census_pupils end) as pupils_{{ term }},
        max(case when place_term = '{{ term }}' then places_commissioned - census_pupils end) as vacant_{{ term }},
        {% endfor -%}
        max(case when place_term = 'spring' then sen2_children end) as sen2_children,
        max(case when place_term = 'spring' then register_on_roll end) as register_on_roll,
        max(case when place_term = 'spring' then places_filled end) as school_says_filled,
        max(case when place_term = 'spring' then children_in_both end) as children_in_both,
        max(case when place_term = 'spring' then children_in_either end) as children
    from {{ ref('equity__base_term') }}
    group by period_id, resource_base_key
),

-- The children of the spring census day, by either source that names them.
child as (
    select
        children.period_id,
        children.resource_base_key,
        children.person_key,
        children.primary_need,
        children.km_from_home,
        row_number() over (
            partition by children.period_id, children.resource_base_key order by children.km_from_home, children.person_key
        ) as nth,
        count(children.km_from_home) over (partition by children.period_id, children.resource_base_key) as measured
    from {{ ref('equity__base_child') }} as children
    where children.place_term = 'spring'
),

need as (
    select
        child.period_id,
        child.resource_base_key,
        count(*) filter (where child.primary_need = base.designated_need) as with_designated_need,
        count(*) filter (where child.primary_need = 'unknown' or base.designated_need is null) as with_unknown_need,
        count(*) filter (where child.primary_need not in (base.designated_need, 'unknown')) as with_other_need,
        avg(
            case when child.nth in (floor((child.measured + 1) / 2.0), ceil((child.measured + 1) / 2.0)) then child.km_from_home end
        ) as median_km
    from child
    inner join {{ ref('dim_resource_base') }} as base on base.resource_base_key = child.resource_base_key
    group by child.period_id, child.resource_base_key
),

-- PL14, base by base: the kind of place says which of a school's bases the child left.
moved as (
    select events.period_id, base.resource_base_key, sum(events.numerator) as moved
    from {{ ref('equity__event_placement_moves') }} as events
    inner join {{ ref('fct_placement') }} as placements on placements.placement_key = events.event_key
    inner join {{ ref('dim_resource_base') }} as base
        on base.establishment_key = placements.establishment_key
        and (
            base.base_type = 'BOTH'
            or (base.base_type = 'UNIT' and placements.sen_unit)
            or (base.base_type = 'RP' and placements.resourced_provision)
        )
    where events.metric_id = 'PL14'
    group by events.period_id, base.resource_base_key
),

-- Lines of therapy in the plans of the children, as they stand on the stock date.
therapy as (
    select
        child.period_id,
        child.resource_base_key,
        count(*) as lines,
        count(*) filter (where provision.hours_a_year_delivered >= provision.hours_a_year_specified) as in_full,
        count(*) filter (
            where provision.hours_a_year_delivered is null or provision.hours_a_year_specified is null
        ) as not_known
    from child
    inner join {{ ref('dim_period') }} as period on period.period_id = child.period_id
    inner join {{ ref('equity__plan_in_force') }} as plans
        on plans.period_id = period.year_period_id and plans.person_key = child.person_key
    inner join {{ ref('fct_provision') }} as provision
        on provision.plan_key = plans.plan_key
        and provision.provision_type in ('SLT', 'OT', 'PHYSIO')
        and coalesce(provision.from_date <= period.stock_date, true)
        and coalesce(provision.to_date >= period.stock_date, true)
    group by child.period_id, child.resource_base_key
)

select
    term.period_id,
    base.base_id,
    base.base_name,
    base.establishment_key,
    establishment.establishment_name,
    establishment.district_code,
    base.base_type,
    base.designated_need,
    base.phase,
    base.has_therapy_on_site,
    {% for term in ['autumn', 'spring', 'summer'] -%}
    term.places_{{ term }},
    term.pupils_{{ term }},
    term.vacant_{{ term }},
    {% endfor -%}
    term.children,
    cast(case when term.children is not null then coalesce(need.with_designated_need, 0) end as integer) as children_with_designated_need,
    cast(case when term.children is not null then coalesce(need.with_other_need, 0) end as integer) as children_with_other_need,
    cast(case when term.children is not null then coalesce(need.with_unknown_need, 0) end as integer) as children_with_unknown_need,
    need.median_km,
    cast(coalesce(moved.moved, 0) as integer) as moved_to_mainstream_class,
    cast(case when term.children is not null then coalesce(therapy.lines, 0) end as integer) as therapy_lines,
    cast(case when term.children is not null then coalesce(therapy.in_full, 0) end as integer) as therapy_lines_in_full,
    cast(case when term.children is not null then coalesce(therapy.not_known, 0) end as integer) as therapy_lines_not_known,
    term.sen2_children,
    term.register_on_roll,
    term.school_says_filled,
    term.children_in_both,
    coalesce(
        term.children_in_both = term.children
        and term.children = term.register_on_roll
        and term.children = term.school_says_filled,
        false
    ) as do_all_agree
from term
inner join {{ ref('dim_resource_base') }} as base on base.resource_base_key = term.resource_base_key
left join {{ ref('dim_establishment') }} as establishment on establishment.establishment_key = base.establishment_key
left join need on need.period_id = term.period_id and need.resource_base_key = term.resource_base_key
left join moved on moved.period_id = term.period_id and moved.resource_base_key = term.resource_base_key
left join therapy on therapy.period_id = term.period_id and therapy.resource_base_key = term.resource_base_key
