-- One flag per rule of the request. A flag is true or false, never null.
with record as (
    select
        requests.*,
        collection.census_day,
        collection.year_start,
        collection.year_end,
        header."LEA",
        person."PersonBirthDate",
        coalesce(requests."RequestOutcome" <> 'H', true) as is_not_historical,
        assessment.request_record_id is not null as has_assessment,
        assessment."AssessmentOutcome",
        assessment."AssessmentOutcomeDate",
        coalesce(
            assessment."AssessmentMediation" = '1' or assessment."AssessmentTribunal" = '1'
            or assessment."OtherMediation" = '1' or assessment."OtherTribunal" = '1',
            false
        ) as has_assessment_mark,
        named_plan.request_record_id is not null as has_plan,
        named_plan."CeaseDate",
        active_plans.request_record_id is not null as has_active_plans,
        coalesce({{ sen2_in_force('named_plan."StartDate"', 'named_plan."CeaseDate"', 'collection.census_day') }}, false)
            as has_plan_in_force
    from {{ ref('sen2__requests') }} as requests
    inner join {{ ref('dim_collection') }} as collection on requests.collection_year = collection.collection_year
    left join {{ ref('sen2__header') }} as header on requests.collection_year = header.collection_year
    left join {{ ref('sen2__person') }} as person
        on requests.collection_year = person.collection_year and requests.person_record_id = person.person_record_id
    left join {{ ref('sen2__assessment') }} as assessment
        on requests.collection_year = assessment.collection_year
        and requests.person_record_id = assessment.person_record_id
        and requests.request_record_id = assessment.request_record_id
    left join {{ ref('sen2__named_plan') }} as named_plan
        on requests.collection_year = named_plan.collection_year
        and requests.person_record_id = named_plan.person_record_id
        and requests.request_record_id = named_plan.request_record_id
    left join {{ ref('sen2__active_plans') }} as active_plans
        on requests.collection_year = active_plans.collection_year
        and requests.person_record_id = active_plans.person_record_id
        and requests.request_record_id = active_plans.request_record_id
),

-- Open at the end of the year: not decided then, being assessed, or promised and not issued.
opened as (
    select
        *,
        coalesce("ReceivedDate" <= year_end, true) and "Exported" is null
        and coalesce(
            "RequestOutcome" = 'A' or "RequestOutcomeDate" > year_end
            or "AssessmentOutcome" = 'A' or "AssessmentOutcomeDate" > year_end
            or ("AssessmentOutcome" = 'Y' and "AssessmentOutcomeDate" is null),
            false
        ) as is_open
    from record
),

-- What happened in the year. A withdrawal and a move away have no date in the return, so nothing can be said of their year.
stage as (
    select
        *,
        coalesce("ReceivedDate" between year_start and year_end, false)
        or coalesce("RequestOutcomeDate" between year_start and year_end, false)
        or coalesce("AssessmentOutcomeDate" between year_start and year_end, false)
        or is_open
        or has_plan_in_force
        or coalesce("CeaseDate" between year_start and census_day, false)
        or coalesce("RequestOutcome" = 'W', false)
        or coalesce("AssessmentOutcome" = 'W', false)
        or "Exported" is not null as is_of_year
    from opened
),

person_use as (
    select collection_year, person_record_id, sum(case when is_open then 1 else 0 end) as open_count
    from stage
    group by collection_year, person_record_id
),

day_use as (
    select collection_year, person_record_id, "ReceivedDate", count(*) as request_count
    from stage
    group by collection_year, person_record_id, "ReceivedDate"
)

