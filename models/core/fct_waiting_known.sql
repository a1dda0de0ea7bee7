-- Waits with both times, as fct_plan_known has plans: from when to when the child waited (true), and between which lists of its
-- service that was what they said (known). A list says no day of an end: the first one that says it is over gives its own. A list
-- that comes after a later one of its service changes nothing of what is so.
{% set wait = "partition by waiting_key order by list_number" %}
with delivery as (
    select service, snapshot_date, max(list_date) as list_date
    from {{ ref('stg_waiting_list__waiting_said') }}
    group by service, snapshot_date
),

ordered as (
    select *, max(list_date) over (partition by service order by snapshot_date) as newest_list_date
    from delivery
),

list as (
    select
        service,
        snapshot_date,
        list_date,
        row_number() over (partition by service order by snapshot_date) as list_number,
        lead(snapshot_date) over (partition by service order by snapshot_date) as next_snapshot_date
    from ordered
    where list_date = newest_list_date
),

listed as (
    select
        {{ key('waiting', ['identity.person_key', 'waiting.service', 'waiting.referral_date']) }} as waiting_key,
        identity.person_key,
        waiting.service,
        waiting.referral_date,
        waiting.accepted_date,
        waiting.status,
        coalesce(waiting_status.parent_code, 'open') = 'open' as is_open,
        list.list_date,
        list.snapshot_date,
        list.list_number,
        waiting._source_file,
        waiting._source_row
    from {{ ref('stg_waiting_list__waiting_said') }} as waiting
    inner join list
        on waiting.service = list.service and waiting.snapshot_date = list.snapshot_date and waiting.list_date = list.list_date
    inner join {{ ref('bridge_person_identity') }} as identity
        on identity.source = 'waiting_list' and waiting.patient_id = identity.source_person_id
    left join {{ ref('code_waiting_status') }} as waiting_status on waiting.status = waiting_status.code
),

-- Of the clinics of a list, one that still waits speaks for all.
stated as (
    select *, {{ key('state', ['accepted_date', 'status']) }} as state
    from {{ first_rows('listed', ['waiting_key', 'list_number'],
        'case when is_open then 0 else 1 end, _source_file, _source_row') }} as one_a_list
),

stepped as (
    select
        *,
        case
            when lag(state) over ({{ wait }}) = state and lag(list_number) over ({{ wait }}) = list_number - 1 then 0
            else 1
        end as is_news
    from stated
),

version as (
    select *, sum(is_news) over ({{ wait }} rows between unbounded preceding and current row) as version_number
    from stepped
),

spell as (
    select
        waiting_key,
        version_number,
        min(person_key) as person_key,
        min(service) as service,
        min(referral_date) as referral_date,
        min(accepted_date) as accepted_date,
        min(status) as status,
        case when not bool_or(is_open) then min(list_date) end as over_by_date,
        min(snapshot_date) as known_from,
        max(list_number) as last_number
    from version
    group by waiting_key, version_number
)

select
    spell.waiting_key,
    spell.person_key,
    spell.service,
    spell.accepted_date,
    spell.status,
    spell.referral_date as true_from,
    spell.over_by_date as true_until,
    spell.known_from,
    list.next_snapshot_date as known_until,
    list.next_snapshot_date is not null
    and lead(spell.known_from) over (partition by spell.waiting_key order by spell.version_number)
    is distinct from list.next_snapshot_date as is_withdrawn
from spell
inner join list on spell.service = list.service and spell.last_number = list.list_number
