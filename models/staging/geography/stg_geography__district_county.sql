-- District to upper-tier council (district and county codes).
{{ staged('geography', 'district_county') }}
