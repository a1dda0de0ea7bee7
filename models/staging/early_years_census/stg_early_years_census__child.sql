-- One row per child and setting in the week of the census.
{{ staged('early_years_census', 'child') }}
