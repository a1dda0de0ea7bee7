-- One row per child who started to be looked after: earlier permanence.
{{ staged('ssda903', 'previous_permanence') }}
