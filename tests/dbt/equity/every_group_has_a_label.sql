-- What: every group of a published metric has a label. It matters because a code in a report is a question to the analyst.
-- Resolve: add the value to warehouse/spec/metrics/subgroup_value.csv, or the code to its code set.
select distinct metrics.subgroup_set, metrics.subgroup_value
from {{ ref('equity__metric') }} as metrics
left join {{ ref('equity__subgroup') }} as groups
    on groups.subgroup_set = metrics.subgroup_set and groups.subgroup_value = metrics.subgroup_value
where groups.subgroup_value is null
