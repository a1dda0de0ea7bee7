-- One row per person of a return.
{{ staged('sen2_return', 'person') }}
