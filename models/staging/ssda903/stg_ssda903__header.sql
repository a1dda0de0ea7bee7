-- One row per child looked after in the year.
{{ staged('ssda903', 'header') }}
