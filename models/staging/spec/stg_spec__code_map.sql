-- What may be delivered for a code, by source: the official code in any letter case, or a row of the source's crosswalk,
-- which wins (a system may use an official code for something else).
with crosswalk as (
    {% for source_name, code_set in crosswalks() %}
    select '{{ source_name }}' as source, '{{ code_set }}' as code_set, upper(local_value) as delivered, code
    from {{ ref('xwalk_' ~ source_name ~ '_' ~ code_set) }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

source_name as (
    {% for source_name in staged_extracts() | map(attribute=0) | unique %}
    select '{{ source_name }}' as source
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

official as (
    select distinct source_name.source, code.code_set, upper(code.code) as delivered, code.code
    from {{ ref('stg_spec__code') }} as code
    cross join source_name
)

select source, code_set, delivered, code, 'crosswalk' as mapped_by
from crosswalk
union all
select official.source, official.code_set, official.delivered, official.code, 'code' as mapped_by
from official
left join crosswalk
    on official.source = crosswalk.source
    and official.code_set = crosswalk.code_set
    and official.delivered = crosswalk.delivered
where crosswalk.code is null
