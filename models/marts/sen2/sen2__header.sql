-- The header of each collection year's return. The file is dated by the as-at date, so that it comes out the same tomorrow.
with header as (
    select
        collection_year,
        census_day,
        is_provisional,
        '{{ var("officer_dmo") }}' as dmo,
        '{{ var("officer_dco") }}' as dco,
        '{{ var("officer_dsco") }}' as dsco
    from {{ ref('dim_collection') }}
    where record_origin = 'made'
)

select
    collection_year,
    is_provisional,
    {{ date_var('as_at') }} as as_at_date,
    'SEN2' as "Collection",
    cast(collection_year as {{ dbt.type_string() }}) as "Year",
    census_day as "ReferenceDate",
    'L' as "SourceLevel",
    '{{ var("la_code") }}' as "LEA",
    '{{ var("software_code") }}' as "SoftwareCode",
    '{{ var("software_release") }}' as "Release",
    '{{ var("serial_number") }}' as "SerialNo",
    '{{ var("return_made_at") }}' as "DateTime",
    dmo as "DMO",
    dco as "DCO",
    {{ sen2_in_year('source', 'DSCO', 'collection_year', 'dsco') }} as "DSCO"
from header
{{ and_returned('header', ', collection.is_provisional, ' ~ date_var('as_at') ~ ' as as_at_date') }}
