-- One row per episode: a change of placement or legal status.
{{ staged('ssda903', 'episodes') }}
