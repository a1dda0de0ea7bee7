-- One row per child and review due.
{{ staged('health_visiting', 'review') }}
