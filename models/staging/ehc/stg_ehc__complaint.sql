-- One row per complaint and stage.
{{ staged('ehc', 'complaint') }}
