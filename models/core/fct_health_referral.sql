-- One row per referral and team; a referral that names no team has one row. A contact does not say which team it was with, so
-- each team of a referral has the referral's first contact; contacts before the referral was received do not count.
with team_code as (
    select code, parent_code from {{ ref('code_csds_team_type') }}
),

team as (
    select *
    from {{ first_rows(ref('stg_csds__service_type'), ['provider', 'service_request_id', 'team_type'], 'reporting_period desc') }}
),

-- What happened before a provider's first month is known in part at best: who was seen and discharged by then is in no file.
reported as (
    select
        provider,
        {{ date_of(
            'cast(substr(min(reporting_period), 1, 4) as integer)', 'cast(substr(min(reporting_period), 5, 2) as integer)', 1
        ) }} as reported_from
    from {{ ref('stg_csds__referral') }}
    group by provider
),

first_seen as (
    select referral.service_request_key, min(contact.contact_date) as first_attended_date
    from {{ ref('int_health__referral') }} as referral
    inner join {{ ref('fct_health_contact') }} as contact on referral.service_request_key = contact.service_request_key
    where contact.was_seen and contact.contact_date >= referral.received_date
    group by referral.service_request_key
)

select
    {{ key('health_referral', ['referral.service_request_key', 'team.team_type']) }} as health_referral_key,
    referral.service_request_key,
    referral.person_key,
    referral.provider,
    referral.received_date,
    team.team_type,
    coalesce(team_code.parent_code, 'OTHER') as service,
    first_seen.first_attended_date,
    team.closure_date,
    team.rejection_date,
    referral.discharge_date,
    reported.reported_from,
    {{ days_between('referral.received_date', 'first_seen.first_attended_date') }} as days_to_first_contact,
    {{ age_at('person.birth_date', 'referral.received_date') }} as age_at_received,
    referral.source_file,
    referral.source_row
from {{ ref('int_health__referral') }} as referral
inner join {{ ref('dim_person') }} as person on referral.person_key = person.person_key
left join team
    on {{ key('service_request', ['team.provider', 'team.service_request_id']) }} = referral.service_request_key
left join team_code on team.team_type = team_code.code
left join first_seen on referral.service_request_key = first_seen.service_request_key
left join reported on coalesce(referral.provider, '') = coalesce(reported.provider, '')
