-- 2021 LSOA to 2021 MSOA, by output area or by LSOA.
{{ staged('geography', 'lsoa_msoa') }}
