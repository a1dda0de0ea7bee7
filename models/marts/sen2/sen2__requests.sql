-- Requests in the return, and a historical request for each plan that came without one.
with appeal as (
    select
        request_key,
        min(case when kind = 'mediation' then coalesce(held_date, registered_date) end) as mediation_date,
        min(case when kind = 'appeal' then coalesce(registered_date, held_date) end) as appeal_date
    from {{ ref('fct_appeal') }}
    where about = 'refuse_assess'
    group by request_key
)

select
    sen2_case.collection_year,
    sen2_case.person_record_id,
    sen2_case.request_record_id,
    sen2_case.person_key,
    sen2_case.scope_case,
    sen2_case.scope_case_name,
    sen2_case.source_file,
    sen2_case.source_row,
    sen2_case.received_date as "ReceivedDate",
    {{ sen2_in_year('requests', 'RequestSource', 'sen2_case.collection_year',
        "case when coalesce(sen2_case.request_outcome <> 'H', true) then requests.request_source end") }} as "RequestSource",
    case
        when coalesce(sen2_case.request_outcome <> 'H', true) then {{ sen2_flag('requests.in_youth_accommodation') }}
    end as "RYA",
    -- Of a withdrawal the case system's date is that of the withdrawal, which is not asked. On an open request a date is a
    -- fault, and stays to be found (R10).
    case
        when sen2_case.request_outcome in ('Y', 'N', 'A') then sen2_case.request_outcome_date
    end as "RequestOutcomeDate",
    sen2_case.request_outcome as "RequestOutcome",
    -- A mediation or appeal counts once it has happened; a mark without a date is taken as it stands. Where nothing is asked
    -- (A, W) a yes is a fault, and stays to be found (R17).
    {{ sen2_mark(
        '(requests.mediation_held and coalesce(appeal.mediation_date <= sen2_case.census_day, true))', 'sen2_case.request_outcome'
    ) }} as "RequestMediation",
    {{ sen2_mark(
        '(requests.appeal_made and coalesce(appeal.appeal_date <= sen2_case.census_day, true))', 'sen2_case.request_outcome'
    ) }} as "RequestTribunal",
    sen2_case.exported_la_code as "Exported"
from {{ ref('sen2__case') }} as sen2_case
left join {{ ref('fct_request') }} as requests on sen2_case.request_key = requests.request_key
left join appeal on sen2_case.request_key = appeal.request_key
where sen2_case.scope_case is not null
{{ and_returned('requests') }}
