-- One row per order that deprives a child of liberty.
{{ staged('ssda903', 'deprivation_of_liberty') }}
