-- Every plan of a return with all that DfE's tables count it by. Age, setting and years are those of the day that
-- release_column.csv and release_parameter.csv name: 31 August before the census, census day, the day on which the plan ended.
with plan as (
    select
        named_plan.collection_year,
        named_plan.person_record_id,
        named_plan.request_record_id,
        named_plan."StartDate" as start_date,
        named_plan."CeaseDate" as cease_date,
        named_plan."CeaseReason" as cease_reason,
        named_plan."PlanRes" as plan_residential,
        named_plan."PB" as personal_budget,
        named_plan."OA" as organised_arrangements,
        named_plan."DP" as direct_payments,
        active_plans."Res" as active_residential,
        active_plans."WBP" as active_work_based,
        active_plans."ReviewMeeting" as review_meeting,
        active_plans."ReviewOutcome" as review_outcome,
        active_plans."LastReview" as last_review,
        active_plans."PhaseTransferDueDate" as phase_transfer_due,
        active_plans."PhaseTransferFinalDate" as phase_transfer_final,
        collection.census_day,
        collection.year_start,
        collection.year_end,
        {{ release_parameter('new_plan_age_years', 'collection.collection_year') }} as new_plan_age_years,
        person."PersonBirthDate" as birth_date,
        coalesce(
            case when person."Sex" in ('M', 'F') then person."Sex" end,
            case person."GenderCurrent" when '1' then 'M' when '2' then 'F' end,
            'unknown'
        ) as sex,
        coalesce(ethnicity.parent_code, ethnicity.code, 'unknown') as ethnicity,
        coalesce(named_plan."StartDate" <= collection.census_day, true)
        and coalesce(named_plan."CeaseDate" >= collection.census_day, true) as is_in_force,
        coalesce(named_plan."CeaseDate" between collection.year_start and collection.year_end, false) as is_ceased,
        coalesce(named_plan."StartDate" between collection.year_start and collection.year_end, false)
        and active_plans."TransferLA" is null
        and coalesce(assessment."AssessmentOutcome" <> 'H', true) as is_new,
        -- The day on which the setting is looked at.
        least(collection.census_day, coalesce(named_plan."CeaseDate", collection.census_day)) as setting_day
    from {{ ref('sen2__named_plan') }} as named_plan
    inner join {{ ref('dim_collection') }} as collection on named_plan.collection_year = collection.collection_year
    inner join {{ ref('sen2__person') }} as person
        on named_plan.collection_year = person.collection_year and named_plan.person_record_id = person.person_record_id
    left join {{ ref('sen2__assessment') }} as assessment
        on named_plan.collection_year = assessment.collection_year
        and named_plan.request_record_id = assessment.request_record_id
    left join {{ ref('sen2__active_plans') }} as active_plans
        on named_plan.collection_year = active_plans.collection_year
        and named_plan.request_record_id = active_plans.request_record_id
    left join {{ ref('code_ethnicity') }} as ethnicity on person."Ethnicity" = ethnicity.code
),

placement as (
    select
        plan.collection_year,
        plan.request_record_id,
        detail.placement_record_id,
        detail."URN" as urn,
        detail."UKPRN" as ukprn,
        detail."SENSetting" as sen_setting,
        detail."SENunitIndicator" as sen_unit,
        detail."ResourcedProvisionIndicator" as resourced_provision,
        detail."Res" as residential,
        detail."WBP" as work_based,
        detail."PlacementRank" as rank,
        detail."EntryDate" as entry_date,
        detail."LeavingDate" as leaving_date,
        plan.is_in_force,
        coalesce(detail."LeavingDate" >= plan.setting_day, true) as is_open
    from plan
    inner join {{ ref('sen2__placement_detail') }} as detail
        on plan.collection_year = detail.collection_year and plan.request_record_id = detail.request_record_id
    where coalesce(detail."EntryDate" <= plan.setting_day, true)
),

-- The main placement open on the day. A plan that has ended shows the last one that it had.
best_placement as (
    select
        *,
        row_number() over (
            partition by collection_year, request_record_id
            order by
                case when is_open then 0 else 1 end,
                case when is_open then null else leaving_date end desc nulls last,
                rank nulls last,
                entry_date desc nulls last,
                placement_record_id
        ) as best_first
    from placement
    where is_open or not is_in_force
),

-- Residence and work-based activity of any placement that is open: of two residences the longer one.
open_placement as (
    select collection_year, request_record_id, max(residential) as residential
    from placement
    where is_open
    group by collection_year, request_record_id
),

work_based as (
    select
        collection_year,
        request_record_id,
        work_based,
        row_number() over (
            partition by collection_year, request_record_id
            order by rank nulls last, entry_date desc nulls last, placement_record_id
        ) as best_first
    from placement
    where is_open and work_based is not null
),

need as (
    select
        sen_need.collection_year,
        sen_need.request_record_id,
        min(release_need.need_column) as need_column
    from {{ ref('sen2__sen_need') }} as sen_need
    inner join {{ ref('release_need') }} as release_need
        on sen_need."SENtype" = release_need.sen_type
        and sen_need.collection_year between coalesce(release_need.first_year, 0) and coalesce(release_need.last_year, 9999)
    where sen_need."SENtypeRank" = '1'
    group by sen_need.collection_year, sen_need.request_record_id
),

