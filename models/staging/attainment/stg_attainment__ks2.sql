-- Key stage 2, one row per pupil, in NPD's names.
{{ staged('attainment', 'ks2') }}
