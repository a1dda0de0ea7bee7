-- Every assessment, setting, need and review of a case that is in the return, and every person, that is not in it
-- themselves, and why. What is asked once is sent once: nothing of the rest is lost in silence. Whole cases that are out
-- are in sen2__out_of_scope.
with case_in as (
    select
        *,
        coalesce(cease_date, census_day) as plan_day
    from {{ ref('sen2__case') }}
    where scope_case is not null
),

assessment as (
    select
        case_in.collection_year,
        'assessment' as record_type,
        assessment.assessment_key as record_id,
        case_in.person_record_id,
        case_in.request_record_id,
        case_in.person_key,
        case when assessment.assessment_key = case_in.assessment_key then 'assessment_later' else 'assessment_other' end as why_code,
        assessment.source_file,
        assessment.source_row
    from case_in
    inner join {{ ref('fct_assessment') }} as assessment on case_in.request_key = assessment.request_key
    where assessment.assessment_key <> case_in.assessment_key or not case_in.has_assessment
),

setting as (
    select
        case_in.collection_year,
        case when placement.kind = 'named' then 'plan_detail' else 'placement_detail' end as record_type,
        placement.placement_key as record_id,
        case_in.person_record_id,
        case_in.request_record_id,
        case_in.person_key,
        case
            when placement.kind = 'named' and placement.entry_date > case_in.plan_day then 'setting_named_later'
            when placement.kind = 'named' and placement.leaving_date < case_in.plan_day then 'setting_named_before'
            when placement.kind = 'named' then 'setting_third'
            when placement.entry_date > case_in.census_day then 'placement_later'
            else 'placement_before'
        end as why_code,
        placement.source_file,
        placement.source_row
    from case_in
    inner join {{ ref('sen2__plan_version') }} as version
        on case_in.collection_year = version.collection_year and case_in.plan_key = version.record_plan_key
    inner join {{ ref('fct_placement') }} as placement on version.plan_key = placement.plan_key
    left join {{ ref('sen2__plan_detail') }} as named
        on case_in.collection_year = named.collection_year and placement.placement_key = named.plan_detail_record_id
    left join {{ ref('sen2__placement_detail') }} as attended
        on case_in.collection_year = attended.collection_year and placement.placement_key = attended.placement_record_id
    where case_in.has_plan and named.plan_detail_record_id is null and attended.placement_record_id is null
),

need as (
    select
        case_in.collection_year,
        'sen_need' as record_type,
        need.need_key as record_id,
        case_in.person_record_id,
        case_in.request_record_id,
        case_in.person_key,
        case
            when need.from_date > case_in.plan_day then 'need_later'
            when need.to_date < case_in.plan_day then 'need_before'
            else 'need_third'
        end as why_code,
        need.source_file,
        need.source_row
    from case_in
    inner join {{ ref('sen2__plan_version') }} as version
        on case_in.collection_year = version.collection_year and case_in.plan_key = version.record_plan_key
    inner join {{ ref('fct_need') }} as need on version.plan_key = need.plan_key
    left join {{ ref('sen2__sen_need') }} as sent
        on case_in.collection_year = sent.collection_year and need.need_key = sent.need_record_id
    where case_in.has_plan and sent.need_record_id is null
),

-- The review that is sent is the first of those that were held by census day, in the order of sen2__active_plans.
reviewed as (
    select
        case_in.collection_year,
        review.review_key,
        case_in.person_record_id,
        case_in.request_record_id,
        case_in.person_key,
        review.source_file,
        review.source_row,
        case
            when review.review_type = 'interim' then 'review_interim'
            when review.meeting_date is null and review.due_date > case_in.census_day then 'review_not_held'
            when review.meeting_date is null then 'review_undated'
            when review.meeting_date > case_in.census_day then 'review_later'
        end as why_code,
        row_number() over (
            partition by
                case_in.collection_year,
                case_in.plan_key,
                review.meeting_date <= case_in.census_day and coalesce(review.review_type <> 'interim', true)
            order by {{ sen2_review_order('review') }}
        ) as latest_first
    from case_in
    inner join {{ ref('sen2__plan_version') }} as version
        on case_in.collection_year = version.collection_year and case_in.plan_key = version.record_plan_key
    inner join {{ ref('fct_review') }} as review on version.plan_key = review.plan_key
    where case_in.has_plan
),

review as (
    select
        collection_year,
        'active_plans' as record_type,
        review_key as record_id,
        person_record_id,
        request_record_id,
        person_key,
        coalesce(why_code, 'review_earlier') as why_code,
        source_file,
        source_row
    from reviewed
    where why_code is not null or latest_first > 1
),

reason_for_no_number as (
    select
        sent.collection_year,
        'person' as record_type,
        sent.person_record_id as record_id,
        sent.person_record_id,
        cast(null as {{ dbt.type_string() }}) as request_record_id,
        sent.person_key,
        'reason_not_needed' as why_code,
        person.source_file,
        person.source_row
    from {{ ref('sen2__person') }} as sent
    inner join {{ ref('dim_person') }} as person on sent.person_key = person.person_key
    where person.upn_unknown_reason is not null and sent."UPNunknown" is null
),

person_without_case as (
    select
        collection.collection_year,
        'person' as record_type,
        person.person_key as record_id,
        coalesce(person.ehc_person_id, person.person_key) as person_record_id,
        cast(null as {{ dbt.type_string() }}) as request_record_id,
        person.person_key,
        'person_without_case' as why_code,
        person.source_file,
        person.source_row
    from {{ ref('dim_person') }} as person
    cross join (select distinct collection_year from {{ ref('sen2__case') }}) as collection
    where
        person.has_ehc_record
        and not exists (
            select 1 from {{ ref('sen2__case') }} as any_case
            where any_case.person_key = person.person_key and any_case.collection_year = collection.collection_year
        )
),

kept_out as (
    select * from assessment
    union all
    select * from setting
    union all
    select * from need
    union all
    select * from review
    union all
    select * from reason_for_no_number
    union all
    select * from person_without_case
)

select
    kept_out.collection_year,
    kept_out.record_type,
    kept_out.record_id,
    kept_out.person_record_id,
    kept_out.request_record_id,
    kept_out.person_key,
    kept_out.why_code,
    reason.reason as why,
    reason.what_to_do,
    kept_out.source_file,
    kept_out.source_row
from kept_out
left join {{ ref('left_out_reason') }} as reason on kept_out.why_code = reason.why_code
