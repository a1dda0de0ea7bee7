select
    collection_year,
    census_day,
    {{ date_of('collection_year - 1', 1, 1) }} as year_start,
    {{ date_of('collection_year - 1', 12, 31) }} as year_end,
    deadline,
    is_provisional,
    note
from {{ ref('collection') }}
where collection_year in ({{ var('collection_years') | join(', ') }})
