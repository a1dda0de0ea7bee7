-- What people decided of pairs of children, and whether it holds: one that names a child whom no source has says nothing.
select
    {{ key('override', ['override.action', 'override.source', 'override.source_person_id', 'override.other_source',
        'override.other_source_person_id', 'override.decided_on']) }} as override_key,
    override.action,
    override.source,
    override.source_person_id,
    override.other_source,
    override.other_source_person_id,
    override.reason,
    override.decided_by,
    override.decided_on,
    override.decided_until,
    case
        when override.action not in ('must_link', 'must_not_link') then 'unknown_action'
        when override.decided_on > {{ date_var('known_on') }} then 'not_yet'
        when override.decided_until < {{ date_var('known_on') }} then 'ended'
        when one.person_key is null or other.person_key is null then 'unknown_child'
        when (one.person_key = other.person_key) <> (override.action = 'must_link') then 'contradicted'
        else 'holds'
    end as standing
from {{ ref('stg_council__link_override') }} as override
left join {{ ref('bridge_person_identity') }} as one
    on override.source = one.source and override.source_person_id = one.source_person_id
left join {{ ref('bridge_person_identity') }} as other
    on override.other_source = other.source and override.other_source_person_id = other.source_person_id
