-- Usual residents by LSOA and single year of age.
{{ staged('geography', 'population') }}
