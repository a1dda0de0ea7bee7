-- One row per child and run.
{{ staged('transport', 'run') }}
