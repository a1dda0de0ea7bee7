-- One row per district: its county, and whether that is this council. A unitary or a London borough is its own county.
with council as (
    select county_code
    from {{ first_rows(
        ref('stg_geography__local_authority'), ['la_code'],
        'coalesce(last_year, 9999) desc, coalesce(first_year, 0) desc, county_code desc'
    ) }} as latest
    where la_code = '{{ var("la_code") }}'
)

select
    district_county.district_code,
    district_county.district_name,
    district_county.county_code,
    district_county.county_name,
    coalesce(district_county.county_code = council.county_code, false) as in_county
from {{ ref('stg_geography__district_county') }} as district_county
left join council on district_county.county_code = council.county_code
