-- Residents aged 0 to 24 by single year of age, in every area and group that the population table knows.
with resident as (
    select
        population.age,
        population.age_band,
        population.persons,
        coalesce(area.district_code, 'unknown') as district,
        coalesce(area.locality_code, 'unknown') as locality,
        coalesce(area.ward_code, 'unknown') as ward,
        coalesce(area.msoa_code, 'unknown') as msoa,
        population.lsoa21_code as lsoa,
        {% for column in ['idaci_quintile_county', 'idaci_decile_county', 'imd_decile_county', 'idaci_decile', 'imd_decile'] -%}
        coalesce({{ tenth('area.' ~ column) }}, 'unknown') as {{ column.replace('quintile_county', 'quintile') }}
        {{- ',' if not loop.last }}
        {% endfor %}
    from {{ ref('fct_population') }} as population
    inner join {{ ref('dim_area') }} as area on area.area_level = 'lsoa' and area.area_code = population.lsoa21_code
)

select
    age,
    {{ metric_group_columns(area_columns_of_population(), subgroup_columns_of_population()) }},
    sum(persons) as persons
from resident
group by {{ metric_grouping_sets(
    ['age'], area_columns_of_population(), area_columns_by_subgroup(), subgroup_columns_of_population()
) }}