aged as (
    select
        plan.*,
        {{ age_at('plan.birth_date', date_of('plan.collection_year - 1', 8, 31)) }} as age_31_august,
        -- By calendar years, as DfE's file counts it.
        case
            when extract(year from plan.start_date) >= extract(year from plan.birth_date)
                then cast(extract(year from plan.start_date) - extract(year from plan.birth_date) as integer)
        end as age_started,
        case
            when plan.cease_date >= plan.birth_date then {{ age_at('plan.birth_date', 'plan.cease_date') }}
        end as age_ceased,
        {{ age_at(
            'plan.birth_date',
            date_of('cast(plan.collection_year - 1 - plan.new_plan_age_years as integer)', 8, 31)
        ) }} as age_new_plan,
        cast(extract(year from plan.census_day) - extract(year from plan.start_date) as integer) as years_in_place,
        cast(extract(year from plan.cease_date) - extract(year from plan.start_date) as integer) as years_held,
        best_placement.placement_record_id,
        case
            when best_placement.urn is not null and register.urn is not null then 'setting_group'
            when best_placement.urn is not null then 'urn'
            when best_placement.ukprn is not null then 'ukprn'
            when best_placement.sen_setting is not null then 'sen_setting'
            else 'none'
        end as identified_by,
        case
            when best_placement.urn is not null then coalesce(register.setting_group, 'unknown')
            when best_placement.ukprn is not null then 'any'
            when best_placement.sen_setting is not null then best_placement.sen_setting
            else 'none'
        end as setting_code,
        case
            when not coalesce(register.is_state_mainstream, false) then 'none'
            when best_placement.sen_unit = '1' then 'sen_unit'
            when best_placement.resourced_provision = '1' then 'resourced_provision'
            else 'none'
        end as unit,
        case {{ release_parameter('residential_from', 'plan.collection_year') }}
            when 2 then plan.plan_residential
            else coalesce(open_placement.residential, plan.active_residential)
        end as residential,
        coalesce(work_based.work_based, plan.active_work_based) as work_based,
        coalesce(need.need_column, 'number_need_unknown') as need_column
    from plan
    left join best_placement
        on plan.collection_year = best_placement.collection_year
        and plan.request_record_id = best_placement.request_record_id
        and best_placement.best_first = 1
    left join {{ ref('dim_establishment') }} as register on best_placement.urn = register.urn
    left join open_placement
        on plan.collection_year = open_placement.collection_year
        and plan.request_record_id = open_placement.request_record_id
    left join work_based
        on plan.collection_year = work_based.collection_year
        and plan.request_record_id = work_based.request_record_id
        and work_based.best_first = 1
    left join need
        on plan.collection_year = need.collection_year and plan.request_record_id = need.request_record_id
),

schooled as (
    select
        *,
        case
            when age_31_august between {{ release_parameter('school_age_from', 'aged.collection_year') }}
                and {{ release_parameter('school_age_to', 'aged.collection_year') }} then 'yes'
            else 'no'
        end as is_of_school_age,
        case
            when age_new_plan between {{ release_parameter('school_age_from', 'aged.collection_year') }}
                and {{ release_parameter('school_age_to', 'aged.collection_year') }} then 'yes'
            else 'no'
        end as was_of_school_age
    from aged
)

select
    schooled.collection_year,
    schooled.person_record_id,
    schooled.request_record_id,
    schooled.is_in_force,
    schooled.is_new,
    schooled.is_ceased,
    schooled.census_day,
    schooled.year_start,
    schooled.year_end,
    schooled.start_date,
    schooled.cease_date,
    schooled.cease_reason,
    schooled.sex,
    schooled.ethnicity,
    schooled.age_31_august,
    schooled.age_started,
    schooled.age_ceased,
    schooled.age_new_plan,
    schooled.years_in_place,
    case when schooled.years_in_place < 1 then 0 else schooled.years_in_place - 1 end as years_before,
    schooled.years_held,
    schooled.need_column,
    coalesce(setting.setting, 'placement_unknown') as setting,
    coalesce(setting_new.setting, 'placement_unknown') as setting_when_new,
    coalesce(setting.setting_total, 'placement_unknown') as setting_total,
    schooled.residential,
    schooled.work_based,
    schooled.personal_budget,
    schooled.organised_arrangements,
    schooled.direct_payments,
    schooled.review_meeting,
    schooled.review_outcome,
    schooled.last_review,
    schooled.phase_transfer_due,
    schooled.phase_transfer_final
from schooled
left join {{ ref('release_setting') }} as setting
    on schooled.identified_by = setting.identified_by
    and schooled.setting_code = setting.code
    and schooled.unit = setting.unit
    and schooled.collection_year between coalesce(setting.first_year, 0) and coalesce(setting.last_year, 9999)
    and setting.compulsory_school_age in ('any', schooled.is_of_school_age)
left join {{ ref('release_setting') }} as setting_new
    on schooled.identified_by = setting_new.identified_by
    and schooled.setting_code = setting_new.code
    and schooled.unit = setting_new.unit
    and schooled.collection_year between coalesce(setting_new.first_year, 0) and coalesce(setting_new.last_year, 9999)
    and setting_new.compulsory_school_age in ('any', schooled.was_of_school_age)
