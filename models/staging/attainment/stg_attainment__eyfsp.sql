-- Early years foundation stage profile, one row per pupil: 17 goals, each 1 emerging, 2 expected, A not assessed.
{{ staged('attainment', 'eyfsp') }}
