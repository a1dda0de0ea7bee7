-- One row per child placed for adoption.
{{ staged('ssda903', 'adoption_placement') }}
