-- One row per establishment, open or closed.
{{ staged('gias', 'establishment') }}
