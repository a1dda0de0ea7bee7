-- One row per cell that did not parse or lies outside its code set or format. No values: the file and row say where to look.
with issue as (
    {% for source_name, entity in staged_extracts() %}
    {{ cell_issues(source_name, entity) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    source,
    entity,
    split_part(issue, ':', 1) as column_name,
    split_part(issue, ':', 2) as problem,
    receipt_id,
    source_file,
    source_row
from issue
