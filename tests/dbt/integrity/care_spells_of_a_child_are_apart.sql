-- What: two looked-after spells of one child and source that touch or overlap. When: episodes were not joined.
-- It endangers: starts to be looked after counted twice. Resolve: look at with_spell_start in warehouse/macros/intervals_of_dates.sql.
with spell as (
    select child_id, spell_start, max(coalesce(episode_end, date '9999-12-01')) as spell_end
    from {{ with_spell_start(ref('int_care__looked_after_episode'), ['child_id'], 'episode_start', 'episode_end') }} as episode
    group by child_id, spell_start
)

select former.spell_start
from spell as former
inner join spell as latter
    on former.child_id = latter.child_id
    and former.spell_start < latter.spell_start
    and latter.spell_start <= {{ days_after('former.spell_end', 1) }}
