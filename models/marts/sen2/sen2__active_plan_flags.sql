-- One flag per rule of reviews, transfers and phase transfers, and of a plan's placements and needs taken together.
with placement as (
    select
        setting.collection_year,
        setting.request_record_id,
        count(*) as placement_count,
        sum(case when {{ sen2_in_force('setting."EntryDate"', 'setting."LeavingDate"', 'collection.census_day') }} then 1 else 0 end)
            as open_count,
        sum(
            case
                when setting."PlacementRank" = '1'
                    and {{ sen2_in_force('setting."EntryDate"', 'setting."LeavingDate"', 'collection.census_day') }} then 1
                else 0
            end
        ) as open_primary_count,
        sum(
            case
                when setting."PlacementRank" = '2'
                    and {{ sen2_in_force('setting."EntryDate"', 'setting."LeavingDate"', 'collection.census_day') }} then 1
                else 0
            end
        ) as open_secondary_count,
        max(
            case
                when setting."PlacementRank" = '1'
                    and {{ sen2_in_force('setting."EntryDate"', 'setting."LeavingDate"', 'collection.census_day') }}
                    then establishment.statutory_high_age
            end
        ) as school_ends_at
    from {{ ref('sen2__placement_detail') }} as setting
    inner join {{ ref('dim_collection') }} as collection on setting.collection_year = collection.collection_year
    left join {{ ref('dim_establishment') }} as establishment on setting."URN" = establishment.urn
    group by setting.collection_year, setting.request_record_id
),

need as (
    select collection_year, request_record_id, count(*) as need_count
    from {{ ref('sen2__sen_need') }}
    group by collection_year, request_record_id
),

record as (
    select
        active_plans.*,
        collection.census_day,
        header."LEA",
        named_plan.request_record_id is not null as has_plan,
        named_plan."StartDate",
        named_plan."CeaseDate",
        coalesce({{ sen2_in_force('named_plan."StartDate"', 'named_plan."CeaseDate"', 'collection.census_day') }}, false)
            as is_in_force,
        coalesce(placement.placement_count, 0) as placement_count,
        coalesce(placement.open_count, 0) as open_count,
        coalesce(placement.open_primary_count, 0) as open_primary_count,
        coalesce(placement.open_secondary_count, 0) as open_secondary_count,
        placement.school_ends_at,
        coalesce(need.need_count, 0) as need_count,
        {{ age_at('person."PersonBirthDate"', date_of('active_plans.collection_year - 1', 8, 31)) }} as age_at_31_august,
        {{ age_at('person."PersonBirthDate"', date_of(academic_year('active_plans."PhaseTransferDueDate"'), 8, 31)) }}
            as age_in_year_of_transfer
    from {{ ref('sen2__active_plans') }} as active_plans
    inner join {{ ref('dim_collection') }} as collection on active_plans.collection_year = collection.collection_year
    left join {{ ref('sen2__header') }} as header on active_plans.collection_year = header.collection_year
    left join {{ ref('sen2__person') }} as person
        on active_plans.collection_year = person.collection_year
        and active_plans.person_record_id = person.person_record_id
    left join {{ ref('sen2__named_plan') }} as named_plan
        on active_plans.collection_year = named_plan.collection_year
        and active_plans.request_record_id = named_plan.request_record_id
    left join placement
        on active_plans.collection_year = placement.collection_year
        and active_plans.request_record_id = placement.request_record_id
    left join need
        on active_plans.collection_year = need.collection_year
        and active_plans.request_record_id = need.request_record_id
)

select
    collection_year,
    person_record_id,
    request_record_id,
    cast(null as {{ dbt.type_string() }}) as record_id,
    source_file,
    source_row,
    scope_case,
    not has_plan as t02,
    {{ sen2_not_a_code('"TransferLA"', 'local_authority', 'record.collection_year') }}
        or coalesce("TransferLA" = "LEA", false) as t03,
    placement_count = 0 as t04,
    need_count not in (1, 2) as t05,
    coalesce("ReviewMeeting" > census_day, false) or coalesce("LastReview" > census_day, false)
        or coalesce("ReviewDraft" > census_day, false) or coalesce("PhaseTransferFinalDate" > census_day, false) as t06,
    coalesce(
        "StartDate" <= {{ sen2_months_before('census_day', sen2_threshold('T07', 'months', 'record.collection_year')) }}
        and "ReviewMeeting" is null,
        false
    ) as t07,
    coalesce(
        "ReviewMeeting" < {{ sen2_months_before('census_day', sen2_threshold('T08', 'months', 'record.collection_year')) }},
        false
    ) as t08,
    coalesce("LastReview" < "ReviewMeeting", false) as t09,
    coalesce("LastReview" >= "ReviewMeeting", false) and "ReviewOutcome" is null as t10,
    "ReviewOutcome" is not null and ("LastReview" is null or "ReviewMeeting" is null) as t11,
    {{ sen2_not_a_code('"ReviewOutcome"', 'review_outcome', 'record.collection_year') }} as t12,
    coalesce(
        {{ days_between('"ReviewMeeting"', '"LastReview"') }} > {{ sen2_threshold('T13', 'days', 'record.collection_year') }},
        false
    ) as t13,
    "ReviewDraft" is not null and coalesce("ReviewOutcome" <> 'A', true) as t14,
    coalesce("ReviewDraft" < "ReviewMeeting", false) as t15,
    "PhaseTransferFinalDate" is not null and "PhaseTransferDueDate" is null as t16,
    -- Between two post-16 settings the day is five months before the move, which the return does not tell.
    "PhaseTransferDueDate" is not null
        and not {{ sen2_rule_names('T17', 'extract(month from "PhaseTransferDueDate") * 100 + extract(day from "PhaseTransferDueDate")') }}
        and coalesce(age_in_year_of_transfer < {{ sen2_threshold('T17', 'age', 'record.collection_year') }}, true) as t17,
    coalesce("PhaseTransferFinalDate" > "PhaseTransferDueDate", false)
        or (coalesce("PhaseTransferDueDate" < census_day, false) and "PhaseTransferFinalDate" is null) as t18,
    -- After year 2 only those move on whose school is an infant school, or is not known.
    is_in_force and "PhaseTransferDueDate" is null and {{ sen2_rule_names('T19', 'age_at_31_august') }}
        and coalesce(
            age_at_31_august + 1 <> {{ sen2_threshold('T19', 'infant_school_age', 'record.collection_year') }}
            or school_ends_at = {{ sen2_threshold('T19', 'infant_school_age', 'record.collection_year') }},
            true
        ) as t19,
    coalesce(
        "ReviewOutcome" = 'C' and "CeaseDate" is null
        and coalesce("LastReview", "ReviewMeeting")
        < {{ sen2_months_before('census_day', sen2_threshold('T20', 'months', 'record.collection_year')) }},
        false
    ) as t20,
    is_in_force and open_count = 0 as l14,
    open_secondary_count > 0 and open_primary_count = 0 as l15,
    -- 2023 asked for both once, beside the placements.
    {{ sen2_not_a_code('"Res"', 'residential', 'record.collection_year') }}
        or {{ sen2_not_a_code('"WBP"', 'work_based_placement', 'record.collection_year') }} as l16_plan
from record
