-- One row per occasion on which families helped to shape services (the log of co-production).
{{ staged('ehc', 'participation') }}
