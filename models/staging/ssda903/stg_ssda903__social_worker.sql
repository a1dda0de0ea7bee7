-- One row per child and social worker.
{{ staged('ssda903', 'social_worker') }}
