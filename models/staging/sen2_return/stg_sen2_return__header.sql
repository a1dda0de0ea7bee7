-- One row per return.
{{ staged('sen2_return', 'header') }}
