-- Best fit of 2021 LSOA to ward and district.
{{ staged('geography', 'lsoa_ward') }}
