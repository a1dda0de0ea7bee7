-- One row per assessment, of a request.
{{ staged('sen2_return', 'assessment') }}
