-- Names of 2021 MSOAs that people know (House of Commons Library).
{{ staged('geography', 'msoa_name') }}
