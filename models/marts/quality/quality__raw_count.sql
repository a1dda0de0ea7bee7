-- Raw rows of the files that count, counted in the Parquet files themselves and not in the receipts.
{% for source_name, entity in staged_extracts() %}
select '{{ source_name }}' as source, '{{ entity }}' as entity, count(*) as rows_current
from {{ source(source_name, entity) }} as delivered
inner join {{ ref('stg_landing__current_file') }} as files on delivered._receipt_id = files.receipt_id
{{ 'union all' if not loop.last }}
{% endfor %}
