-- One row per area of a file of boundaries.
{{ staged('boundary', 'area') }}
