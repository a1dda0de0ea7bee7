-- One row per time that a child was missing or away without authorisation.
{{ staged('ssda903', 'missing') }}
