-- Phonics screening check, one row per pupil.
{{ staged('attainment', 'phonics') }}
