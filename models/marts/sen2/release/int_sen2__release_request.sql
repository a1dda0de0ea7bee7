-- Every request of a return that is not historical, with its assessment, and all that DfE's tables count them by. Ages are
-- those on the day of the request.
with record as (
    select
        requests.collection_year,
        requests.person_record_id,
        requests.request_record_id,
        requests."ReceivedDate" as received_date,
        requests."RequestOutcome" as request_outcome,
        requests."RequestOutcomeDate" as request_outcome_date,
        requests."RYA" = '1' as in_youth_accommodation,
        requests."RequestMediation" = '1' as request_mediation,
        requests."RequestTribunal" = '1' as request_tribunal,
        assessment."AssessmentOutcome" as assessment_outcome,
        assessment."AssessmentOutcomeDate" as assessment_outcome_date,
        assessment."AssessmentMediation" = '1' as assessment_mediation,
        assessment."AssessmentTribunal" = '1' as assessment_tribunal,
        assessment."OtherMediation" = '1' as other_mediation,
        assessment."OtherTribunal" = '1' as other_tribunal,
        assessment."Week20" = '1' as exception_applies,
        collection.year_start,
        collection.year_end,
        person."PersonBirthDate" as birth_date,
        coalesce(
            case when person."Sex" in ('M', 'F') then person."Sex" end,
            case person."GenderCurrent" when '1' then 'M' when '2' then 'F' end,
            'unknown'
        ) as sex,
        coalesce(ethnicity.parent_code, ethnicity.code, 'unknown') as ethnicity
    from {{ ref('sen2__requests') }} as requests
    inner join {{ ref('dim_collection') }} as collection on requests.collection_year = collection.collection_year
    inner join {{ ref('sen2__person') }} as person
        on requests.collection_year = person.collection_year and requests.person_record_id = person.person_record_id
    left join {{ ref('sen2__assessment') }} as assessment
        on requests.collection_year = assessment.collection_year
        and requests.request_record_id = assessment.request_record_id
    left join {{ ref('code_ethnicity') }} as ethnicity on person."Ethnicity" = ethnicity.code
)

select
    collection_year,
    person_record_id,
    request_record_id,
    coalesce(request_outcome <> 'H', true) as is_request,
    assessment_outcome is not null and assessment_outcome <> 'H' as is_assessment,
    coalesce(request_outcome <> 'H', true)
    and coalesce(received_date between year_start and year_end, false) as is_received_in_year,
    coalesce(
        request_outcome in ('Y', 'N') and request_outcome_date between year_start and year_end, false
    ) as is_decided_in_year,
    coalesce(
        case
            when assessment_outcome = 'Y' and assessment_outcome_date is null then true
            when assessment_outcome in ('Y', 'N', 'A', 'W') then assessment_outcome_date between year_start and year_end
        end,
        false
    ) as is_assessed_in_year,
    coalesce(
        assessment_outcome = 'Y' and assessment_outcome_date between year_start and year_end
        {%- if var('timeliness_drops_mediation') %}
        and not coalesce(request_mediation, false)
        and not coalesce(request_tribunal, false)
        and not coalesce(assessment_mediation, false)
        and not coalesce(assessment_tribunal, false)
        and not coalesce(other_mediation, false)
        and not coalesce(other_tribunal, false)
        {%- endif %},
        false
    ) as is_issued_in_year,
    coalesce(exception_applies, false) as exception_applies,
    request_outcome,
    assessment_outcome,
    {{ days_between('received_date', 'request_outcome_date') }} as days_to_decision,
    {{ days_between('received_date', 'assessment_outcome_date') }} as days_to_outcome,
    coalesce(in_youth_accommodation, false) as in_youth_accommodation,
    coalesce(request_mediation, false) as request_mediation,
    coalesce(request_tribunal, false) as request_tribunal,
    coalesce(assessment_mediation, false) as assessment_mediation,
    coalesce(assessment_tribunal, false) as assessment_tribunal,
    coalesce(other_mediation, false) as other_mediation,
    coalesce(other_tribunal, false) as other_tribunal,
    sex,
    ethnicity,
    case when received_date >= birth_date then {{ age_at('birth_date', 'received_date') }} end as age_received
from record
