-- One row per child, school and financial year.
{{ staged('finance', 'top_up') }}
