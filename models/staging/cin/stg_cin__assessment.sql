-- One row per assessment of an episode of need.
{{ staged('cin', 'assessment') }}
