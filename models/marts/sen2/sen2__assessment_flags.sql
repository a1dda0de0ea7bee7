-- One flag per rule of the assessment. A flag is true or false, never null.
with record as (
    select
        assessment.*,
        collection.census_day,
        collection.year_start,
        collection.year_end,
        requests."ReceivedDate",
        requests."RequestOutcomeDate",
        named_plan.request_record_id is not null as has_plan,
        named_plan."StartDate",
        active_plans.request_record_id is not null as has_active_plans,
        active_plans."TransferLA",
        coalesce(assessment."AssessmentOutcome" in ('Y', 'N'), false) as is_decided,
        coalesce(assessment."AssessmentOutcome" = 'Y', false) and assessment."AssessmentOutcomeDate" is not null as is_issued
    from {{ ref('sen2__assessment') }} as assessment
    inner join {{ ref('dim_collection') }} as collection on assessment.collection_year = collection.collection_year
    left join {{ ref('sen2__requests') }} as requests
        on assessment.collection_year = requests.collection_year
        and assessment.person_record_id = requests.person_record_id
        and assessment.request_record_id = requests.request_record_id
    left join {{ ref('sen2__named_plan') }} as named_plan
        on assessment.collection_year = named_plan.collection_year
        and assessment.person_record_id = named_plan.person_record_id
        and assessment.request_record_id = named_plan.request_record_id
    left join {{ ref('sen2__active_plans') }} as active_plans
        on assessment.collection_year = active_plans.collection_year
        and assessment.person_record_id = active_plans.person_record_id
        and assessment.request_record_id = active_plans.request_record_id
)

select
    collection_year,
    person_record_id,
    request_record_id,
    cast(null as {{ dbt.type_string() }}) as record_id,
    source_file,
    source_row,
    scope_case,
    not {{ sen2_is_code('"AssessmentOutcome"', 'assessment_outcome', 'record.collection_year') }} as a01,
    coalesce("AssessmentOutcome" = 'N', false) and "AssessmentOutcomeDate" is null as a02,
    coalesce("AssessmentOutcome" = 'Y', false) and "StartDate" is not null and "AssessmentOutcomeDate" is null as a03,
    coalesce("AssessmentOutcome" in ('A', 'W', 'H'), false) and "AssessmentOutcomeDate" is not null as a04,
    coalesce("AssessmentOutcomeDate" < coalesce("RequestOutcomeDate", "ReceivedDate"), false) as a05,
    coalesce("AssessmentOutcomeDate" > census_day, false) as a06,
    is_decided and coalesce("AssessmentOutcomeDate" < year_start, false) as a07,
    (
        is_decided
        and (
            "AssessmentMediation" is null or "AssessmentTribunal" is null
            or "OtherMediation" is null or "OtherTribunal" is null
        )
    )
    or {{ sen2_not_a_code('"AssessmentMediation"', 'yes_no', 'record.collection_year') }}
    or {{ sen2_not_a_code('"AssessmentTribunal"', 'yes_no', 'record.collection_year') }}
    or {{ sen2_not_a_code('"OtherMediation"', 'yes_no', 'record.collection_year') }}
    or {{ sen2_not_a_code('"OtherTribunal"', 'yes_no', 'record.collection_year') }} as a08,
    (is_issued and "Week20" is null) or {{ sen2_not_a_code('"Week20"', 'yes_no', 'record.collection_year') }} as a09,
    is_issued and "ReceivedDate" is null as a10,
    coalesce("AssessmentOutcome" in ('A', 'W'), false) and (has_plan or has_active_plans) as a11,
    coalesce("AssessmentOutcome" = 'N' and "AssessmentMediation" = '0' and "AssessmentTribunal" = '0', false) and has_plan as a12,
    coalesce("AssessmentOutcome" = 'H', false) and not has_plan as a13,
    is_issued and not has_plan as a14,
    "TransferLA" is not null and coalesce("AssessmentOutcome" <> 'H', true) as a15,
    coalesce("AssessmentTribunal" = '1' and "AssessmentOutcome" = 'Y', false) as a16,
    coalesce(
        "AssessmentOutcome" = 'Y' and "Week20" = '0'
        and {{ days_between('"ReceivedDate"', '"AssessmentOutcomeDate"') }}
        > {{ sen2_threshold('A17', 'days', 'record.collection_year') }},
        false
    ) as a17,
    coalesce(
        "AssessmentOutcome" = 'N'
        and {{ days_between('"ReceivedDate"', '"AssessmentOutcomeDate"') }}
        > {{ sen2_threshold('A18', 'days', 'record.collection_year') }},
        false
    ) as a18,
    coalesce(
        "AssessmentOutcome" = 'Y' and "AssessmentOutcomeDate" is null
        and {{ days_between('"ReceivedDate"', 'year_end') }}
        > {{ sen2_threshold('A19', 'days', 'record.collection_year') }},
        false
    ) as a19
from record
