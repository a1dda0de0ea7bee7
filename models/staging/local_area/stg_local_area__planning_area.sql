-- School planning areas by school and phase.
{{ staged('local_area', 'planning_area') }}
