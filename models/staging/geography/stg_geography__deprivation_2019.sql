-- English Indices of Deprivation 2019 by 2011 LSOA (File 3 or File 7).
{{ staged('geography', 'deprivation_2019') }}
