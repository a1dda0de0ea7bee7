-- Learning difficulties, disabilities and health problems of a learner.
{{ staged('ilr', 'lldd') }}
