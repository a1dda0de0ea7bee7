-- One row per line of the high needs block and financial year.
{{ staged('finance', 'high_needs_spend') }}
