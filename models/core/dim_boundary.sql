-- What kind of area and of which year is in the name of the property that holds its code: LSOA21CD, WD25CD, LAD23CD.
-- The same area can stand in several layers; its year is part of it, for boundaries of 2011 and 2021 are two different areas.
with area as (
    select
        *,
        lower(substr(code_property, 1, length(code_property) - 4)) as prefix,
        2000 + {{ to_integer('substr(code_property, length(code_property) - 3, 2)') }} as boundary_year
    from {{ ref('stg_boundary__area') }}
)

select
    {{ key('boundary', ['layer', 'area_code']) }} as boundary_key,
    layer,
    case prefix
        when 'wd' then 'ward'
        when 'lad' then 'district'
        when 'ctyua' then 'county'
        when 'utla' then 'county'
        when 'cty' then 'county'
        else prefix
    end as area_level,
    cast(boundary_year as integer) as boundary_year,
    area_code,
    coalesce(area_name, area_code) as area_name,
    crs,
    geometry,
    _source_file as source_file,
    _source_row as source_row
from area
