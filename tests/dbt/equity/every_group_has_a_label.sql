-- What: every group and area of a metric has a label. It matters because a code in a report is a question to the analyst.
-- Resolve: add the value to warehouse/spec/metrics/subgroup_value.csv, or the code to its code set.
select distinct metrics.subgroup_set, metrics.subgroup_value
from {{ ref('fct_metric') }} as metrics
left join {{ ref('equity__subgroup') }} as groups
    on groups.breakdown = metrics.subgroup_set and groups.breakdown_value = metrics.subgroup_value
where groups.breakdown_value is null
union all
select distinct metrics.area_level, metrics.area_code
from {{ ref('fct_metric') }} as metrics
left join {{ ref('equity__subgroup') }} as areas
    on areas.breakdown = metrics.area_level and areas.breakdown_value = metrics.area_code
where areas.breakdown_value is null
