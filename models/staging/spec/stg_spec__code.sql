-- Every official code of every set that an extract names; the invented council counts only in a demonstration.
{% for code_set in code_sets() %}
select
    '{{ code_set }}' as code_set,
    code,
    label,
    first_year,
    last_year,
    parent_code
from {{ ref('code_' ~ code_set) }}
{% if not var('demonstration') %}where coalesce(certainty, '') <> 'demonstration'{% endif %}
{% if not loop.last %}union all{% endif %}
{% endfor %}
