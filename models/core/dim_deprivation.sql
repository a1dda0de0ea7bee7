-- The indices of 2019 beside those of 2025, on the small areas of 2021. Those of 2019 were made for the areas of 2011 and reach an area of
-- 2021 through the look-up of changes alone: one that stayed, or is part of one that was split, has the rank of its 2011 area; one that
-- was put together or redrawn has none, for a rank of several places is no rank. Ranks of two editions count different numbers of areas.
with carried as (
    select
        change.lsoa21_code,
        case
            when count(*) > 1 then 'merged'
            when min(change.change_code) = 'U' then 'unchanged'
            when min(change.change_code) = 'S' then 'split'
            else 'redrawn'
        end as area_change,
        min(deprivation.imd_rank) as imd_rank,
        min(deprivation.imd_decile) as imd_decile,
        min(deprivation.idaci_rank) as idaci_rank,
        min(deprivation.idaci_decile) as idaci_decile
    from {{ ref('stg_geography__lsoa_change') }} as change
    inner join {{ ref('stg_geography__deprivation_2019') }} as deprivation on change.lsoa11_code = deprivation.lsoa11_code
    group by change.lsoa21_code
)

select
    2025 as index_year,
    lsoa21_code,
    'own' as area_change,
    imd_rank,
    imd_decile,
    idaci_rank,
    idaci_decile
from {{ ref('stg_geography__deprivation') }}
union all
select
    2019,
    lsoa21_code,
    area_change,
    {% for column in ['imd_rank', 'imd_decile', 'idaci_rank', 'idaci_decile'] -%}
    case when area_change in ('unchanged', 'split') then {{ column }} end as {{ column }}{{ ',' if not loop.last }}
    {% endfor -%}
from carried
