-- One flag per rule of the plan, among them those that need all of its settings. True or false, never null.
with detail as (
    select
        collection_year,
        request_record_id,
        count(*) as detail_count,
        sum(case when "PlacementRank" = '1' then 1 else 0 end) as primary_count,
        sum(case when "PlacementRank" = '2' then 1 else 0 end) as secondary_count
    from {{ ref('sen2__plan_detail') }}
    group by collection_year, request_record_id
),

record as (
    select
        named_plan.*,
        collection.census_day,
        collection.year_start,
        collection.year_end,
        person."PersonBirthDate",
        assessment."AssessmentOutcome",
        assessment."AssessmentOutcomeDate",
        active_plans.request_record_id is not null as has_active_plans,
        active_plans."TransferLA",
        coalesce(detail.detail_count, 0) as detail_count,
        detail.primary_count,
        detail.secondary_count,
        {{ age_at('person."PersonBirthDate"', 'named_plan."CeaseDate"') }} as age_at_cease,
        {{ age_at('person."PersonBirthDate"', 'collection.census_day') }} as age_at_census
    from {{ ref('sen2__named_plan') }} as named_plan
    inner join {{ ref('dim_collection') }} as collection on named_plan.collection_year = collection.collection_year
    left join {{ ref('sen2__person') }} as person
        on named_plan.collection_year = person.collection_year and named_plan.person_record_id = person.person_record_id
    left join {{ ref('sen2__assessment') }} as assessment
        on named_plan.collection_year = assessment.collection_year
        and named_plan.request_record_id = assessment.request_record_id
    left join {{ ref('sen2__active_plans') }} as active_plans
        on named_plan.collection_year = active_plans.collection_year
        and named_plan.request_record_id = active_plans.request_record_id
    left join detail
        on named_plan.collection_year = detail.collection_year and named_plan.request_record_id = detail.request_record_id
)

select
    collection_year,
    person_record_id,
    request_record_id,
    cast(null as {{ dbt.type_string() }}) as record_id,
    source_file,
    source_row,
    scope_case,
    "StartDate" is null as n01,
    coalesce("StartDate" > census_day, false) as n02,
    coalesce(
        extract(year from "StartDate") * 10000 + extract(month from "StartDate") * 100 + extract(day from "StartDate")
        < {{ sen2_threshold('N03', 'first_day', 'record.collection_year') }},
        false
    ) as n03,
    coalesce("StartDate" < "PersonBirthDate", false) as n04,
    coalesce("AssessmentOutcome" = 'Y' and "StartDate" <> "AssessmentOutcomeDate", false) as n05,
    coalesce("AssessmentOutcome" = 'H' and "TransferLA" is null and "StartDate" between year_start and year_end, false) as n06,
    detail_count not in (1, 2) as n07,
    {{ sen2_not_a_code('"PlanRes"', 'residential', 'record.collection_year') }}
        or {{ sen2_not_a_code('"PlanWBP"', 'work_based_placement', 'record.collection_year') }}
        or {{ sen2_not_a_code('"DP"', 'direct_payments', 'record.collection_year') }} as n08,
    not {{ sen2_is_code('"PB"', 'yes_no', 'record.collection_year') }} as n09,
    coalesce("PB" = '1' and "OA" is null, false) or {{ sen2_not_a_code('"OA"', 'yes_no', 'record.collection_year') }} as n10,
    coalesce("PB" = '0', false) and (coalesce("OA" = '1', false) or "DP" is not null) as n11,
    coalesce("PB" = '1' and "OA" = '0' and "DP" is null, false) as n12,
    ("CeaseDate" is null) <> ("CeaseReason" is null) as n13,
    {{ sen2_not_a_code('"CeaseReason"', 'cease_reason', 'record.collection_year') }} as n14,
    coalesce("CeaseDate" < "StartDate", false) as n15,
    coalesce("CeaseDate" < year_start, false) as n16,
    coalesce("CeaseDate" > census_day, false) as n17,
    coalesce("CeaseDate" > year_end and "CeaseDate" <= census_day, false) as n17_q,
    coalesce(
        "CeaseReason" = '1' and age_at_cease < {{ sen2_threshold('N18', 'age', 'record.collection_year') }}
        and not coalesce(age_at_cease = {{ sen2_threshold('N18', 'adult_estate_age', 'record.collection_year') }}, false),
        false
    ) as n18,
    coalesce(
        {{ sen2_rule_names('N19', '"CeaseReason"') }}
        and age_at_cease < {{ sen2_threshold('N19', 'age', 'record.collection_year') }},
        false
    ) as n19,
    coalesce(
        "PlanWBP" is not null and age_at_census < {{ sen2_threshold('N21', 'age', 'record.collection_year') }}, false
    ) as n21,
    coalesce(primary_count <> 1 or secondary_count > 1, false) as d11,
    coalesce({{ sen2_in_force('"StartDate"', '"CeaseDate"', 'census_day') }}, false) and not has_active_plans as t01
from record
