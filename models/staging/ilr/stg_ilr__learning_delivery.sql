-- Aims of a learner.
{{ staged('ilr', 'learning_delivery') }}
