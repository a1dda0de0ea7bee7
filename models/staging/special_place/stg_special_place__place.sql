-- One row per special school, academic year, need and phase.
{{ staged('special_place', 'place') }}
