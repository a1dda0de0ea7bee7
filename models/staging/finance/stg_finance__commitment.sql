-- One row per commitment for a placement and financial year.
{{ staged('finance', 'commitment') }}
