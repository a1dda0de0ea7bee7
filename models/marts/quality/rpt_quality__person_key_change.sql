-- Children of a source who went from one person_key to another, when and why: two persons became one, or one became two.
-- What the register holds, and what this build has decided, which the register takes over when it is published.
with entry as (
    select
        *,
        lag(person_key) over (partition by source, source_person_id order by since, until nulls last) as previous_person_key
    from {{ ref('stg_person__register') }}
),

change as (
    select source, source_person_id, previous_person_key, person_key, since as changed_date, reason
    from entry
    where previous_person_key is not null
    union all
    select source, source_person_id, previous_person_key, person_key, {{ date_var('known_on') }}, change
    from {{ ref('int_person__cluster') }}
    where change is not null and previous_person_key is not null
)

select
    {{ key('change', ['source', 'source_person_id', 'previous_person_key', 'person_key', 'changed_date']) }} as change_key,
    *
from change
