-- Settings of plans in the return, one of URN, UKPRN and kind of setting in that order, as known on census day.
-- Named settings: those of the plan as it stood on census day, or when it ended. Attended: all held since 1 January of
-- the year before.
with plan as (
    select
        collection_year,
        person_record_id,
        request_record_id,
        person_key,
        plan_key,
        scope_case,
        scope_case_name,
        census_day,
        year_start,
        coalesce(cease_date, census_day) as plan_day
    from {{ ref('sen2__case') }}
    where scope_case is not null and has_plan
),

known as (
    select
        plan.*,
        placement.placement_key,
        placement.kind,
        placement.rank,
        placement.urn,
        placement.ukprn,
        placement.sen_setting,
        placement.sen_setting_other,
        placement.entry_date,
        case when placement.leaving_date <= plan.census_day then placement.leaving_date end as leaving_date,
        -- What the council does not answer is no where the register shows nothing of the kind; where it shows some, the council
        -- alone knows who is in it.
        coalesce(placement.sen_unit, case when not school.is_state_mainstream or not register.has_sen_unit then false end) as sen_unit,
        coalesce(
            placement.resourced_provision,
            case when not school.is_state_mainstream or not register.has_resourced_provision then false end
        ) as resourced_provision,
        placement.residential_weeks,
        placement.work_based_activity,
        placement.source_file,
        placement.source_row
    from plan
    inner join {{ ref('sen2__plan_version') }} as version
        on plan.collection_year = version.collection_year and plan.plan_key = version.record_plan_key
    inner join {{ ref('fct_placement') }} as placement on version.plan_key = placement.plan_key
    left join {{ ref('dim_establishment') }} as school on placement.urn = school.urn
    left join {{ ref('dim_establishment_on_census_day') }} as register
        on placement.urn = register.establishment_key and plan.collection_year = register.collection_year
    where coalesce(placement.entry_date <= plan.census_day, true)
)

select
    *,
    case when urn is not null then 'urn' when ukprn is not null then 'ukprn' when sen_setting is not null then 'sen_setting' end as identified_by
from known
where
    (kind = 'attended' and coalesce(leaving_date >= year_start, true))
    or (kind = 'named' and coalesce(entry_date <= plan_day, true) and coalesce(leaving_date >= plan_day, true))
