-- Multiplication tables check, one row per pupil.
{{ staged('attainment', 'mtc') }}
