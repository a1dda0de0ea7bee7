-- One row per move and school consulted.
{{ staged('admission', 'consultation') }}
