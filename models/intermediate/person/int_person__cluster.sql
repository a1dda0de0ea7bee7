-- Children of all sources, joined where they share evidence. Every child starts with a number of its own and takes, round by
-- round, the lowest number found through any of its evidence: after as many rounds, a chain of as many links has met.
-- tests/dbt/integrity/person_cluster_has_settled.sql fails should a longer chain ever appear.
-- The lowest number of a cluster is its canonical child: the case system's own where there is one.
with child as (
    select
        source,
        source_person_id,
        row_number() over (
            order by
                case source when 'ehc' then 1 when 'school_census' then 2 when 'ssda903' then 3 when 'cin' then 4 else 5 end,
                source_person_id
        ) as child_number
    from (select distinct source, source_person_id from {{ ref('int_person__record') }}) as distinct_child
),

link as (
    select distinct child.child_number, evidence.value
    from {{ ref('int_person__evidence') }} as evidence
    inner join child on evidence.source = child.source and evidence.source_person_id = child.source_person_id
),

round_0 as (
    select distinct child_number, child_number as label from link
),
{% for number in range(1, var('linkage_rounds', 6) + 1) %}
value_{{ number }} as (
    select link.value, min(round_{{ number - 1 }}.label) as label
    from link
    inner join round_{{ number - 1 }} on link.child_number = round_{{ number - 1 }}.child_number
    group by link.value
),

round_{{ number }} as (
    select link.child_number, min(value_{{ number }}.label) as label
    from link
    inner join value_{{ number }} on link.value = value_{{ number }}.value
    group by link.child_number
),
{% endfor %}
labelled as (
    select child.source, child.source_person_id, coalesce(settled.label, child.child_number) as label
    from child
    left join round_{{ var('linkage_rounds', 6) }} as settled on child.child_number = settled.child_number
)

select
    labelled.source,
    labelled.source_person_id,
    canonical.source as canonical_source,
    canonical.source_person_id as canonical_person_id,
    {{ key('person', ['canonical.source', 'canonical.source_person_id']) }} as person_key
from labelled
inner join child as canonical on labelled.label = canonical.child_number
