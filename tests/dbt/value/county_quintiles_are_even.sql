-- What: county quintiles or deciles that differ by more than one area in size. When: the ranking was split or took in other areas.
-- It endangers: every figure by deprivation. Resolve: look at county_rank in dim_area.
{% for column in ['imd_quintile_county', 'imd_decile_county', 'idaci_quintile_county', 'idaci_decile_county'] %}
select '{{ column }}' as ranked_by, min(area_count) as smallest, max(area_count) as largest
from (
    select {{ column }}, count(*) as area_count
    from {{ ref('dim_area') }}
    where area_level = 'lsoa' and {{ column }} is not null
    group by {{ column }}
) as counted
having max(area_count) - min(area_count) > 1
{{ 'union all' if not loop.last }}
{% endfor %}