select
    stage.collection_year,
    stage.person_record_id,
    stage.request_record_id,
    cast(null as {{ dbt.type_string() }}) as record_id,
    stage.source_file,
    stage.source_row,
    stage.scope_case,
    not {{ sen2_is_code('stage."RequestOutcome"', 'request_outcome', 'stage.collection_year') }} as r01,
    stage.is_not_historical and stage."ReceivedDate" is null as r02,
    coalesce(stage."ReceivedDate" > stage.census_day, false) as r03,
    coalesce(stage."ReceivedDate" > stage.year_end and not stage.has_plan_in_force, false) as r04,
    coalesce(stage."ReceivedDate" < stage."PersonBirthDate", false) as r05,
    (stage.is_not_historical and stage."RYA" is null)
        or {{ sen2_not_a_code('stage."RYA"', 'yes_no', 'stage.collection_year') }} as r06,
    stage.is_not_historical and stage."RequestSource" is null as r07,
    {{ sen2_not_a_code('stage."RequestSource"', 'request_source', 'stage.collection_year') }} as r08,
    coalesce(stage."RequestOutcome" in ('Y', 'N'), false) and stage."RequestOutcomeDate" is null as r09,
    coalesce(stage."RequestOutcome" in ('A', 'W', 'H'), false) and stage."RequestOutcomeDate" is not null as r10,
    coalesce(stage."RequestOutcomeDate" < stage."ReceivedDate", false) as r11,
    coalesce(stage."RequestOutcomeDate" > stage.census_day, false) as r12,
    coalesce(stage."RequestOutcomeDate" > stage.year_end and stage."RequestOutcomeDate" <= stage.census_day, false) as r12_q,
    coalesce(stage."RequestOutcome" = 'Y' and stage."RequestOutcomeDate" < stage.year_start, false) as r13,
    coalesce(stage."RequestOutcome" = 'N' and stage."RequestOutcomeDate" < stage.year_start, false)
        and not stage.is_of_year as r14,
    coalesce(
        stage."RequestOutcome" in ('Y', 'N')
        and {{ days_between('stage."ReceivedDate"', 'stage."RequestOutcomeDate"') }}
        > {{ sen2_threshold('R15', 'days', 'stage.collection_year') }},
        false
    ) as r15,
    (
        coalesce(stage."RequestOutcome" in ('Y', 'N'), false)
        and (stage."RequestMediation" is null or stage."RequestTribunal" is null)
    )
    or {{ sen2_not_a_code('stage."RequestMediation"', 'yes_no', 'stage.collection_year') }}
    or {{ sen2_not_a_code('stage."RequestTribunal"', 'yes_no', 'stage.collection_year') }} as r16,
    coalesce(
        stage."RequestOutcome" in ('A', 'W')
        and (
            coalesce(stage."RequestMediation" = '1', false) or coalesce(stage."RequestTribunal" = '1', false)
            or stage.has_assessment_mark
        ),
        false
    ) as r17,
    {{ sen2_not_a_code('stage."Exported"', 'local_authority', 'stage.collection_year') }} as r18,
    coalesce(stage."Exported" = stage."LEA", false) as r19,
    stage."Exported" is not null and stage.has_plan as r20,
    coalesce(stage."RequestOutcome" in ('A', 'W'), false) and (stage.has_assessment or stage.has_active_plans) as r21,
    coalesce(
        stage."RequestOutcome" = 'N' and stage."RequestMediation" = '0' and stage."RequestTribunal" = '0'
        and stage."AssessmentOutcome" in ('Y', 'N', 'H'),
        false
    ) as r22,
    coalesce(stage."RequestOutcome" in ('Y', 'H'), false) and not stage.has_assessment and stage."Exported" is null as r23,
    coalesce(day_use.request_count > 1, false) as r24,
    stage.is_open and person_use.open_count > 1 as r25,
    coalesce(
        stage."RequestOutcome" = 'A'
        and {{ days_between('stage."ReceivedDate"', 'stage.year_end') }}
        > {{ sen2_threshold('R26', 'days', 'stage.collection_year') }},
        false
    ) as r26,
    not stage.is_of_year as x02
from stage
inner join person_use
    on stage.collection_year = person_use.collection_year and stage.person_record_id = person_use.person_record_id
left join day_use
    on stage.collection_year = day_use.collection_year
    and stage.person_record_id = day_use.person_record_id
    and stage."ReceivedDate" = day_use."ReceivedDate"
