-- One row per child and disability recorded.
{{ staged('cin', 'disability') }}
