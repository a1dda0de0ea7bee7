-- Short breaks and direct payments. The child's number is that of the social care system, which its returns use: one that no
-- return names stays here without a person. Whom a family pays directly is a person, so a direct payment names no provider.
with care_child as (
    select source_person_id, person_key
    from {{ first_rows(ref('bridge_person_identity'), ['source_person_id'], "case source when 'cin' then 1 when 'ssda903' then 2 when 'care_system' then 3 else 4 end") }}
    where source in ('cin', 'ssda903', 'care_system')
)

select
    {{ key('short_break', ['given.la_child_id', 'given.service', 'given.from_date', 'given.unit', 'given.provider']) }}
        as short_break_key,
    care_child.person_key,
    case when given.is_direct_payment then 'direct_payment' else 'service' end as kind,
    given.service,
    given.unit,
    given.quantity,
    given.from_date,
    given.to_date,
    given.cost,
    case when not coalesce(given.is_direct_payment, false) then given.provider end as provider,
    given._source_file as source_file,
    given._source_row as source_row
from {{ ref('stg_short_break__short_break') }} as given
left join care_child on given.la_child_id = care_child.source_person_id
