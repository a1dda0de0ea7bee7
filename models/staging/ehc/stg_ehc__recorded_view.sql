-- One row per time that the views of a child or parent were recorded.
{{ staged('ehc', 'recorded_view') }}
