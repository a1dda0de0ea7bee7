-- One row per child adopted (AD1).
{{ staged('ssda903', 'adoption') }}
