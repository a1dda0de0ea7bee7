-- One row per child: identifiers and characteristics.
{{ staged('cin', 'child') }}
