-- English Indices of Deprivation 2025 by 2021 LSOA (File 3 or File 7).
{{ staged('geography', 'deprivation') }}
