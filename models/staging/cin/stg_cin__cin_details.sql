-- One row per episode of need.
{{ staged('cin', 'cin_details') }}
