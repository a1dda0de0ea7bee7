-- One row per postcode: where it lies on 2021 boundaries. An older directory knows only the 2011 small area: its 2021
-- successor is taken where there is exactly one. Ward and district follow the small area, so that they are of one vintage
-- with dim_area; the directory's own are used where the small area is not known.
with successor as (
    select lsoa11_code, min(lsoa21_code) as lsoa21_code
    from {{ ref('stg_geography__lsoa_change') }}
    group by lsoa11_code
    having count(distinct lsoa21_code) = 1
),

placed as (
    select
        postcode.postcode,
        postcode.introduced,
        postcode.terminated,
        postcode.ward_code,
        postcode.district_code,
        postcode.easting,
        postcode.northing,
        postcode.latitude,
        postcode.longitude,
        coalesce(postcode.lsoa21_code, successor.lsoa21_code) as lsoa21_code
    from {{ ref('stg_geography__postcode') }} as postcode
    left join successor on postcode.lsoa11_code = successor.lsoa11_code
)

select
    {{ to_postcode('placed.postcode') }} as postcode,
    placed.introduced,
    placed.terminated,
    placed.lsoa21_code,
    coalesce(lsoa_ward.ward_code, placed.ward_code) as ward_code,
    coalesce(lsoa_ward.district_code, placed.district_code) as district_code,
    placed.easting,
    placed.northing,
    placed.latitude,
    placed.longitude
from placed
left join {{ ref('stg_geography__lsoa_ward') }} as lsoa_ward on placed.lsoa21_code = lsoa_ward.lsoa21_code
