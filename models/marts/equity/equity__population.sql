-- Residents aged 0 to 24 in every group that the population table knows.
with residents as (
    select
        district_code,
        coalesce(cast(idaci_quintile_county as {{ dbt.type_string() }}), 'unknown') as idaci_quintile,
        age_band,
        sum(persons) as persons
    from {{ ref('fct_population') }}
    group by district_code, idaci_quintile_county, age_band
)

{% for set, value in [('all', "'all'"), ('district', 'district_code'), ('idaci_quintile', 'idaci_quintile'), ('age_band', 'age_band')] -%}
select '{{ set }}' as subgroup_set, {{ value }} as subgroup_value, age_band, sum(persons) as persons
from residents
group by {{ value if value != "'all'" else 'age_band' }}{{ ', age_band' if set in ('district', 'idaci_quintile') }}
{% if not loop.last %}union all{% endif %}
{% endfor %}
