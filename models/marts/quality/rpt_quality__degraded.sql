-- Which tables rest on an extract that is not fresh, by the models' own lineage. They are built all the same: of an absent extract
-- they hold nothing, of one that is late, refused or quarantined what came last. Children are joined across all sources, so a table of
-- people rests on every extract that names them, if only to say who is who: rests_by tells the two apart. Reports on quality are left out: they say it themselves.
-- All metrics are in one table, and which of them rests on what is in equity__metric_extract.
{% set pairs = extracts_behind(['core', 'sen2', 'inspection']) if execute else [['', '', '', '', '']] %}
with lineage (table_schema, table_name, source, entity, rests_by) as (
    values
    {% for schema_name, table_name, source_name, entity, rests_by in pairs %}
    ('{{ schema_name }}', '{{ table_name }}', '{{ source_name }}', '{{ entity }}', '{{ rests_by }}'){{ ',' if not loop.last }}
    {% endfor %}
),

-- Of several suppliers the one that is worst off.
standing as (
    select
        source,
        entity,
        case
            when sum(case when standing = 'refused' then 1 else 0 end) > 0 then 'refused'
            when sum(case when standing = 'absent' then 1 else 0 end) > 0 then 'absent'
            when sum(case when standing = 'quarantined' then 1 else 0 end) > 0 then 'quarantined'
            else 'late'
        end as standing
    from {{ ref('rpt_quality__freshness') }}
    where standing <> 'fresh'
    group by source, entity
)

select lineage.table_schema, lineage.table_name, lineage.source, lineage.entity, standing.standing, lineage.rests_by
from lineage
inner join standing on lineage.source = standing.source and lineage.entity = standing.entity
