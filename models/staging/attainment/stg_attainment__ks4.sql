-- Key stage 4, one row per pupil and school, in NPD's names.
{{ staged('attainment', 'ks4') }}
