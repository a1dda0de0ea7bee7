-- One row per link between establishments (predecessor, successor).
{{ staged('gias', 'link') }}
