-- Every request and every plan of the council, in every collection year, as known then; with the scope case that puts it
-- in the return, or the reason that keeps it out. The windows are those of the reference, section 1.5.
--
-- What is known of a process without a plan is cut at the end of the year (cases 8 to 10 are "open at the end of the
-- year"); once there is a plan, at census day.
with collection as (
    select collection_year, census_day, year_start, year_end
    from {{ ref('dim_collection') }}
    where record_origin = 'made'
),

plan as (
    select
        *,
        transferred_from_la_code is not null or transferred_in_date is not null as is_transfer,
        coalesce(transferred_in_date, start_date) as moved_in_date
    from {{ ref('fct_plan') }}
),

plan_of_year as (
    select
        collection.collection_year,
        collection.census_day,
        collection.year_start,
        collection.year_end,
        plan.plan_key,
        plan.person_key,
        plan.request_key,
        coalesce(version.first_start_date, plan.start_date) as start_date,
        plan.is_transfer,
        plan.moved_in_date,
        plan.transferred_from_la_code,
        case when plan.cease_date <= collection.census_day then plan.cease_date end as cease_date,
        plan.source_file,
        plan.source_row,
        case
            when version.record_plan_key <> plan.plan_key then 'reissued'
            when plan.start_date > collection.census_day then 'starts_later'
            when plan.is_transfer and plan.moved_in_date > collection.census_day then 'transferred_in_later'
            when plan.cease_date < collection.year_start then 'ceased_before'
            when plan.cease_date < collection.census_day then 'ceased'
            else 'in_force'
        end as plan_state
    from plan
    cross join collection
    left join {{ ref('sen2__plan_version') }} as version
        on plan.plan_key = version.plan_key and collection.collection_year = version.collection_year
),

-- One request can have led to several plans: the one that counts most stays with it, each other is a case of its own.
plan_ranked as (
    select
        plan_of_year.*,
        requests.request_key is not null and row_number() over (
            partition by plan_of_year.collection_year, plan_of_year.request_key
            order by
                case plan_of_year.plan_state
                    when 'in_force' then 1
                    when 'ceased' then 2
                    when 'ceased_before' then 3
                    when 'reissued' then 5
                    else 4
                end,
                plan_of_year.start_date desc,
                plan_of_year.plan_key
        ) = 1 as is_with_request
    from plan_of_year
    left join {{ ref('fct_request') }} as requests on plan_of_year.request_key = requests.request_key
),

-- A request has one assessment. A refusal that went to mediation or appeal stays, whatever they brought about; else the
-- latest decision counts, then the latest row. The others are in sen2__left_out.
chosen_assessment as (
    select
        *,
        row_number() over (
            partition by request_key
            order by
                case when outcome = 'N' and (mediation_held or appeal_made) then outcome_date end nulls last,
                outcome_date desc nulls last,
                {{ latest_row_first() }},
                assessment_key
        ) as number_in_request
    from {{ ref('fct_assessment') }}
),

joined as (
    select
        collection.collection_year,
        collection.census_day,
        collection.year_start,
        collection.year_end,
        requests.person_key,
        requests.request_key,
        requests.received_date,
        requests.outcome as request_outcome,
        requests.outcome_date as request_outcome_date,
        requests.exported_la_code,
        requests.exported_date,
        assessment.assessment_key,
        assessment.outcome as assessment_outcome,
        assessment.outcome_date as assessment_outcome_date,
        assessment.draft_issued_date,
        plan.plan_key,
        coalesce(plan.plan_state, 'none') as plan_state,
        plan.start_date,
        plan.cease_date,
        coalesce(plan.is_transfer, false) as is_transfer,
        plan.moved_in_date,
        plan.transferred_from_la_code,
        requests.source_file,
        requests.source_row
    from {{ ref('fct_request') }} as requests
    cross join collection
    left join chosen_assessment as assessment
        on requests.request_key = assessment.request_key and assessment.number_in_request = 1
    left join plan_ranked as plan
        on requests.request_key = plan.request_key
        and collection.collection_year = plan.collection_year
        and plan.is_with_request
    union all
    select
        collection_year,
        census_day,
        year_start,
        year_end,
        person_key,
        null as request_key,
        null as received_date,
        null as request_outcome,
        null as request_outcome_date,
        null as exported_la_code,
        null as exported_date,
        null as assessment_key,
        null as assessment_outcome,
        null as assessment_outcome_date,
        null as draft_issued_date,
        plan_key,
        plan_state,
        start_date,
        cease_date,
        is_transfer,
        moved_in_date,
        transferred_from_la_code,
        source_file,
        source_row
    from plan_ranked
    where not is_with_request
),

dated as (
    select
        *,
        plan_state in ('in_force', 'ceased') as has_plan,
        case when plan_state in ('in_force', 'ceased') then census_day else year_end end as known_by,
        -- A plan that a tribunal or mediation brought about was decided when it started, not when it was refused.
        case when assessment_outcome = 'Y' then coalesce(assessment_outcome_date, start_date) else start_date end as plan_decided_date
    from joined
),

known as (
    select
        *,
        case when request_outcome_date > known_by then 'A' else request_outcome end as known_request_outcome,
        case when request_outcome_date <= known_by then request_outcome_date end as known_request_outcome_date,
        assessment_key is not null and coalesce(request_outcome_date <= known_by, true) as has_assessment,
        case
            when assessment_outcome_date > known_by and assessment_outcome = 'Y' and draft_issued_date <= known_by then 'Y'
            when assessment_outcome_date > known_by then 'A'
            else assessment_outcome
        end as known_assessment_outcome,
        case when assessment_outcome_date <= known_by then assessment_outcome_date end as known_assessment_outcome_date,
        case when coalesce(exported_date <= known_by, true) then exported_la_code end as known_exported_la_code
    from dated
),

scoped as (
    select
        *,
        case
            when plan_state = 'in_force' and is_transfer and moved_in_date >= year_start then 'case 3'
            when plan_state = 'in_force' and (is_transfer or plan_decided_date < year_start) then 'case 1'
            when plan_state = 'in_force' then 'case 2'
            when plan_state = 'ceased' then 'case 4'
            when plan_state = 'ceased_before' then 'plan_ceased_before'
            when plan_state = 'reissued' then 'plan_reissued'
            when request_key is null and plan_state = 'transferred_in_later' then 'plan_transferred_in_later'
            when request_key is null then 'plan_starts_later'
            when received_date > year_end then 'received_later'
            when known_exported_la_code is not null then
                case
                    when coalesce(exported_date, known_assessment_outcome_date, known_request_outcome_date, received_date) < year_start
                        then case when exported_date is null then 'moved_away_undated' else 'moved_away_before' end
                    else 'case 11'
                end
            when known_request_outcome = 'W' then
                case
                    when known_request_outcome_date < year_start then 'withdrawn_before'
                    when known_request_outcome_date is null and received_date < year_start then 'withdrawn_undated'
                    else 'case 7'
                end
            when has_assessment and known_assessment_outcome = 'W' then
                case
                    when known_assessment_outcome_date < year_start then 'withdrawn_before'
                    when known_assessment_outcome_date is null
                        and coalesce(known_request_outcome_date, received_date) < year_start
                        then 'withdrawn_undated'
                    else 'case 7'
                end
            when has_assessment and known_assessment_outcome = 'N' then
                case when known_assessment_outcome_date < year_start then 'refused_to_issue_before' else 'case 5' end
            when has_assessment and known_assessment_outcome = 'Y' then
                case when known_assessment_outcome_date < year_start then 'plan_missing' else 'case 8' end
            -- A case system that says H itself means that a plan was decided on long ago.
            when has_assessment and known_assessment_outcome = 'H' then 'plan_missing'
            when has_assessment then 'case 9'
            when known_request_outcome = 'N' then
                case when known_request_outcome_date < year_start then 'refused_to_assess_before' else 'case 6' end
            when known_request_outcome in ('Y', 'H') then 'case 9'
            else 'case 10'
        end as scope
    from known
),

numbered as (
    select
        *,
        case when scope like 'case %' then cast(substr(scope, 6) as integer) end as scope_case,
        case when scope not like 'case %' then scope end as reason_code,
        -- The decision to issue was before the year, or was another council's.
        has_plan and (is_transfer or coalesce(plan_decided_date < year_start, false)) as is_historical
    from scoped
)

select
    numbered.collection_year,
    coalesce(person.ehc_person_id, numbered.person_key) as person_record_id,
    coalesce(numbered.request_key, numbered.plan_key) as request_record_id,
    numbered.person_key,
    numbered.request_key,
    numbered.assessment_key,
    numbered.plan_key,
    numbered.scope_case,
    scope_case.scope_case_name,
    numbered.reason_code,
    numbered.census_day,
    numbered.year_start,
    numbered.year_end,
    numbered.received_date,
    case
        when numbered.is_historical then 'H'
        when numbered.known_request_outcome = 'Y' and numbered.known_request_outcome_date < numbered.year_start then 'H'
        else numbered.known_request_outcome
    end as request_outcome,
    numbered.known_request_outcome_date as request_outcome_date,
    numbered.known_exported_la_code as exported_la_code,
    numbered.has_assessment or numbered.has_plan as has_assessment,
    case
        when numbered.is_historical then 'H'
        when numbered.has_assessment then numbered.known_assessment_outcome
        when numbered.has_plan then 'Y'
    end as assessment_outcome,
    numbered.known_assessment_outcome_date as assessment_outcome_date,
    numbered.has_plan,
    numbered.start_date,
    numbered.cease_date,
    case
        when numbered.has_plan and numbered.is_transfer and numbered.moved_in_date between numbered.year_start and numbered.census_day
            then coalesce(numbered.transferred_from_la_code, 'XXX')
    end as transfer_la_code,
    numbered.source_file,
    numbered.source_row
from numbered
left join {{ ref('dim_person') }} as person on numbered.person_key = person.person_key
left join {{ ref('scope_case') }} as scope_case on numbered.scope_case = scope_case.scope_case
