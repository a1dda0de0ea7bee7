-- ONS Postcode Directory, old and new column names.
{{ staged('geography', 'postcode') }}
