-- Waits as a service's weekly lists tell them, one row per child, service and referral: when it is true (referred, accepted) and
-- when it is known (on which lists). Rows for two clinics, and under two numbers of a merged trust, are one wait. A wait that is on
-- no later list of its service, though the last one that named it said it was open, has vanished without an outcome.
{% set wait = "partition by person_key, service, referral_date" %}
with listed as (
    select
        identity.person_key,
        waiting.service,
        waiting.referral_date,
        waiting.list_date,
        waiting.accepted_date,
        waiting.status,
        coalesce(waiting_status.parent_code, 'open') = 'open' as is_open,
        waiting.priority,
        {{ first_number('waiting.stated_wait') }} as stated_weeks,
        waiting.next_appointment_date,
        dense_rank() over (partition by waiting.service order by waiting.list_date) as list_number,
        max(waiting.list_date) over (partition by waiting.service) as latest_list_date,
        count(*) over (partition by identity.person_key, waiting.service, waiting.referral_date) as record_count,
        waiting._source_file as source_file,
        waiting._source_row as source_row
    from {{ ref('stg_waiting_list__waiting') }} as waiting
    inner join {{ ref('bridge_person_identity') }} as identity
        on identity.source = 'waiting_list' and waiting.patient_id = identity.source_person_id
    left join {{ ref('code_waiting_status') }} as waiting_status on waiting.status = waiting_status.code
),

-- Of the clinics of a week, one that still waits speaks for all.
weekly as (
    select
        *,
        lag(coalesce(status, '')) over ({{ wait }} order by list_date) as status_before
    from {{ first_rows('listed', ['person_key', 'service', 'referral_date', 'list_date'],
        'case when is_open then 0 else 1 end, source_file, source_row') }} as one_a_week
),

history as (
    select
        *,
        min(list_date) over ({{ wait }}) as first_listed_date,
        max(list_date) over ({{ wait }}) as last_listed_date,
        max(list_number) over ({{ wait }}) - min(list_number) over ({{ wait }}) + 1 - count(*) over ({{ wait }}) as lists_missed_count,
        max(case when status_before is null or status_before <> coalesce(status, '') then list_date end) over ({{ wait }})
            as status_since_date
    from weekly
)

select
    {{ key('waiting', ['person_key', 'service', 'referral_date']) }} as waiting_key,
    person_key,
    service,
    referral_date,
    accepted_date,
    first_listed_date,
    last_listed_date,
    status,
    status_since_date,
    is_open and last_listed_date = latest_list_date as is_on_latest_list,
    is_open and last_listed_date < latest_list_date as has_vanished,
    cast(lists_missed_count as integer) as lists_missed_count,
    {{ days_between('referral_date', 'last_listed_date') }} as days_waited,
    stated_weeks,
    priority,
    next_appointment_date,
    cast(record_count as integer) as record_count,
    source_file,
    source_row
from history
where list_date = last_listed_date
