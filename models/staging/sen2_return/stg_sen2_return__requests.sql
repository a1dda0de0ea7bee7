-- One row per request of a person.
{{ staged('sen2_return', 'requests') }}
