-- The years that are made here, and those of which a return has landed instead. Whatever day a return's file bears, it is
-- known once its census day is over, so that a look back at an earlier day does not see it.
select
    collection_year,
    census_day,
    {{ date_of('collection_year - 1', 1, 1) }} as year_start,
    {{ date_of('collection_year - 1', 12, 31) }} as year_end,
    deadline,
    is_provisional,
    note,
    case when collection_year in ({{ made_years() }}) then 'made' else 'landed' end as record_origin
from {{ ref('collection') }}
where
    collection_year in ({{ made_years() }})
    or (
        census_day <= {{ date_var('as_at') }}
        and collection_year in (select returned.collection_year from {{ ref('fct_returned_header') }} as returned)
    )
