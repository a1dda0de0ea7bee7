-- Keys of children as they were known on the day: what was decided later is not there, nor is that it ended a key.
select
    source,
    source_person_id,
    person_key,
    since,
    case when until <= {{ date_var('known_on') }} then until end as until,
    reason
from {{ source('person', 'register') }}
where since <= {{ date_var('known_on') }}
