select
    issue.source,
    issue.entity,
    issue.column_name,
    issue.problem,
    count(*) as row_count,
    counts.rows_staged,
    count(*) * 1.0 / nullif(counts.rows_staged, 0) as row_share
from {{ ref('rpt_quality__cell_issue') }} as issue
left join {{ ref('quality__core_count') }} as counts on issue.source = counts.source and issue.entity = counts.entity
group by issue.source, issue.entity, issue.column_name, issue.problem, counts.rows_staged
