-- One row per child or young person known to the service.
{{ staged('ehc', 'person') }}
