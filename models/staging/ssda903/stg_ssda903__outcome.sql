-- One row per child looked after for a year: health, development, offending (OC2).
{{ staged('ssda903', 'outcome') }}
