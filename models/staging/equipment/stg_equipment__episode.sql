-- One row per episode of a service for a child.
{{ staged('equipment', 'episode') }}
