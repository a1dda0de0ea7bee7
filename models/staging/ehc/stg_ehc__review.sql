-- One row per annual, interim or phase transfer review.
{{ staged('ehc', 'review') }}
