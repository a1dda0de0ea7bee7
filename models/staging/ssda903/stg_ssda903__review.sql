-- One row per review of a looked-after child.
{{ staged('ssda903', 'review') }}
