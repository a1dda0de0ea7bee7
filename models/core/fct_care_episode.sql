-- Spells of care. Looked-after episodes that follow each other without a gap are one spell; it shows its last episode's
-- placement and legal status. Need and protection spells are as the latest census states them; one that was left open and is
-- missing from every later census ends with its census year.
with last_census as (
    select max(collection_year) as collection_year from {{ ref('stg_cin__child') }}
),

looked_after as (
    select
        child_id,
        spell_start as start_date,
        max(case when last_episode = 1 then episode_end end) as end_date,
        max(case when last_episode = 1 then category_of_need end) as category_of_need,
        max(case when last_episode = 1 then placement_type end) as placement_type,
        max(case when last_episode = 1 then legal_status end) as legal_status,
        max(return_year) as return_year,
        count(*) as record_count,
        max(case when last_episode = 1 then source_file end) as source_file,
        max(case when last_episode = 1 then source_row end) as source_row
    from (
        select
            *,
            row_number() over (
                partition by child_id, spell_start order by coalesce(episode_end, date '9999-12-01') desc, episode_start desc
            ) as last_episode
        from {{ with_spell_start(ref('int_care__looked_after_episode'), ['child_id'], 'episode_start', 'episode_end') }} as episode
    ) as numbered
    group by child_id, spell_start
),

in_need as (
    select *
    from {{ first_rows(ref('stg_cin__cin_details'), ['la_child_id', 'referral_date'], 'collection_year desc') }}
    where not coalesce(referral_no_further_action, false)
),

protection as (
    select *
    from {{ first_rows(ref('stg_cin__child_protection_plan'), ['la_child_id', 'plan_start'], 'collection_year desc') }}
),

spell as (
    select
        'ssda903' as source,
        child_id,
        'looked_after' as kind,
        start_date,
        end_date,
        category_of_need,
        placement_type,
        legal_status,
        return_year,
        record_count,
        source_file,
        source_row
    from looked_after
    union all
    select
        'cin',
        in_need.la_child_id,
        'child_in_need',
        in_need.referral_date,
        coalesce(
            in_need.closure_date,
            case when in_need.collection_year < last_census.collection_year then {{ date_of('in_need.collection_year', 3, 31) }} end
        ),
        in_need.primary_need_code,
        null,
        null,
        in_need.collection_year,
        1,
        in_need._source_file,
        in_need._source_row
    from in_need
    cross join last_census
    union all
    select
        'cin',
        protection.la_child_id,
        'child_protection',
        protection.plan_start,
        coalesce(
            protection.plan_end,
            case when protection.collection_year < last_census.collection_year then {{ date_of('protection.collection_year', 3, 31) }} end
        ),
        coalesce(protection.latest_category, protection.initial_category),
        null,
        null,
        protection.collection_year,
        1,
        protection._source_file,
        protection._source_row
    from protection
    cross join last_census
)

select
    {{ key('care_episode', ['spell.source', 'spell.kind', 'spell.child_id', 'spell.start_date']) }} as care_episode_key,
    identity.person_key,
    spell.kind,
    spell.start_date,
    spell.end_date,
    spell.category_of_need,
    spell.placement_type,
    spell.legal_status,
    spell.return_year,
    cast(spell.record_count as integer) as record_count,
    spell.source_file,
    spell.source_row
from spell
inner join {{ ref('bridge_person_identity') }} as identity
    on spell.source = identity.source and spell.child_id = identity.source_person_id
