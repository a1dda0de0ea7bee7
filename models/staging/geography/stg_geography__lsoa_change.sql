-- 2011 LSOA to 2021 LSOA with change code (U, S, M, X).
{{ staged('geography', 'lsoa_change') }}
